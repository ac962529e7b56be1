package dev.skillwarden.e2e.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.e2e.lab.Attack.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every attack against the real client, with each profile's one settings file. Runs with
/// `-Dattacks` only: it takes minutes, root, namespaces, cc, openssl and an installed client.
///
/// `-Dattacks.clients=FILE,FILE` names clients to try (default: the installed one),
/// `-Dattacks.only=TEXT` attacks by their id, `-Dattacks.record=FILE` where results go.
final class AttackSuiteIT {
  private static final Path CLIENT = Path.of("..", ".work", "client").toAbsolutePath().normalize();
  private static final String LAST_OPEN_VERSION = "2.1.294";

  @org.jspecify.annotations.Nullable private static Lab lab;
  private static final AttackResults RESULTS = new AttackResults();

  @BeforeAll
  static void open() throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("attacks") != null,
        "the attack suite runs with -Dattacks only, see docs/security.md");
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"), "the attack suite needs root");
    Assumptions.assumeTrue(
        Files.isExecutable(CLIENT.resolve("node")),
        "the client is not installed; run daemon/src/test/e2e/install-client.sh");
    lab = Lab.open(Path.of(System.getProperty("skillwarden.dist", "")), CLIENT.resolve("node"));
  }

  @AfterAll
  static void close() throws Exception {
    if (lab != null) {
      lab.close();
      String record = System.getProperty("attacks.record", "");
      if (!record.isEmpty()) {
        RESULTS.write(Path.of(record));
      }
    }
  }

  private static Lab lab() {
    if (lab == null) {
      throw new IllegalStateException("not opened");
    }
    return lab;
  }

  private static List<Path> clients() {
    return Stream.of(
            System.getProperty("attacks.clients", CLIENT.resolve("claude").toString())
                .split(",", -1))
        .map(Path::of)
        .toList();
  }

  private static List<Attack> attacks() {
    String only = System.getProperty("attacks.only", "");
    return Attacks.all().stream().filter(attack -> attack.id().contains(only)).toList();
  }

  private static String version(Path client) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(client.toString(), "--version").start();
    String answer =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "no version of " + client);
    return answer.strip().split(" ", -1)[0];
  }

  @TestFactory
  List<DynamicNode> attacksEndDenied() throws Exception {
    List<DynamicNode> nodes = new ArrayList<>();
    for (Path client : clients()) {
      String version = version(client);
      boolean old = version.equals(LAST_OPEN_VERSION);
      for (Profile profile : Profile.values()) {
        List<DynamicNode> tests = new ArrayList<>();
        if (profile != Profile.NONE) {
          tests.add(
              DynamicTest.dynamicTest("settings hold", () -> settingsHold(client, profile, old)));
        }
        for (Attack attack : attacks()) {
          tests.add(
              DynamicTest.dynamicTest(
                  attack.id(), () -> attacked(client, version, profile, old, attack)));
        }
        nodes.add(DynamicContainer.dynamicContainer(version + " " + profile, tests));
      }
    }
    return nodes;
  }

  /// Without an attack: what must pass passes, what must not does not, and the machine's own check
  /// finds nothing.
  private static void settingsHold(Path client, Profile profile, boolean old) throws Exception {
    Path settings = lab().settings(profile, old);
    Attack denied = Attack.of("denied", "", "", scene -> scene.bash(scene.forbidden()));
    Lab.Outcome first = lab().play(denied, client, Optional.of(settings));
    assertFalse(first.reached(), first.evidence());
    if (old) {
      return; // too old for a passing call: it refuses to start, or its hooks cannot fail closed
    }
    Attack passed = Attack.of("passed", "", "", scene -> scene.bash("touch " + scene.marker));
    Lab.Outcome second = lab().play(passed, client, Optional.of(settings));
    assertTrue(second.reached(), second.evidence());
    if (profile != Profile.MONITOR) {
      Lab.Run verified = lab().verb("claude", "verify", "--managed", "/etc/claude-code");
      assertEquals(0, verified.exit(), verified.out() + verified.err());
    }
  }

  private static void attacked(
      Path client, String version, Profile profile, boolean old, Attack attack) throws Exception {
    Optional<Path> settings =
        profile == Profile.NONE ? Optional.empty() : Optional.of(lab().settings(profile, old));
    Lab.Outcome outcome = lab().play(attack, client, settings);
    AttackResults.Verdict verdict =
        outcome.reached()
            ? AttackResults.Verdict.OPEN
            : outcome.started() ? AttackResults.Verdict.DENIED : AttackResults.Verdict.NOT_STARTED;
    RESULTS.add(attack, version, profile, verdict);
    System.out.println(
        "%s %s %s: %s%n%s"
            .formatted(
                version,
                profile.toString().toLowerCase(Locale.ROOT),
                attack.id(),
                verdict,
                outcome.evidence().indent(4)));
    switch (profile) {
      case NONE -> assertEquals(attack.inert().isEmpty(), outcome.reached(), outcome.evidence());
      case MONITOR -> {} // blocks nothing when a hook fails: for comparison only
      case STANDARD, STRICT ->
          assertEquals(attack.open().containsKey(profile), outcome.reached(), outcome.evidence());
    }
  }
}
