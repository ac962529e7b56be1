package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;

class ClaudeSettingsCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  private record Run(int exit, String out, String err) {}

  private Run settings(String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("claude", "settings", "--program", "/opt/skillwarden"));
    all.addAll(List.of("--root", directory.toString()));
    all.addAll(List.of(arguments));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.run(
            all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    return new Run(exit, out.toString(), err.toString());
  }

  private Path out() {
    return directory.resolve("out");
  }

  @Test
  void aFileNamesThePlacesOfTheMachineAndItsConfiguredPort() throws Exception {
    Files.createDirectories(directory.resolve("etc/skillwarden"));
    Files.writeString(
        directory.resolve("etc/skillwarden/skillwarden.yaml"), "server:\n  port: 7800\n");
    Run run = settings("--profile", "standard");
    assertEquals(0, run.exit(), run.err());
    JsonNode printed = Json.parse("out", run.out());
    assertEquals(
        directory.resolve("var/lib/skillwarden-public/ca-bundle.pem").toString(),
        printed.at("/env/NODE_EXTRA_CA_CERTS").asString(""));
    assertEquals("7800", printed.at("/env/SKILLWARDEN_MCP_PORT").asString(""));
    assertTrue(run.out().contains("https://localhost:7800/v1/hooks/claude-code"));
    assertTrue(printed.at("/permissions/deny").toString().contains("Read(~/.ssh/**)"));
  }

  @Test
  void writtenFilesAreReadableForEverybodyAndReplacedInOneStep() throws Exception {
    Files.createDirectories(out());
    Files.writeString(out().resolve("managed-settings.json"), "old");
    Run run = settings("--profile", "strict", "--out", out().toString());
    assertEquals(0, run.exit(), run.err());
    for (String name :
        List.of(
            "managed-settings.json",
            "managed-settings.d/50-skillwarden.json",
            "managed-mcp.json")) {
      Path file = out().resolve(name);
      Json.parse(name, Files.readString(file));
      assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
    try (var files = Files.list(out())) {
      assertEquals(3, files.count());
    }
    assertEquals(
        Files.readString(out().resolve("managed-settings.json")),
        Files.readString(out().resolve("managed-settings.d/50-skillwarden.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"monitor", "standard", "strict"})
  void thePropertyListsAreXmlWithTheSameKeys(String profile) throws Exception {
    Run run = settings("--profile", profile, "--delivery", "plist", "--out", out().toString());
    assertEquals(0, run.exit(), run.err());
    Document plist = xml(Files.readString(out().resolve("com.anthropic.claudecode.plist")));
    assertEquals(
        "dict", plist.getDocumentElement().getElementsByTagName("*").item(0).getNodeName());
    String text = Files.readString(out().resolve("com.anthropic.claudecode.plist"));
    assertEquals(profile.equals("monitor"), !text.contains("<key>onFailure</key>"));
    assertTrue(text.contains("<integer>10</integer>"));
    String wrapped = Files.readString(out().resolve("skillwarden.mobileconfig"));
    xml(wrapped);
    assertTrue(wrapped.contains("<key>PayloadUUID</key>"));
  }

  private static Document xml(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
  }

  @Test
  void theRegistryFileHoldsTheJsonAsOneEscapedText() throws Exception {
    Path own =
        Files.writeString(
            directory.resolve("own.json"), "{\"companyAnnouncements\":[\"Grüße \\\\ \\\"\"]}");
    Run run =
        settings("--profile", "standard", "--delivery", "registry", "--merge", own.toString());
    assertEquals(0, run.exit(), run.err());
    String line =
        run.out().lines().filter(l -> l.startsWith("\"Settings\"=")).findFirst().orElse("");
    String json =
        line.substring("\"Settings\"=\"".length(), line.length() - 1)
            .replaceAll("\\\\([\\\\\"])", "$1");
    JsonNode parsed = Json.parse("registry", json);
    assertEquals("Grüße \\ \"", parsed.at("/companyAnnouncements/0").asString(""));
    assertFalse(json.contains("skillwarden-relay"), "a shell script does not run on Windows");
    assertTrue(run.out().chars().allMatch(c -> c < 0x80));
  }

  @Test
  void serverManagedSettingsAreTheSameJson() throws Exception {
    assertEquals(
        Json.parse("file", settings("--profile", "standard").out()),
        Json.parse("server", settings("--profile", "standard", "--delivery", "server").out()));
  }

  @Test
  void wrongUsageIsSaid() throws Exception {
    assertWrong("give either --mode user, or --profile");
    assertWrong("give either --mode user", "--profile", "strict", "--mode", "user");
    assertWrong("give --out DIR", "--profile", "strict");
    assertWrong("not needed with monitor", "--profile", "monitor", "--old-clients");
    assertWrong(
        "does not run on Windows",
        "--profile",
        "strict",
        "--delivery",
        "registry",
        "--old-clients");
    Path own = Files.writeString(directory.resolve("own.json"), "{\"disableAllHooks\":true}");
    assertWrong("'disableAllHooks'", "--profile", "standard", "--merge", own.toString());
    Files.createDirectories(directory.resolve("etc/skillwarden"));
    Files.writeString(
        directory.resolve("etc/skillwarden/skillwarden.yaml"), "server:\n  port: 0\n");
    assertWrong("need a fixed port", "--profile", "standard");
  }

  private void assertWrong(String message, String... arguments) {
    Run run = settings(arguments);
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertEquals("", run.out());
  }

  /// What the plugin says and what the settings allow are one thing.
  @Test
  void theShippedPluginIsTheOneTheSettingsEnable() throws Exception {
    Path plugin = Path.of("..", "hooks", "plugin");
    JsonNode marketplace =
        Json.parse("m", Files.readAllBytes(plugin.resolve(".claude-plugin/marketplace.json")));
    JsonNode manifest =
        Json.parse("p", Files.readAllBytes(plugin.resolve(".claude-plugin/plugin.json")));
    JsonNode servers = Json.parse("s", Files.readAllBytes(plugin.resolve(".mcp.json")));
    JsonNode printed = Json.parse("out", settings("--profile", "standard").out());
    String id = manifest.path("name").asString("") + "@" + marketplace.path("name").asString("");
    assertTrue(printed.path("enabledPlugins").path(id).asBoolean(false), id);
    assertEquals("./", marketplace.at("/plugins/0/source").asString(""));
    String server = servers.path("mcpServers").propertyNames().iterator().next();
    assertEquals(
        "mcp__plugin_%s_%s__search_skills".formatted(manifest.path("name").asString(""), server),
        printed.at("/permissions/allow/0").asString(""));
    assertTrue(servers.toString().contains("${SKILLWARDEN_MCP_PORT:-7717}"), servers.toString());
  }
}
