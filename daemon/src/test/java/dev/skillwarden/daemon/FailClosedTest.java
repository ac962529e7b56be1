package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.FailClosedRows;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.claude.HookHandler;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.elevation.Grant;
import dev.skillwarden.elevation.GrantStore;
import dev.skillwarden.elevation.TestKeys;
import dev.skillwarden.gate.Access;
import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.InvokeRequest;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.TestGate;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.PolicyFile.Mode;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What comes of each cause of failure inside the daemon, in each mode of the policy and each kind
/// of home. The rows are in fail-closed.csv.
@Timeout(60)
@org.jspecify.annotations.NullUnmarked // fields are set before each test
class FailClosedTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Instant NOON = TestGate.NOON;
  private static final Organized ORGANIZED = new Organized();

  /// The skills: one public, one that the organization tightens, one of a team.
  private static final CatalogSnapshot SKILLS =
      new CatalogSnapshot(
          "c0ffee",
          List.of(
              TestGate.skill("ops/hello", "Says hello", AccessLevel.PUBLIC),
              TestGate.skill("ops/restart", "Restarts a service", AccessLevel.PUBLIC),
              TestGate.skill("ops/drain", "Drains a machine", AccessLevel.TEAM)),
          List.of());

  /// Which policy there was, and whose daemon it is.
  record Setting(Mode mode, Home.Mode home) {
    @Override
    public String toString() {
      return (mode + ", " + home + " mode").toLowerCase(Locale.ROOT);
    }
  }

  static Stream<Setting> settings() {
    return Arrays.stream(Mode.values())
        .flatMap(mode -> Arrays.stream(Home.Mode.values()).map(home -> new Setting(mode, home)));
  }

  /// An organization.yaml in which ana belongs to ops, and which tightens one skill.
  private static final class Organized {
    String text(int version, String more) {
      return """
      version: %d
      %s
      teams: [ops]
      users:
        ana: {teams: [ops]}
      skills:
        ops/restart: {access_level: team}
      """
          .formatted(version, more);
    }
  }

  @TempDir Path directory;
  private TestInfo test;
  private Instant wall = NOON;
  private long nanos;
  private Signing signing = Signing.NONE;
  private List<String> pair;
  private Home home;
  private Mode mode;
  private Duration limit = Duration.ofSeconds(10);
  private TestGate world;
  private WatchedFile<PolicyFile> policy;
  private WatchedFile<Organization> organization;

  @BeforeEach
  void remember(TestInfo info) throws GeneralSecurityException {
    test = info;
    pair = Ed25519.generate();
  }

  private void set(Setting setting) throws IOException {
    mode = setting.mode();
    Path root = directory.resolve(setting.home().name());
    home = setting.home() == Home.Mode.USER ? Home.user(root) : Home.system(root);
    Files.createDirectories(home.config());
  }

  /// @param more a further line
  private String policyText(int version, String more) {
    return """
    version: %d
    mode: %s
    %s
    rules: {git-force-push: deny}
    """
        .formatted(version, mode.name().toLowerCase(Locale.ROOT), more);
  }

  private void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
  }

  private void writePolicy(int version) throws IOException {
    write(home.policyFile(), policyText(version, ""));
  }

  private void sign(Path file) throws Exception {
    sign(file, String.valueOf(file.getFileName()), pair);
  }

  private static void sign(Path file, String name, List<String> keys) throws Exception {
    Files.writeString(
        FileSignature.of(file),
        FileSignature.sign(
            name,
            Files.readAllBytes(file),
            Ed25519.privateKey(keys.getFirst()),
            Ed25519.publicKeys(keys.getLast()).getFirst()));
  }

  private void signingOn() throws IOException {
    signing = new Signing(true, Ed25519.publicKeys(pair.getLast()), Optional.empty());
  }

  /// Starts what a daemon has of these files.
  private void start() {
    LastGood lastGood = new LastGood(home);
    SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);
    policy =
        new WatchedFile<>(home.policyFile(), lastGood, WatchedFile.Kind.POLICY, signing, clock);
    organization =
        new WatchedFile<>(
            home.organizationFile(), lastGood, WatchedFile.Kind.ORGANIZATION, signing, clock);
    look();
    world = new TestGate(limit);
    world.clock(() -> wall);
    world.policyOf(() ->
        Daemon.policyInForce(
            policy,
            new GuardedPaths(List.of(home.root()), 7717),
            Optional.empty(),
            clock.instant()));
    world.organizationOf(() -> organization.inForce().value().orElseGet(Organization::closed));
  }

  /// What the daemon does every second.
  private void look() {
    policy.refresh();
    organization.refresh();
  }

  private String hook(String command) throws InvalidTextException {
    ObjectNode call =
        Json.object()
            .put("hook_event_name", "PreToolUse")
            .put("session_id", "s")
            .put("cwd", "/work/app")
            .put("tool_name", "Bash");
    call.set("tool_input", Json.object().put("command", command));
    String answer =
        new HookHandler(world.gateOver(SKILLS))
            .answer(TestGate.ANA, Json.write(call).getBytes(StandardCharsets.UTF_8));
    JsonNode output = Json.parse("answer", answer).path("hookSpecificOutput");
    return output.isMissingNode()
        ? "none"
        : output.path("permissionDecision").asString("")
            + output
                .path("permissionDecisionReason")
                .asString("")
                .replaceFirst("(?s).*?\\(rule ([a-z-]+), id .*", " $1");
  }

  /// What a harmless and a forbidden call get, in words of the table.
  private String verdicts() throws InvalidTextException {
    String harmless = hook("ls");
    String forbidden = hook("rm -rf /");
    if (harmless.equals("none")) {
      return forbidden.equals("none") ? "rules only watch" : "rules stop calls";
    }
    assertEquals(harmless, forbidden);
    return "everything denied: " + harmless.replace("deny ", "");
  }

  /// Which policy holds, what calls get, and whether somebody is told.
  private void check() throws IOException, InvalidTextException {
    WatchedFile.InForce<PolicyFile> now = policy.inForce();
    String verdicts = verdicts();
    if (verdicts.equals("rules stop calls")) { // which policy holds shows in what it denies
      String push = now.number() == 0 ? "ask git-force-push" : "deny git-force-push";
      assertEquals(push, hook("git push --force"));
    }
    assertEquals(now.value().isEmpty(), invoke().startsWith("refused NOT_READY"), invoke());
    String which =
        now.value().isEmpty()
            ? ""
            : now.number() == 0
                ? "built-in policy, "
                : "version %d holds, ".formatted(now.number());
    FailClosedRows.check(test, mode, which + verdicts + (now.alarm().isEmpty() ? "" : ", alarm"));
  }

  private String invoke() {
    return switch (world
        .gateOver(SKILLS)
        .invoke(TestGate.ANA, new InvokeRequest("ops/hello", "1.x", Json.object(), true, ""))) {
      case Outcome.Ok<?> _ -> "served";
      case Outcome.Refused<?>(var error) -> "refused " + error.code();
    };
  }

  // policy.yaml

  @ParameterizedTest
  @MethodSource("settings")
  void policyThatNeverWas(Setting setting) throws Exception {
    set(setting);
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyRemovedWhileStopped(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    Files.delete(home.policyFile());
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyRemovedWhileRunning(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    Files.delete(home.policyFile());
    look();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyAndItsCopyLost(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    Files.delete(home.policyFile());
    Files.writeString(new LastGood(home).copyOf(home.policyFile()), "version: [");
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyCorruptAtStart(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    write(home.policyFile(), "version: 3\nrulez: {}\n");
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyCorruptAtTheFirstStart(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "rulez: {}"));
    start();
    check();
    Files.delete(home.policyFile());
    look();
    assertTrue(policy.inForce().value().isEmpty(), "to remove it opens nothing");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyCorruptWhileRunning(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    write(home.policyFile(), policyText(3, "rulez: {}"));
    look();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyOlderAtStart(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    write(home.policyFile(), "version: 1\n");
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyOlderWhileRunning(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    write(home.policyFile(), "version: 1\n");
    look();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyOlderThanOneThatEnded(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-02"));
    start();
    wall = wall.plus(DAY);
    write(home.policyFile(), policyText(1, ""));
    start();
    check();
  }

  // Signatures

  @ParameterizedTest
  @MethodSource("settings")
  void policyUnsignedAtTheFirstStart(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyMissingWhereSigningIsOn(Setting setting) throws Exception {
    set(setting);
    signingOn();
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyUnsignedAtStart(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    sign(home.policyFile());
    start();
    write(home.policyFile(), "version: 3\n");
    Files.delete(FileSignature.of(home.policyFile()));
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyUnsignedWhileRunning(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    sign(home.policyFile());
    start();
    write(home.policyFile(), policyText(3, "journal: best-effort"));
    look();
    check();
    sign(home.policyFile());
    look();
    assertEquals(3, policy.inForce().number(), "its signature came");
    assertEquals("", policy.inForce().alarm());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policySignedByAnotherKey(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    sign(home.policyFile(), "policy.yaml", Ed25519.generate());
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyWithTheSignatureOfAnotherFile(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    sign(home.policyFile(), "organization.yaml", pair);
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void lastGoodCopyChanged(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(2);
    sign(home.policyFile());
    start();
    Files.delete(home.policyFile());
    Files.writeString(new LastGood(home).copyOf(home.policyFile()), "version: 9\nmode: monitor\n");
    start();
    check();
  }

  // valid_until

  @ParameterizedTest
  @MethodSource("settings")
  void policyEndedAtTheFirstStart(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-01"));
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyEndedBeforeTheNextStart(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-02"));
    start();
    wall = wall.plus(DAY);
    start();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void policyEndsWhileRunning(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-03T12:00:00Z"));
    wall = NOON.minus(DAY.multipliedBy(7));
    start();
    assertEquals("", policy.warning());
    wall = NOON;
    assertTrue(policy.warning().contains("in 24 hours"), policy.warning());
    assertEquals("", policy.inForce().alarm());
    wall = NOON.plus(DAY).minusNanos(1);
    assertTrue(policy.inForce().value().isPresent());
    wall = NOON.plus(DAY);
    check();
    assertEquals("", policy.warning());
    writePolicy(3);
    look();
    assertEquals(3, policy.inForce().value().map(PolicyFile::version).orElse(0));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void endedPolicyPutInPlace(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    write(home.policyFile(), "version: 3\nvalid_until: 2026-01-01\n");
    look();
    check();
    start();
    check();
  }

  // organization.yaml

  private void writeOrganization(int version, String more) throws IOException {
    write(home.organizationFile(), ORGANIZED.text(version, more));
  }

  /// What ana may use, in words of the table.
  private void checkSkills() throws IOException {
    Gate gate = world.gateOver(SKILLS);
    Caller ana =
        organization
            .inForce()
            .value()
            .orElseGet(Organization::closed)
            .caller("ana", Set.of(), List.of(), false);
    List<String> open =
        SKILLS.skills().stream()
            .map(s -> s.id().toString())
            .filter(
                id -> gate.access(ana, id) instanceof Outcome.Ok<Access>(Access a) && a.allowed())
            .toList();
    String words =
        switch (open.size()) {
          case 0 -> "no skill";
          case 1 -> "public skills only, tightened ones stay closed";
          case 3 -> "version %d holds".formatted(organization.inForce().number());
          default -> "only " + open;
        };
    FailClosedRows.check(
        test, mode, words + (organization.inForce().alarm().isEmpty() ? "" : ", alarm"));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationCorruptAtTheFirstStart(Setting setting) throws Exception {
    set(setting);
    writePolicy(1);
    writeOrganization(2, "userz: {}");
    start();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationCorruptAtStart(Setting setting) throws Exception {
    set(setting);
    writePolicy(1);
    writeOrganization(2, "");
    start();
    writeOrganization(3, "userz: {}");
    start();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationOlderAtStart(Setting setting) throws Exception {
    set(setting);
    writePolicy(1);
    writeOrganization(2, "");
    start();
    write(home.organizationFile(), "version: 1\n");
    start();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationOlderWhileRunning(Setting setting) throws Exception {
    set(setting);
    writePolicy(1);
    writeOrganization(2, "");
    start();
    write(home.organizationFile(), "version: 1\n");
    look();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationUnsignedAtTheFirstStart(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(1);
    sign(home.policyFile());
    writeOrganization(2, "");
    start();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationUnsignedWhileRunning(Setting setting) throws Exception {
    set(setting);
    signingOn();
    writePolicy(1);
    sign(home.policyFile());
    writeOrganization(2, "");
    sign(home.organizationFile());
    start();
    write(home.organizationFile(), "version: 3\n");
    look();
    checkSkills();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void organizationEnds(Setting setting) throws Exception {
    set(setting);
    writePolicy(1);
    writeOrganization(2, "valid_until: 2026-01-02");
    start();
    assertTrue(organization.warning().contains("in 12 hours"), organization.warning());
    wall = wall.plus(DAY);
    checkSkills();
    start();
    checkSkills();
  }

  // The gate itself

  @ParameterizedTest
  @MethodSource("settings")
  void internalError(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    world.files(() -> {
      throw new IllegalStateException("a defect, on purpose");
    });
    check();
    assertEquals("internal-error", world.entries().getFirst().rule());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void deadlineExceeded(Setting setting) throws Exception {
    set(setting);
    limit = Duration.ofMillis(50);
    writePolicy(2);
    start();
    hang();
    check();
    assertEquals("analysis-budget-exceeded", world.entries().getFirst().rule());
  }

  /// Every decision takes too long.
  private void hang() {
    world.files(() -> {
      try {
        Thread.sleep(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return FileView.NONE;
    });
  }

  @ParameterizedTest
  @MethodSource("settings")
  void journalNotDurableAndRequired(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "journal: required"));
    start();
    world.fillDisk();
    assertEquals("refused JOURNAL_UNAVAILABLE", invoke());
    FailClosedRows.check(test, mode, "version 2 holds, " + verdicts());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void journalNotDurableAndBestEffort(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "journal: best-effort"));
    start();
    world.fillDisk();
    assertEquals("served", invoke());
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void noPolicyAndJournalNotDurable(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "journal: best-effort\nrulez: {}"));
    start();
    world.fillDisk();
    FailClosedRows.check(test, mode, verdicts() + ", alarm");
  }

  // The clock

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutBackDuringADecision(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    world.clock(() -> {
      wall = wall.minus(Duration.ofHours(1));
      return wall;
    });
    check();
    assertFalse(
        world.entries().stream().anyMatch(e -> e.duration().isNegative()), "no entry took less");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutForwardDuringADecision(Setting setting) throws Exception {
    set(setting);
    writePolicy(2);
    start();
    world.clock(() -> {
      wall = wall.plus(DAY.multipliedBy(400));
      return wall;
    });
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutBackDuringADecisionThatHangs(Setting setting) throws Exception {
    set(setting);
    limit = Duration.ofMillis(50);
    writePolicy(2);
    start();
    hang();
    world.clock(() -> {
      wall = wall.minus(Duration.ofHours(1));
      return wall;
    });
    long start = System.nanoTime();
    check();
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(4).toNanos());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutBackBeforeTheEndOfThePolicy(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-03T12:00:00Z"));
    start();
    wall = NOON.minus(DAY.multipliedBy(400)); // the time that passes is counted all the same
    nanos = DAY.toNanos() - 1;
    assertTrue(policy.inForce().value().isPresent());
    nanos = DAY.toNanos();
    check();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutForwardPastTheEndOfThePolicy(Setting setting) throws Exception {
    set(setting);
    write(home.policyFile(), policyText(2, "valid_until: 2026-01-03T12:00:00Z"));
    start();
    wall = NOON.plus(DAY);
    check();
    wall = NOON.plusSeconds(1); // put right
    assertTrue(policy.inForce().value().isPresent());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutBackBeforeTheEndOfAnAllowance(Setting setting) throws Exception {
    set(setting);
    write(
        home.policyFile(),
        policyText(
            2,
            """
            allowances:
              - {rule: recursive-delete-system, command: rm -rf /, reason: a test, expires: 2026-01-03T12:00:00Z}
            """));
    start();
    assertEquals("none", hook("rm -rf /"));
    wall = NOON.minus(DAY.multipliedBy(400));
    assertEquals("none", hook("rm -rf /"));
    nanos = DAY.toNanos();
    check();
  }

  private GrantStore grants(TestKeys keys) throws IOException {
    return GrantStore.open(
        home.root().resolve("elevations.json"),
        new GrantStore.Rules(true, keys.trusted(), "laptop-7"),
        () -> wall);
  }

  /// A grant for ana that holds for an hour.
  private GrantStore granted(TestKeys keys) throws Exception {
    GrantStore store = grants(keys);
    Grant grant =
        new Grant.Skills(
            Grant.Terms.of("laptop-7", NOON, NOON.plusSeconds(3600), "a test", new SecureRandom()),
            "ops",
            Optional.of("drain"),
            "ana",
            Optional.empty(),
            5);
    store.take("e1", keys.sign(grant), true, "ana");
    assertEquals(1, store.of("ana").size());
    return store;
  }

  private void checkElevation(GrantStore running, GrantStore restarted) throws IOException {
    FailClosedRows.check(
        test,
        mode,
        running.of("ana").isEmpty() && restarted.of("ana").isEmpty()
            ? "elevation stays ended"
            : "elevation holds again");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutBackAfterAnElevationEnded(Setting setting) throws Exception {
    set(setting);
    TestKeys keys = TestKeys.generate();
    GrantStore store = granted(keys);
    wall = NOON.plusSeconds(3600);
    store.expire();
    wall = NOON;
    checkElevation(store, grants(keys));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void clockPutForwardPastTheEndOfAnElevation(Setting setting) throws Exception {
    set(setting);
    TestKeys keys = TestKeys.generate();
    GrantStore store = granted(keys);
    wall = NOON.plus(DAY);
    assertEquals(List.of(), store.of("ana"));
    store.expire();
    wall = NOON.plusSeconds(1);
    checkElevation(store, grants(keys));
  }
}
