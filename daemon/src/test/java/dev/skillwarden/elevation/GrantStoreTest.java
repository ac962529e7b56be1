package dev.skillwarden.elevation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.elevation.GrantRefusedException.Code;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.skill.SkillId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrantStoreTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final TestKeys KEYS = TestKeys.generate();
  private static final SkillId BUDGET = SkillId.parse("finance/budget-approval");

  private final Random random = new Random(11);
  private volatile Instant now = NOON;

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("elevations.json");
  }

  private GrantStore open() throws IOException {
    return open(new GrantStore.Rules(true, KEYS.trusted(), "asset-7"));
  }

  private GrantStore open(GrantStore.Rules rules) throws IOException {
    return GrantStore.open(file(), rules, () -> now);
  }

  private Grant.Terms terms(Instant from, Duration lasting) {
    return Grant.Terms.of("asset-7", from, from.plus(lasting), "audit", random);
  }

  private Grant.Skills grant(Instant from, Duration lasting, int uses) {
    return new Grant.Skills(
        terms(from, lasting),
        "finance",
        Optional.of("budget-approval"),
        "ana",
        Optional.empty(),
        uses);
  }

  private static Code refusal(GrantStore store, String document) {
    return assertThrows(GrantRefusedException.class, () -> store.take("x", document, true, "bob"))
        .code();
  }

  private boolean opens(Caller caller) {
    return caller.elevations().stream().anyMatch(e -> e.covers(BUDGET, now));
  }

  private boolean opens(GrantStore store) {
    return store.of("ana").stream().anyMatch(e -> e.covers(BUDGET, now));
  }

  @Test
  void holdsForItsAccountUntilItExpiresAcrossRestarts() throws Exception {
    GrantStore first = open();
    Grant.Skills grant = grant(NOON, Duration.ofHours(1), 5);
    Held held = first.take("e1", KEYS.sign(grant), true, "bob");
    Elevation expected =
        new Elevation(
            "e1",
            "ana",
            "finance",
            Optional.of("budget-approval"),
            "audit",
            "bob",
            NOON,
            NOON.plusSeconds(3600),
            Optional.empty());
    assertEquals(List.of(expected), first.of("ana"));
    assertEquals(List.of(), first.of("bob"));
    assertEquals(List.of(held), open().held());
    now = NOON.plusSeconds(3599);
    assertTrue(opens(open()));
    now = NOON.plusSeconds(3600);
    assertFalse(opens(first), "on time, without a restart");
    assertFalse(opens(open()));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
  }

  @Test
  void doesNotHoldBeforeItsTime() throws Exception {
    GrantStore store = open();
    store.take("e1", KEYS.sign(grant(NOON.plusSeconds(60), Duration.ofHours(1), 5)), true, "ana");
    assertFalse(opens(store));
    assertEquals(Optional.empty(), store.use(Set.of("e1")));
    now = NOON.plusSeconds(60);
    assertTrue(opens(store));
  }

  @Test
  void isTakenOnceAndOnItsMachineOnly() throws Exception {
    String note = KEYS.sign(grant(NOON, Duration.ofHours(1), 5));
    GrantStore store = open();
    store.take("e1", note, true, "ana");
    assertEquals(Code.REPLAYED, refusal(store, note));
    assertEquals(Code.REPLAYED, refusal(open(), note));
    GrantStore elsewhere =
        GrantStore.open(
            directory.resolve("other.json"),
            new GrantStore.Rules(true, KEYS.trusted(), "asset-8"),
            () -> now);
    assertEquals(Code.DEVICE, refusal(elsewhere, note));
    GrantStore unnamed =
        GrantStore.open(
            directory.resolve("unnamed.json"),
            new GrantStore.Rules(true, KEYS.trusted(), GrantStore.UNNAMED),
            () -> now);
    Grant.Terms t = Grant.Terms.of(GrantStore.UNNAMED, NOON, NOON.plusSeconds(9), "r", random);
    assertEquals(Code.DEVICE, refusal(unnamed, KEYS.sign(new Grant.BreakGlass(t))));
  }

  @Test
  void usedUpGrantsAreNotTakenAgainEither() throws Exception {
    String note = KEYS.sign(grant(NOON, Duration.ofHours(1), 1));
    GrantStore store = open();
    store.take("e1", note, true, "ana");
    assertTrue(store.use(Set.of("e1")).isPresent());
    assertFalse(opens(store));
    assertEquals(Optional.empty(), store.use(Set.of("e1")));
    assertEquals(Code.REPLAYED, refusal(open(), note));
    assertFalse(opens(open()));
  }

  @Test
  void afterItsExpiryItIsForgottenAndRefused() throws Exception {
    String note = KEYS.sign(grant(NOON, Duration.ofHours(1), 5));
    GrantStore store = open();
    Held held = store.take("e1", note, true, "ana");
    assertEquals(List.of(), store.expire());
    now = NOON.plusSeconds(3600);
    assertEquals(List.of(held), store.expire());
    assertEquals(List.of(), store.expire());
    assertEquals(Code.EXPIRED, refusal(store, note));
    assertFalse(Files.readString(file()).contains(held.grant().terms().nonce()));
  }

  /// The clock goes back, with and without a restart, and gives nothing back.
  @Test
  void aClockThatGoesBackRevivesNothing() throws Exception {
    String note = KEYS.sign(grant(NOON, Duration.ofHours(1), 5));
    GrantStore store = open();
    store.take("e1", note, true, "ana");
    now = NOON.plusSeconds(3601);
    assertEquals(1, store.expire().size());
    now = NOON.plusSeconds(10);
    assertFalse(opens(store));
    assertEquals(Code.EXPIRED, refusal(store, note));
    assertFalse(opens(open()));
    assertEquals(Code.EXPIRED, refusal(open(), note));
  }

  /// A machine that is switched off loses a minute at most.
  @Test
  void theHighestTimeIsKeptWhileGrantsAreHeld() throws Exception {
    GrantStore store = open();
    store.take("e1", KEYS.sign(grant(NOON, Duration.ofHours(1), 5)), true, "ana");
    now = NOON.plusSeconds(1800);
    store.expire();
    now = NOON;
    assertEquals(NOON.plusSeconds(1800), open().now());
  }

  /// 32 callers want the 10 uses there are; as many get one, and the disk knows.
  @Test
  void usesAreCountedUnderConcurrency() throws Exception {
    GrantStore store = open();
    store.take("e1", KEYS.sign(grant(NOON, Duration.ofHours(1), 10)), true, "ana");
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> tries =
          IntStream.range(0, 32)
              .mapToObj(i ->
                  threads.submit(() -> {
                    go.await();
                    return store.use(Set.of("e1")).isPresent();
                  }))
              .toList();
      go.countDown();
      int taken = 0;
      for (Future<Boolean> one : tries) {
        taken += one.get() ? 1 : 0;
      }
      assertEquals(10, taken);
    }
    assertEquals(List.of(10), open().held().stream().map(Held::used).toList());
  }

  @Test
  void usesAreTakenAllOrNone() throws Exception {
    GrantStore store = open();
    store.take("e1", KEYS.sign(grant(NOON, Duration.ofHours(1), 5)), true, "ana");
    store.take("e2", KEYS.sign(grant(NOON, Duration.ofHours(1), 1)), true, "ana");
    assertEquals(2, store.use(Set.of("e1", "e2")).orElseThrow().size());
    assertEquals(Optional.empty(), store.use(Set.of("e1", "e2")));
    assertEquals(Optional.empty(), store.use(Set.of("e1", "unknown")));
    assertEquals(List.of(1, 1), store.held().stream().map(Held::used).toList());
  }

  @Test
  void whatCannotBeKeptDoesNotCount() throws Exception {
    GrantStore store = open();
    store.take("e1", KEYS.sign(grant(NOON, Duration.ofHours(1), 5)), true, "ana");
    Files.createDirectories(file().resolveSibling("elevations.json.tmp/in-the-way"));
    assertThrows(IOException.class, () -> store.use(Set.of("e1")));
    String another = KEYS.sign(grant(NOON, Duration.ofHours(1), 5));
    assertThrows(IOException.class, () -> store.take("e2", another, true, "ana"));
    assertEquals(List.of(0), store.held().stream().map(Held::used).toList());
    now = NOON.plusSeconds(3600);
    assertThrows(IOException.class, store::expire);
    assertFalse(opens(store));
  }

  /// Its nonce goes too, so that nothing as old is taken when the key comes back.
  @Test
  void aGrantGoesWithItsKey() throws Exception {
    String note = KEYS.sign(grant(NOON.minusSeconds(1), Duration.ofHours(1), 5));
    open().take("e1", note, true, "ana");
    TestKeys others = TestKeys.generate();
    GrantStore other = open(new GrantStore.Rules(true, others.trusted(), "asset-7"));
    assertFalse(opens(other));
    other.take("e2", others.sign(grant(NOON, Duration.ofHours(1), 5)), true, "ana");
    assertEquals(Code.TOO_OLD, refusal(open(), note));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "{}",
        "[]",
        "\u0000",
        "{\"format\":2,\"highest_time\":\"2026-01-02T11:00:00Z\",\"floor\":\"2026-01-02T11:00:00Z\",\"grants\":[]}",
        "{\"format\":1,\"highest_time\":\"later\",\"floor\":\"2026-01-02T11:00:00Z\",\"grants\":[]}",
        "{\"format\":1,\"highest_time\":\"2026-01-02T11:00:00Z\",\"floor\":\"2026-01-02T11:00:00Z\",\"grants\":[{\"id\":\"e\"}]}"
      })
  void aDamagedFileHoldsNothingAndLetsNothingOldIn(String content) throws Exception {
    Files.writeString(file(), content);
    GrantStore store = open();
    assertEquals(List.of(), store.held());
    assertEquals(content, Files.readString(directory.resolve("elevations.json.damaged")));
    String before = KEYS.sign(grant(NOON.minusSeconds(1), Duration.ofHours(1), 5));
    assertEquals(Code.TOO_OLD, refusal(store, before), "it may have been taken before");
    assertEquals(Code.TOO_OLD, refusal(open(), before));
    store.take("e1", KEYS.sign(grant(NOON, Duration.ofHours(1), 5)), true, "ana");
    assertTrue(opens(open()));
  }

  /// Written by hand, without a signature or with that of nobody.
  @Test
  void aForgedFileOpensNothing() throws Exception {
    GrantStore trusting = open(new GrantStore.Rules(false, KEYS.trusted(), "asset-7"));
    trusting.take("e1", grant(NOON, Duration.ofHours(1), 5).document(), false, "root");
    trusting.take("e2", KEYS.sign(grant(NOON, Duration.ofHours(1), 5)), true, "root");
    assertEquals(2, trusting.of("ana").size());
    assertEquals(List.of("e2"), open().of("ana").stream().map(Elevation::id).toList());
    Files.writeString(
        file(), Files.readString(file()).replace("\"signed\":false", "\"signed\":true"));
    assertEquals(List.of("e2"), open().of("ana").stream().map(Elevation::id).toList());
  }

  @Test
  void withoutASignatureNothingIsTakenWhereOneIsRequired() throws Exception {
    GrantStore store = open();
    String document = grant(NOON, Duration.ofHours(1), 5).document();
    GrantRefusedException e =
        assertThrows(GrantRefusedException.class, () -> store.take("e1", document, false, "root"));
    assertEquals(Code.UNSIGNED, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("skillwarden elevate issue"));
    assertEquals(Code.SIGNATURE, refusal(store, document));
  }

  @Test
  void aGrantOfASessionOpensNothingOutsideIt() throws Exception {
    GrantStore store = open();
    Grant.Skills grant =
        new Grant.Skills(
            terms(NOON, Duration.ofHours(1)),
            "finance",
            Optional.empty(),
            "ana",
            Optional.of("s-1"),
            5);
    store.take("e1", KEYS.sign(grant), true, "ana");
    assertFalse(opens(store));
    Caller ana = new Caller("ana", "", Set.of("finance"), store.of("ana"), false);
    assertEquals(
        List.of(true, false, false),
        Stream.of("s-1", "s-2", "").map(s -> opens(ana.in(s))).toList());
  }

  @Test
  void breakGlassHoldsForItsTimeAcrossRestarts() throws Exception {
    GrantStore store = open();
    Grant grant = new Grant.BreakGlass(terms(NOON.plusSeconds(60), Duration.ofHours(4)));
    Held held = store.take("e1", KEYS.sign(grant), true, "ana");
    assertEquals(Optional.empty(), store.breakGlass());
    assertEquals(Optional.empty(), store.use(Set.of("e1")), "it opens no skill");
    assertEquals(List.of(), store.of("ana"));
    now = NOON.plusSeconds(60);
    assertEquals(Optional.of(held), store.breakGlass());
    assertEquals(Optional.of(held), open().breakGlass());
    now = NOON.plusSeconds(60 + 4 * 3600);
    assertEquals(Optional.empty(), store.breakGlass());
    assertEquals(Optional.empty(), open().breakGlass());
  }

  @Test
  void isBounded() throws Exception {
    GrantStore store = open(new GrantStore.Rules(false, KEYS.trusted(), "asset-7"));
    for (int i = 0; i < GrantStore.MAX_HELD; i++) {
      store.take("e" + i, grant(NOON, Duration.ofHours(1), 5).document(), false, "root");
    }
    assertEquals(Code.FULL, refusal(store, KEYS.sign(grant(NOON, Duration.ofHours(1), 5))));
  }
}
