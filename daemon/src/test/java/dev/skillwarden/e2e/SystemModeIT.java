package dev.skillwarden.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The machine's daemon under an account of its own, and two developers. Needs root, to be three
/// accounts; they are ones that every Linux has.
@org.jspecify.annotations.NullUnmarked // fields are set before each test
final class SystemModeIT {
  private static final String SERVICE = "daemon";
  private static final String ANA = "games";
  private static final String BO = "bin";
  private static final String HOOK = "/v1/hooks/claude-code";

  private Path dist;
  private Path root;
  private Process daemon;
  private int port;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root")
            && Files.isExecutable(Path.of("/usr/bin/setpriv")),
        "three accounts in one test need root and setpriv");
    root = Files.createTempDirectory(Path.of("/tmp"), "sw-sys");
    mode(root, "rwxr-xr-x");
    dist = root.resolve("opt");
    assertEquals(0, Installed.run(root, Map.of(), "cp", "-r", packaged(), dist.toString()).exit());
    Path config = Files.createDirectories(root.resolve("etc/skillwarden"));
    Path remote = root.resolve("remote");
    String sha = skills(remote);
    Files.writeString(
        config.resolve("skillwarden.yaml"),
        "server: {port: 0}\nsearch: {model: false}\njournal: {pseudonyms: true}\nsync:\n  remote: file://%s\n  pin:\n    sha: %s\n"
            .formatted(remote, sha));
    Files.writeString(
        config.resolve("organization.yaml"),
        "version: 1\nteams: [support, finance]\nusers:\n  %s: {teams: [support]}\n  %s: {teams: [finance]}\n"
            .formatted(ANA, BO));
    for (String place :
        List.of("var/lib/skillwarden", "var/lib/skillwarden-public", "run/skillwarden")) {
      Path directory = Files.createDirectories(root.resolve(place));
      assertEquals(
          0,
          Installed.run(root, Map.of(), "chown", SERVICE + ":" + SERVICE, directory.toString())
              .exit());
    }
    daemon =
        new ProcessBuilder(
                as(
                    SERVICE,
                    dist.resolve("bin/skillwarden").toString(),
                    "start",
                    "--foreground",
                    "--root",
                    root.toString()))
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("daemon.log").toFile())
            .start();
    awaitSkills();
  }

  private static String packaged() {
    return Installed.packaged().toString();
  }

  /// @return the commit of the repository
  private String skills(Path remote) throws IOException, InterruptedException {
    write(remote.resolve(".claude/skills/support/open.md"), skill("support/open", "public"));
    write(remote.resolve(".claude/skills/support/ours.md"), skill("support/ours", "team"));
    write(remote.resolve(".claude/skills/finance/theirs.md"), skill("finance/theirs", "team"));
    String sha = Installed.commit(remote);
    Installed.run(root, Map.of(), "chown", "-R", SERVICE, remote.toString());
    return sha;
  }

  private static String skill(String name, String level) {
    return "---\nname: %s\nversion: 1.0.0\ndescription: Does what %s does for a test.\ntags: [test]\naccess_level: %s\n---\n# Do it\n\nBody of %s.\n"
        .formatted(name, name, level, name);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static List<String> as(String account, String... command) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "/usr/bin/setpriv",
                "--reuid=" + account,
                "--regid=" + account,
                "--init-groups",
                "--inh-caps=-all",
                "--bounding-set=-all"));
    all.addAll(List.of(command));
    return all;
  }

  private Installed.Run by(String account, String... command)
      throws IOException, InterruptedException {
    return Installed.run(Path.of("/"), Map.of(), as(account, command).toArray(String[]::new));
  }

  private Path socket() {
    return root.resolve("run/skillwarden/control.sock");
  }

  private void awaitSkills() throws Exception {
    for (int i = 0; i < 300; i++) {
      if (Files.exists(socket())) {
        JsonNode status = overSocket("root", "/v1/status", null);
        if (status.path("skills").asInt(0) == 3) {
          port = status.path("port").asInt(0);
          return;
        }
      }
      assertTrue(daemon.isAlive(), Files.readString(root.resolve("daemon.log")));
      Thread.sleep(200);
    }
    throw new IOException(Files.readString(root.resolve("daemon.log")));
  }

  private JsonNode overSocket(String account, String path, String body) throws Exception {
    return curl(
        account, List.of("--unix-socket", socket().toString()), "http://localhost" + path, body);
  }

  private JsonNode overPort(String account, String path, String body) throws Exception {
    return curl(
        account,
        List.of("--cacert", root.resolve("var/lib/skillwarden-public/ca-bundle.pem").toString()),
        "https://localhost:" + port + path,
        body);
  }

  private JsonNode curl(String account, List<String> how, String url, String body)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("/usr/bin/curl", "-q", "-sS", "--noproxy", "*"));
    command.addAll(how);
    if (body != null) {
      command.addAll(List.of("-H", "Content-Type: application/json"));
      command.addAll(List.of("-H", "Accept: application/json, text/event-stream"));
      command.addAll(List.of("--data-binary", body));
    }
    command.add(url);
    Installed.Run run = by(account, command.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    return Json.parse("answer", run.out());
  }

  @AfterEach
  void stop() throws Exception {
    if (daemon != null) {
      daemon.destroy();
      daemon.waitFor(20, TimeUnit.SECONDS);
    }
    if (root != null) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /// Over the socket and over the port, each account has its own rights and nobody else's.
  @Test
  void accountsAreWhoTheSystemSaysTheyAre() throws Exception {
    for (boolean overPort : List.of(false, true)) {
      assertEquals("Body of support/ours.", body(ANA, "support/ours", overPort));
      assertEquals("ACL_DENIED", code(ANA, "finance/theirs", overPort));
      assertEquals("Body of finance/theirs.", body(BO, "finance/theirs", overPort));
      assertEquals("ACL_DENIED", code(BO, "support/ours", overPort));
      assertEquals("Body of support/open.", body("sys", "support/open", overPort));
      assertEquals("ACL_DENIED", code("sys", "support/ours", overPort));
      assertEquals("deny", hook(ANA, "rm -rf /", overPort));
      assertEquals("", hook(ANA, "ls", overPort));
    }
    assertTrue(overMcp(ANA, "support/ours").contains("Body of support/ours."));
    assertTrue(overMcp(ANA, "finance/theirs").contains("ACL_DENIED"));
    assertTrue(overMcp(BO, "finance/theirs").contains("Body of finance/theirs."));
    assertTrue(overMcp(BO, "support/ours").contains("ACL_DENIED"));
    // No header, field or name in a request changes who it is.
    Installed.Run claimed =
        by(
            BO,
            "/usr/bin/curl",
            "-q",
            "-sS",
            "--noproxy",
            "*",
            "--unix-socket",
            socket().toString(),
            "-H",
            "X-Forwarded-User: " + ANA,
            "-H",
            "Authorization: Basic Z2FtZXM6eA==",
            "--data-binary",
            "{\"name\":\"support/ours\"}",
            "http://localhost/v1/invoke");
    assertEquals("ACL_DENIED", Json.parse("answer", claimed.out()).path("code").asString(""));
    // A group taken on by the process counts for nothing.
    Installed.Run grouped =
        Installed.run(
            Path.of("/"),
            Map.of(),
            "/usr/bin/setpriv",
            "--reuid=" + BO,
            "--regid=" + ANA,
            "--groups=" + ANA,
            "/usr/bin/curl",
            "-q",
            "-sS",
            "--unix-socket",
            socket().toString(),
            "--data-binary",
            "{\"name\":\"support/ours\"}",
            "http://localhost/v1/invoke");
    assertEquals("ACL_DENIED", Json.parse("answer", grouped.out()).path("code").asString(""));
  }

  /// What `invoke_skill` says to an account's agent.
  private String overMcp(String account, String skill) throws Exception {
    ObjectNode call = Json.object().put("jsonrpc", "2.0").put("id", 1).put("method", "tools/call");
    call.putObject("params")
        .put("name", "invoke_skill")
        .putObject("arguments")
        .put("name", skill)
        .put("version_constraint", "1.0.0");
    return overPort(account, "/mcp", Json.write(call)).toString();
  }

  private JsonNode invoke(String account, String skill, boolean overPort) throws Exception {
    String request = "{\"name\":\"" + skill + "\",\"version_constraint\":\"1.0.0\"}";
    return overPort
        ? overPort(account, "/v1/invoke", request)
        : overSocket(account, "/v1/invoke", request);
  }

  private String code(String account, String skill, boolean overPort) throws Exception {
    return invoke(account, skill, overPort).path("code").asString("");
  }

  private String body(String account, String skill, boolean overPort) throws Exception {
    JsonNode answer = invoke(account, skill, overPort);
    String text = answer.path("body").asString(answer.toString());
    return text.lines().filter(l -> l.startsWith("Body of")).findFirst().orElse(text);
  }

  private String hook(String account, String command, boolean overPort) throws Exception {
    String payload =
        Json.write(
            Json.object()
                .put("session_id", "s")
                .put("cwd", "/tmp")
                .put("hook_event_name", "PreToolUse")
                .put("tool_name", "Bash")
                .set("tool_input", Json.object().put("command", command)));
    return (overPort ? overPort(account, HOOK, payload) : overSocket(account, HOOK, payload))
        .path("hookSpecificOutput")
        .path("permissionDecision")
        .asString("");
  }

  /// State, keys and journal are the service's; the certificate authority is everybody's to read.
  @Test
  void developersReachNothingOfTheService() throws Exception {
    for (String account : List.of(ANA, BO)) {
      for (String path : List.of("", "/journal", "/keys/tls.json", "/repo.git")) {
        Installed.Run read = by(account, "/bin/ls", root + "/var/lib/skillwarden" + path);
        assertNotEquals(0, read.exit(), path);
      }
      assertNotEquals(
          0,
          by(account, "/bin/sh", "-c", "echo x > " + root + "/etc/skillwarden/policy.yaml").exit());
      assertNotEquals(0, by(account, "/bin/rm", "-f", socket().toString()).exit());
      assertEquals(
          "ACL_DENIED", overSocket(account, "/v1/admin/stop", "{}").path("code").asString(""));
      assertEquals(
          "INVALID_REQUEST",
          overPort(account, "/v1/admin/stop", "{}").path("code").asString(""),
          "no admin verb on the port");
      JsonNode status = overSocket(account, "/v1/status", null);
      assertEquals(account, status.path("caller").asString(""));
      assertTrue(status.path("findings").isMissingNode(), "findings name skills");
    }
    assertEquals("system", overSocket(ANA, "/v1/status", null).path("mode").asString(""));
  }

  private Installed.Run verb(String account, String... words)
      throws IOException, InterruptedException {
    return by(account, command(words));
  }

  private String[] command(String... words) {
    List<String> command = new ArrayList<>(List.of(dist.resolve("bin/skillwarden").toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--root", root.toString()));
    return command.toArray(String[]::new);
  }

  /// By root with all it may do, which opens every file.
  private Installed.Run byRoot(String... words) throws IOException, InterruptedException {
    return Installed.run(Path.of("/"), Map.of(), command(words));
  }

  /// The journal is closed to them and calls them by pseudonyms; the daemon tells each his own.
  @Test
  void developersReadTheirOwnJournalAndNobodyElses() throws Exception {
    assertEquals("", hook(ANA, "echo of-ana", false));
    assertEquals("deny", hook(ANA, "rm -rf / # of-ana", false));
    assertEquals("deny", hook(BO, "rm -rf / # of-bo", false));
    Installed.Run shown = verb(ANA, "journal", "show", "--mine");
    assertEquals(0, shown.exit(), shown.err());
    assertEquals(2, shown.out().lines().count(), shown.out());
    assertTrue(shown.out().lines().allMatch(l -> l.contains("of-ana")), shown.out());
    Installed.Run all = verb(ANA, "journal", "show");
    assertEquals(1, all.exit());
    assertTrue(all.err().contains("--mine"), all.err());
    assertEquals("", all.out());
    Installed.Run counted = verb(BO, "journal", "stats", "--mine");
    assertTrue(counted.out().startsWith("1 entries\n"), counted.out() + counted.err());
    Installed.Run last = verb(BO, "explain", "--last");
    assertTrue(last.out().contains("of-bo"), last.out() + last.err());
    String id = last.out().replaceAll("(?s)id +(\\w+),.*", "$1");
    assertEquals(0, verb(BO, "explain", id).exit());
    assertEquals(2, verb(ANA, "explain", id).exit());
    assertEquals(2, verb(ANA, "appeal", id, "--text", "not mine").exit());
    assertEquals(0, verb(BO, "appeal", id, "--text", "a mistake").exit());
    assertEquals(4, verb(ANA, "journal", "verify").exit());
    assertEquals(4, verb(ANA, "journal", "pseudonym").exit());
    Installed.Run pseudonym = byRoot("journal", "pseudonym", ANA);
    assertTrue(pseudonym.out().matches("u-[0-9a-f]{16}\n"), pseudonym.out() + pseudonym.err());
    for (Installed.Run everybody :
        List.of(byRoot("journal", "show"), verb("root", "journal", "show"))) {
      assertTrue(
          everybody.out().contains("of-bo") && everybody.out().contains(pseudonym.out().strip()),
          everybody.out() + everybody.err());
    }
    assertEquals(0, byRoot("journal", "verify").exit());
    assertEquals(
        "ACL_DENIED",
        overSocket(ANA, "/v1/journal/entries", "{\"everybody\":true}").path("code").asString(""));
    assertEquals(
        "INVALID_REQUEST",
        overPort(ANA, "/v1/journal/entries", "{}").path("code").asString(""),
        "not on the port");
  }

  /// A configuration that a developer could write is not gone by.
  @Test
  void configurationThatOthersCanWriteStopsTheStart() throws Exception {
    daemon.destroy();
    assertTrue(daemon.waitFor(20, TimeUnit.SECONDS));
    mode(root.resolve("etc/skillwarden/organization.yaml"), "rw-rw-rw-");
    Installed.Run start =
        by(
            SERVICE,
            dist.resolve("bin/skillwarden").toString(),
            "start",
            "--foreground",
            "--root",
            root.toString());
    assertEquals(4, start.exit(), start.out());
    assertTrue(start.err().contains("chmod go-w"), start.err());
  }
}
