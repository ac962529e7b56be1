package dev.skillwarden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The dev container feature: its description against the rules for features, and its scripts as
/// far as they run without an image.
@DisabledOnOs(OS.WINDOWS)
class DevcontainerFeatureTest {
  private static final Path FEATURE =
      Path.of("..", "installer", "devcontainer", "src", "skillwarden").toAbsolutePath().normalize();

  /// Properties that a feature may have.
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "version",
          "name",
          "description",
          "documentationURL",
          "licenseURL",
          "keywords",
          "options",
          "installsAfter",
          "dependsOn",
          "legacyIds",
          "deprecated",
          "customizations",
          "onCreateCommand",
          "updateContentCommand",
          "postCreateCommand",
          "postStartCommand",
          "postAttachCommand",
          "entrypoint",
          "privileged",
          "init",
          "capAdd",
          "securityOpt",
          "containerEnv",
          "mounts");

  @TempDir private Path temp;

  private static JsonNode feature() throws Exception {
    Path file = FEATURE.resolve("devcontainer-feature.json");
    return Json.parse(file.toString(), Files.readAllBytes(file));
  }

  private static String script(String name) throws IOException {
    return Files.readString(FEATURE.resolve(name));
  }

  /// The value a script gives a variable.
  private static String variable(String script, String name) throws IOException {
    return script(script)
        .lines()
        .filter(l -> l.startsWith(name + "="))
        .map(l -> l.substring(name.length() + 1))
        .findFirst()
        .orElse("no " + name + " in " + script);
  }

  @Test
  void theDescriptionIsOneOfAFeature() throws Exception {
    JsonNode feature = feature();
    assertEquals(
        FEATURE.getFileName().toString(),
        feature.path("id").asString(""),
        "id is the folder's name");
    assertTrue(
        feature
            .path("version")
            .asString("")
            .matches("(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"),
        "version");
    assertFalse(feature.path("name").asString("").isBlank());
    for (String key : feature.propertyNames()) {
      assertTrue(KNOWN.contains(key), "not a property of features: " + key);
    }
    for (JsonNode mount : feature.path("mounts")) {
      assertEquals("volume", mount.path("type").asString(""));
      assertTrue(
          mount.path("source").asString("").contains("${devcontainerId}"),
          "two containers must not share a journal: " + mount);
    }
  }

  @Test
  void everyOptionHasADefaultOfItsTypeAndIsRead() throws Exception {
    JsonNode options = feature().path("options");
    assertFalse(options.isEmpty());
    for (String name : options.propertyNames()) {
      JsonNode option = options.path(name);
      JsonNode standard = option.path("default");
      switch (option.path("type").asString("")) {
        case "boolean" -> assertTrue(standard.isBoolean(), name);
        case "string" -> assertTrue(standard.isString(), name);
        default -> throw new AssertionError("type of option " + name);
      }
      assertFalse(option.path("description").asString("").isBlank(), name);
      String wanted =
          "%s=${%s:-%s}".formatted(name, name.toUpperCase(Locale.ROOT), standard.asString());
      assertTrue(script("install.sh").lines().anyMatch(wanted::equals), "wanted: " + wanted);
      if (!option.path("enum").isMissingNode()) {
        List<String> values = option.path("enum").valueStream().map(JsonNode::asString).toList();
        assertTrue(values.contains(standard.asString()), name);
        assertTrue(
            script("install.sh").contains("in " + String.join(" | ", values) + ")"),
            "install.sh takes other values for " + name);
      }
    }
  }

  @Test
  void descriptionAndScriptsNameTheSamePlaces() throws Exception {
    JsonNode feature = feature();
    assertEquals(
        variable("install.sh", "scripts") + "/entrypoint.sh",
        feature.path("entrypoint").asString(""));
    assertEquals(
        variable("install.sh", "seed_dir"),
        feature.path("containerEnv").path("CLAUDE_CODE_PLUGIN_SEED_DIR").asString(""));
    String journal = feature.path("mounts").get(0).path("target").asString("");
    assertEquals(variable("install.sh", "state") + "/journal", journal);
    String entrypoint = script("entrypoint.sh");
    assertTrue(entrypoint.contains("chown skillwarden:skillwarden " + journal), entrypoint);
    assertTrue(
        entrypoint.contains(
            "start-daemon.sh\" %s skillwarden %s/daemon.log "
                .formatted(variable("install.sh", "program"), variable("install.sh", "log"))),
        entrypoint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"install.sh", "entrypoint.sh", "start-daemon.sh"})
  void scriptsAreExecutableAndParse(String name) throws Exception {
    assertTrue(Files.isExecutable(FEATURE.resolve(name)), name);
    Run run = run(Map.of(), "sh", "-n", FEATURE.resolve(name).toString());
    assertEquals(0, run.exit(), run.text());
  }

  private record Run(int exit, String text) {}

  private Run run(Map<String, String> environment, String... command) throws Exception {
    Path out = temp.resolve("out.txt");
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().putAll(environment);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("still running: " + List.of(command));
    }
    return new Run(process.exitValue(), Files.readString(out));
  }

  /// A program that is up while a file is there; `start` does what the text says.
  private Path program(String start) throws IOException {
    Path bin = Files.createDirectories(temp.resolve("program/bin"));
    Path script = bin.resolve("skillwarden");
    Files.writeString(
        script,
        """
        #!/bin/sh
        case $1 in
          status) [ -e '%1$s/up' ] && exit "$(cat '%1$s/up')"; exit 3 ;;
          start) echo "$*" >>'%1$s/started'; env >'%1$s/environment'; %2$s ;;
        esac
        """
            .formatted(temp, start));
    assertTrue(script.toFile().setExecutable(true));
    return bin.getParent();
  }

  private Run start(Path program, String seconds) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("sh", FEATURE.resolve("start-daemon.sh").toString()));
    command.addAll(List.of(program.toString(), System.getProperty("user.name")));
    command.addAll(List.of(temp.resolve("daemon.log").toString(), seconds, "--home", "/nowhere"));
    return run(Map.of("JAVA_HOME", "/planted"), command.toArray(String[]::new));
  }

  @Test
  void theDaemonIsStartedWithACleanEnvironmentAndWaitedFor() throws Exception {
    Run run = start(program("sleep 1; echo 0 >'%s/up'; exit 0".formatted(temp)), "20");
    assertEquals(0, run.exit(), run.text());
    assertEquals("start --foreground --home /nowhere\n", Files.readString(temp.resolve("started")));
    assertFalse(Files.readString(temp.resolve("environment")).contains("/planted"));
  }

  @Test
  void aDaemonWithAlarmsAnswersToo() throws Exception {
    Files.writeString(temp.resolve("up"), "1");
    Run run = start(program("exit 2"), "5");
    assertEquals(0, run.exit(), run.text());
    assertTrue(Files.notExists(temp.resolve("started")), "it ran already");
  }

  @Test
  void aDaemonThatDiesIsStartedAgain() throws Exception {
    Run run =
        start(
            program(
                "[ \"$(wc -l <'%1$s/started')\" -ge 2 ] || exit 4; echo 0 >'%1$s/up'; exit 0"
                    .formatted(temp)),
            "20");
    assertEquals(0, run.exit(), run.text());
    assertEquals(2, Files.readAllLines(temp.resolve("started")).size());
  }

  @Test
  void aRefusedConfigurationIsToldWithItsCause() throws Exception {
    Run run = start(program("echo 'sync.remote is wrong'; exit 2"), "20");
    assertEquals(1, run.exit(), run.text());
    assertTrue(run.text().contains("THE DAEMON IS NOT RUNNING"), run.text());
    assertTrue(run.text().contains("sync.remote is wrong"), run.text());
    assertEquals(1, Files.readAllLines(temp.resolve("started")).size());
  }

  @Test
  void aDaemonThatDoesNotAnswerIsTold() throws Exception {
    Run run = start(program("exit 0"), "2");
    assertEquals(1, run.exit(), run.text());
    assertTrue(run.text().contains("THE DAEMON IS NOT RUNNING"), run.text());
  }

  @Test
  void theContainersCommandRunsWithoutADaemonToo() throws Exception {
    Assumptions.assumeTrue(
        Files.notExists(Path.of("/opt/skillwarden"))
            && Files.notExists(Path.of("/var/lib/skillwarden")),
        "Skillwarden is installed on this machine");
    // Beside a start that fails, as the scripts lie in the image.
    Files.writeString(
        temp.resolve("entrypoint.sh"),
        script("entrypoint.sh").replace("/run/skillwarden", temp + "/run"));
    Files.copy(FEATURE.resolve("start-daemon.sh"), temp.resolve("start-daemon.sh"));
    Run run =
        run(
            Map.of(),
            "sh",
            temp.resolve("entrypoint.sh").toString(),
            "sh",
            "-c",
            "echo command; exit 7");
    assertEquals(7, run.exit(), run.text());
    assertTrue(run.text().contains("THE DAEMON IS NOT RUNNING"), run.text());
    assertTrue(run.text().endsWith("command\n"), run.text());
  }

  @Test
  void anArchiveOfAnotherDigestIsNotInstalled() throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root")
            && Files.notExists(Path.of("/opt/skillwarden")),
        "needs root, and a machine without Skillwarden");
    Files.writeString(temp.resolve("a.tar.gz"), "something else");
    Map<String, String> options =
        Map.of("ARCHIVE", temp.resolve("a.tar.gz").toString(), "SHA256", "0".repeat(64));
    Run run = run(options, "sh", FEATURE.resolve("install.sh").toString());
    assertEquals(1, run.exit(), run.text());
    assertTrue(run.text().contains("nothing was installed"), run.text());
    assertTrue(Files.notExists(Path.of("/opt/skillwarden")));
  }
}
