package dev.skillwarden.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `claude verify` with the real client, the machine's own managed settings and its daemon. Needs
/// root, to put settings where the client looks, and the client; it is skipped with a message
/// otherwise.
@org.jspecify.annotations.NullUnmarked // fields are set before each test
final class ClaudeVerifyIT {
  private static final Path CLIENT = Path.of("..", ".work", "client").toAbsolutePath().normalize();
  private static final Path SCRIPT =
      Path.of("src", "test", "e2e", "verify-client.sh").toAbsolutePath();

  private Path work;

  @BeforeEach
  void needs() throws Exception {
    boolean present = Files.isExecutable(CLIENT.resolve("claude"));
    if (!present && System.getenv("SKILLWARDEN_REQUIRE_CLIENT") == null) {
      Assumptions.abort("the client is not installed; run daemon/src/test/e2e/install-client.sh");
    }
    assertTrue(present, "SKILLWARDEN_REQUIRE_CLIENT is set, but there is no client in " + CLIENT);
    work = Files.createTempDirectory(Path.of("/tmp"), "sw-verify");
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
    Installed.Run run =
        Installed.run(
            work,
            Map.of(),
            "sh",
            "-c",
            "unshare -mn sh -c 'ip link set lo up && mkdir t && mount -t tmpfs none t && mkdir t/u t/w"
                + " && mount -t overlay -o lowerdir=/etc,upperdir=t/u,workdir=t/w overlay /etc'"
                + " && setpriv --reuid 65534 --regid 65534 --clear-groups test -x "
                + CLIENT.resolve("claude"));
    Assumptions.assumeTrue(
        run.exit() == 0,
        "needs root, unshare, overlay mounts, ip, setpriv, and a client that nobody can reach: "
            + run.err().strip());
  }

  @AfterEach
  void remove() throws Exception {
    if (work != null) {
      Installed.run(Path.of("/"), Map.of(), "rm", "-rf", work.toString());
    }
  }

  /// @param good codes of good findings
  /// @param bad codes of bad ones
  private record Verified(TreeSet<String> good, TreeSet<String> bad, String output) {}

  private Verified verify(String profile, String tamper, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-mn",
                "sh",
                SCRIPT.toString(),
                Installed.packaged().toString(),
                CLIENT.toString(),
                work.toString(),
                profile,
                tamper,
                "--format",
                "json"));
    command.addAll(List.of(arguments));
    Installed.Run run = Installed.run(work, Map.of(), command.toArray(String[]::new));
    JsonNode parsed = Json.parse("verify", run.out().isBlank() ? "{}" : run.out());
    Verified verified = new Verified(new TreeSet<>(), new TreeSet<>(), run.out() + run.err());
    for (JsonNode finding : parsed.path("findings")) {
      assertTrue(
          finding.path("ok").asBoolean(false) || !finding.path("next").asString("").isEmpty(),
          "without a next step: " + finding);
      (finding.path("ok").asBoolean(false) ? verified.good() : verified.bad())
          .add(finding.path("code").asString(""));
    }
    assertEquals(verified.bad().isEmpty() ? 0 : 1, run.exit(), verified.output());
    return verified;
  }

  private static void assertBad(Verified verified, String... codes) {
    assertEquals(new TreeSet<>(List.of(codes)), verified.bad(), verified.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard", "strict", "monitor"})
  void aCallIsReallyDeniedAndOneReallyPasses(String profile) throws Exception {
    Verified verified =
        profile.equals("monitor") ? verify(profile, "", "--monitor") : verify(profile, "");
    assertBad(verified);
    assertTrue(
        verified
            .good()
            .containsAll(List.of("CLIENT", "CLIENT_DENY", "CLIENT_PASS", "PORT", "RELAY")),
        verified.output());
  }

  /// With the client's own permissions out of the way the call runs; with `strict` they refuse it,
  /// which is no work of the gate.
  @ParameterizedTest
  @ValueSource(strings = {"standard", "strict"})
  void aDropInThatSwitchesHooksOffIsProvenToOpenTheGate(String profile) throws Exception {
    assertBad(
        verify(
            profile,
            "mkdir -p $settings/managed-settings.d; chmod 755 $settings/managed-settings.d;"
                + " echo '{\"disableAllHooks\":true}' >$settings/managed-settings.d/90-late.json"),
        "HOOKS_OFF",
        "CLIENT_OPEN");
  }

  /// The same text lies there twice.
  private static final String BOTH =
      " $settings/managed-settings.json $settings/managed-settings.d/50-skillwarden.json";

  @Test
  void settingsThatTheUserCannotReadAreProvenToBeNone() throws Exception {
    assertBad(verify("standard", "chmod 600" + BOTH), "MANAGED_UNREADABLE", "CLIENT_OPEN");
  }

  @Test
  void settingsThatAreGoneAreProvenToBeNone() throws Exception {
    assertBad(verify("standard", "rm" + BOTH), "MANAGED_MISSING", "CLIENT_OPEN");
  }

  @ParameterizedTest
  @CsvSource({
    "rm $settings/managed-settings.json,",
    "rm $settings/managed-settings.d/50-skillwarden.json,",
    "chmod 600 $settings/managed-settings.json, MANAGED_UNREADABLE",
    "chmod 600 $settings/managed-settings.d/50-skillwarden.json, MANAGED_UNREADABLE"
  })
  void settingsHoldWhereOneOfTheTwoFilesIsGoneOrUnreadable(String tamper, @Nullable String bad)
      throws Exception {
    Verified verified = verify("standard", tamper);
    assertBad(verified, bad == null ? new String[0] : new String[] {bad});
    assertTrue(
        verified.good().containsAll(List.of("CLIENT_DENY", "CLIENT_PASS")), verified.output());
  }

  @Test
  void aBrokenFileKeepsTheClientFromStarting() throws Exception {
    Verified verified = verify("standard", "echo '{\"env\":' >$settings/managed-settings.json");
    assertTrue(
        verified.bad().containsAll(List.of("MANAGED_BROKEN", "CLIENT_SILENT")), verified.output());
  }

  /// Another daemon, with a certificate of its own, on the port.
  @Test
  void anotherDaemonIsRefusedByTheClientItself() throws Exception {
    assertBad(
        verify("standard", "stop_daemon; start_daemon $root-other"),
        "CLIENT_DENY",
        "CLIENT_PASS",
        "PORT_SILENT",
        "RELAY_SILENT");
  }

  @Test
  void aStoppedDaemonDeniesNothingByDecision() throws Exception {
    assertBad(
        verify("standard", "stop_daemon"),
        "CLIENT_DENY",
        "CLIENT_PASS",
        "PORT_SILENT",
        "RELAY_SILENT");
  }

  /// A company's gateway would be asked in place of the script.
  @Test
  void aClientThatTheSettingsSendElsewhereIsNotRun() throws Exception {
    Verified verified =
        verify(
            "standard",
            "mkdir -p $settings/managed-settings.d; chmod 755 $settings/managed-settings.d;"
                + " echo '{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:9\"}}' >$settings/managed-settings.d/50.json");
    assertBad(verified);
    assertTrue(verified.good().contains("CLIENT_NOT_RUN"), verified.output());
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    assertBad(verify("standard", ""));
    try (var left = Files.list(Path.of("/tmp"))) {
      assertEquals(
          List.of(),
          left.filter(p -> p.getFileName().toString().startsWith("skillwarden-proof")).toList());
    }
  }
}
