package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.elevation.Grant;
import dev.skillwarden.elevation.GrantStore;
import dev.skillwarden.elevation.TestKeys;
import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.ShortIds;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.journal.JournalEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ElevationDeskTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final TestKeys KEYS = TestKeys.generate();
  private static final Caller BOB = new Caller("bob", "", Set.of(), List.of(), false);
  private static final Caller ROOT = new Caller("root", "", Set.of(), List.of(), true);

  private final List<JournalEntry> entries = new ArrayList<>();
  private final List<String> order = new ArrayList<>();
  private final Random random = new Random(5);
  private Instant now = NOON;
  private boolean full;
  private Optional<String> lost = Optional.empty();
  private ElevationDesk desk = desk(Path.of("unused"), false);

  @TempDir Path directory;

  private ElevationDesk desk(Path file, boolean uploads) {
    try {
      return new ElevationDesk(
          GrantStore.open(file, new GrantStore.Rules(true, KEYS.trusted(), "asset-7"), () -> now),
          this::append,
          account -> "u-" + account,
          new ShortIds(random),
          () -> now,
          uploads ? Optional.of(this::deliver) : Optional.empty());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void open() {
    desk = desk(directory.resolve("e.json"), true);
  }

  private long append(JournalEntry entry) throws IOException {
    if (full) {
      throw new IOException("no space left");
    }
    entries.add(entry);
    order.add("journal " + entry.outcome());
    return entries.size() - 1L;
  }

  private Optional<String> deliver(long seq) {
    order.add("upload %d, in force: %s".formatted(seq, desk.breakGlass().isPresent()));
    return lost;
  }

  private Grant.Terms terms(String device) {
    return Grant.Terms.of(device, NOON, NOON.plusSeconds(3600), "audit", random);
  }

  private Grant.Skills skills(int uses) {
    return new Grant.Skills(
        terms("asset-7"), "finance", Optional.empty(), "ana", Optional.empty(), uses);
  }

  private static ApiError refused(Outcome<ObjectNode> outcome) {
    if (outcome instanceof Outcome.Refused<ObjectNode>(ApiError error)) {
      return error;
    }
    throw new AssertionError(outcome);
  }

  private static ObjectNode ok(Outcome<ObjectNode> outcome) {
    if (outcome instanceof Outcome.Ok<ObjectNode>(ObjectNode node)) {
      return node;
    }
    throw new AssertionError(outcome);
  }

  private List<String> outcomes() {
    return entries.stream().map(e -> e.outcome() + " " + e.rule()).toList();
  }

  @Test
  void anybodyHandsInAndTheNamedAccountGets() {
    ok(desk.apply(BOB, KEYS.sign(skills(3))));
    assertEquals(List.of(), desk.of("bob"));
    assertEquals(1, desk.of("ana").size());
    JournalEntry entry = entries.getFirst();
    assertEquals(
        List.of("bob", "finance/*", "allow", "elevation", "audit", "applied"),
        List.of(
            entry.account(),
            entry.skill(),
            entry.decision(),
            entry.rule(),
            entry.reason(),
            entry.outcome()));
    assertTrue(entry.detail().contains("for u-ana from"), entry.detail());
  }

  @Test
  void refusalsAreOnRecord() {
    String note = KEYS.sign(skills(3));
    ok(desk.apply(BOB, note));
    assertEquals("replayed", refused(desk.apply(BOB, note)).reason());
    assertEquals("signature", refused(desk.apply(BOB, note.replace("ana", "bob"))).reason());
    assertEquals(
        "device", refused(desk.apply(BOB, KEYS.sign(new Grant.BreakGlass(terms("x"))))).reason());
    assertEquals(
        List.of("applied elevation", "refused replayed", "refused signature", "refused device"),
        outcomes());
  }

  /// Whoever asks, root and the account of the daemon included.
  @Test
  void nobodyGrantsWithoutASignature() {
    ApiError error = refused(desk.applyUnsigned(ROOT, skills(3)));
    assertEquals("unsigned", error.reason());
    assertTrue(error.message().contains("skillwarden elevate issue"), error.message());
    assertEquals(List.of(), desk.of("ana"));
    assertEquals(List.of("refused unsigned"), outcomes());
  }

  @Test
  void whatIsNotOnRecordDoesNotHold() {
    full = true;
    refused(desk.apply(BOB, KEYS.sign(skills(3))));
    assertEquals(List.of(), desk.of("ana"));
    full = false;
    ok(desk.apply(BOB, KEYS.sign(skills(3))));
    full = true;
    assertTrue(desk.use(BOB, desk.of("ana"), "d").isPresent());
  }

  @Test
  void whatCannotBeKeptIsSaidToBeRefused() throws IOException {
    Files.createDirectories(directory.resolve("e.json.tmp/in-the-way"));
    refused(desk.apply(BOB, KEYS.sign(skills(3))));
    assertEquals(List.of("applied elevation", "refused not-kept"), outcomes());
    assertEquals(List.of(), desk.of("ana"));
  }

  @Test
  void usesAndTheEndAreOnRecord() {
    ok(desk.apply(BOB, KEYS.sign(skills(2))));
    assertEquals(Optional.empty(), desk.use(BOB, desk.of("ana"), "d1"));
    assertEquals(Optional.empty(), desk.use(BOB, desk.of("ana"), "d2"));
    assertEquals(List.of(), desk.of("ana"));
    now = NOON.plusSeconds(3600);
    desk.expire();
    assertEquals(List.of("applied elevation", "used ", "used up ", "expired "), outcomes());
    assertTrue(entries.get(1).detail().contains("decision d1, 1 of its uses left"));
  }

  @Test
  void breakGlassIsUploadedBeforeItHolds() {
    ok(desk.apply(BOB, KEYS.sign(new Grant.BreakGlass(terms("asset-7")))));
    assertEquals(List.of("journal applied", "upload 0, in force: false"), order);
    assertTrue(desk.breakGlass().orElse("").contains("BREAK-GLASS"));
    now = NOON.plusSeconds(3600);
    assertEquals(Optional.empty(), desk.breakGlass(), "on time, without a restart");
  }

  @Test
  void breakGlassThatDoesNotArriveDoesNotHoldAndMayBeTriedAgain() {
    String note = KEYS.sign(new Grant.BreakGlass(terms("asset-7")));
    lost = Optional.of("connection refused");
    ApiError error = refused(desk.apply(BOB, note));
    assertTrue(error.message().contains("connection refused"), error.message());
    assertEquals(Optional.empty(), desk.breakGlass());
    lost = Optional.empty();
    ok(desk.apply(BOB, note));
    assertTrue(desk.breakGlass().isPresent());
    assertEquals(
        List.of("applied break-glass", "refused upload", "applied break-glass"), outcomes());
  }

  @Test
  void breakGlassNeedsNoUploadWhereThereIsNone() {
    desk = desk(directory.resolve("other.json"), false);
    ok(desk.apply(BOB, KEYS.sign(new Grant.BreakGlass(terms("asset-7")))));
    assertTrue(desk.breakGlass().isPresent());
  }

  @Test
  void everyoneSeesHisOwnAndAnAdministratorAll() {
    ok(desk.apply(BOB, KEYS.sign(skills(2))));
    Caller ana = new Caller("ana", "", Set.of(), List.of(), false);
    assertEquals(1, desk.lines(ana).size());
    assertEquals(0, desk.lines(BOB).size());
    assertEquals(1, desk.lines(ROOT).size());
    assertTrue(desk.lines(ana).getFirst().endsWith("(1 h 0 min left), 2 of 2 uses left"));
    assertEquals(1, ok(desk.held(ana)).path("elevations").size());
    assertEquals(0, ok(desk.held(BOB)).path("elevations").size());
    assertEquals("asset-7", ok(desk.held(BOB)).path("device").asString());
  }
}
