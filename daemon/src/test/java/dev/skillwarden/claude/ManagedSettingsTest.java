package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.claude.ManagedSettings.Client;
import dev.skillwarden.claude.ManagedSettings.Documents;
import dev.skillwarden.claude.ManagedSettings.Machine;
import dev.skillwarden.claude.ManagedSettings.Profile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class ManagedSettingsTest {
  private static final Machine MACHINE =
      new Machine(
          7717,
          Path.of("/opt/skillwarden"),
          Path.of("/var/lib/skillwarden-public/ca-bundle.pem"),
          Optional.of(Path.of("/run/skillwarden/control.sock")));

  private static Documents made(Profile profile) {
    return ManagedSettings.of(profile, Client.CURRENT, MACHINE, List.of(".ssh"));
  }

  private static JsonNode json(String singleQuoted) throws InvalidTextException {
    return Json.parse("json", singleQuoted.replace('\'', '"'));
  }

  private static Documents merged(Profile profile, String admin) throws InvalidTextException {
    Documents documents = made(profile);
    ManagedMerge.into(documents, profile, "own.json", json(admin));
    return documents;
  }

  private static String refused(Profile profile, String admin) {
    return String.valueOf(
        assertThrows(InvalidTextException.class, () -> merged(profile, admin)).getMessage());
  }

  private static JsonNode hook(JsonNode settings, String event) {
    return settings.path("hooks").path(event).path(0).path("hooks").path(0);
  }

  @Test
  void monitorBlocksNothingAndTakesNothing() {
    JsonNode settings = made(Profile.MONITOR).settings();
    assertEquals(Set.of("env", "hooks"), Set.copyOf(settings.propertyNames()));
    assertEquals(
        Set.of("NO_PROXY", "no_proxy", "NODE_EXTRA_CA_CERTS"),
        Set.copyOf(settings.path("env").propertyNames()));
    assertFalse(Json.write(settings).contains("onFailure"));
    assertTrue(settings.path("hooks").path("ConfigChange").isMissingNode());
    assertTrue(made(Profile.MONITOR).mcp().isEmpty());
  }

  @ParameterizedTest
  @EnumSource(
      value = Profile.class,
      names = {"STANDARD", "STRICT"})
  void everyHookIsClosedOnFailureAndBoundToOurAuthority(Profile profile)
      throws InvalidTextException {
    JsonNode settings = made(profile).settings();
    assertEquals(
        json(
            "{'type':'http','url':'https://localhost:7717/v1/hooks/claude-code','timeout':10,'onFailure':'block'}"),
        hook(settings, "PreToolUse"));
    for (String event : settings.path("hooks").propertyNames()) {
      assertEquals("block", hook(settings, event).path("onFailure").asString(""), event);
      assertTrue(hook(settings, event).path("timeout").asInt(0) > 0, event);
    }
    for (String event : List.of("PreToolUse", "PostToolUse", "PostToolUseFailure")) {
      assertEquals("*", settings.path("hooks").path(event).path(0).path("matcher").asString(""));
    }
    assertEquals(
        json("['--socket','/run/skillwarden/control.sock','--event','SessionStart']"),
        hook(settings, "SessionStart").path("args"));
    JsonNode env = settings.path("env");
    assertEquals("1", env.path("NODE_TLS_REJECT_UNAUTHORIZED").asString(""));
    assertEquals("bundled", env.path("CLAUDE_CODE_CERT_STORE").asString(""));
    for (String emptied : List.of("CLAUDE_CODE_SHELL_PREFIX", "LD_PRELOAD", "BASH_ENV", "ENV")) {
      assertEquals("", env.path(emptied).asString("missing"), emptied);
    }
    for (String command : ManagedSettings.COMMANDS) {
      assertEquals("", settings.path(command).asString("missing"), command);
    }
    for (String key :
        List.of("allowManagedHooksOnly", "disableSkillShellExecution", "disableSideloadFlags")) {
      assertTrue(settings.path(key).asBoolean(false), key);
    }
    assertEquals("2.1.295", settings.path("requiredMinimumVersion").asString(""));
    assertEquals(
        "disable", settings.path("permissions").path("disableBypassPermissionsMode").asString(""));
    assertEquals(
        json("['Read(~/.ssh)','Read(~/.ssh/**)']"), settings.path("permissions").path("deny"));
    assertTrue(settings.path("policyHelper").isMissingNode());
  }

  @Test
  void standardBringsItsServerAsAPluginAndLeavesOthers() throws InvalidTextException {
    Documents made = made(Profile.STANDARD);
    assertEquals(json("{'skillwarden@skillwarden':true}"), made.settings().path("enabledPlugins"));
    assertEquals(
        "/opt/skillwarden/hooks/plugin",
        made.settings().at("/extraKnownMarketplaces/skillwarden/source/path").asString(""));
    assertEquals(
        json(
            "['mcp__plugin_skillwarden_skillwarden__search_skills','mcp__plugin_skillwarden_skillwarden__invoke_skill']"),
        made.settings().path("permissions").path("allow"));
    assertTrue(made.mcp().isEmpty());
    assertTrue(made.settings().path("strictPluginOnlyCustomization").isMissingNode());
  }

  @Test
  void strictHasOneServerAndNoMarketplace() throws InvalidTextException {
    Documents made = made(Profile.STRICT);
    assertEquals(
        json("{'mcpServers':{'skillwarden':{'type':'http','url':'https://localhost:7717/mcp'}}}"),
        made.mcp().orElseThrow());
    assertEquals(json("[]"), made.settings().path("strictKnownMarketplaces"));
    assertTrue(made.settings().path("strictPluginOnlyCustomization").asBoolean(false));
    assertTrue(made.settings().path("allowManagedPermissionRulesOnly").asBoolean(false));
    assertEquals(
        json("['mcp__skillwarden__search_skills','mcp__skillwarden__invoke_skill']"),
        made.settings().path("permissions").path("allow"));
  }

  @Test
  void oldClientsDecideThroughTheRelay() {
    JsonNode settings =
        ManagedSettings.of(Profile.STANDARD, Client.OLD, MACHINE, List.of()).settings();
    assertTrue(settings.path("requiredMinimumVersion").isMissingNode());
    assertEquals(
        "/opt/skillwarden/hooks/skillwarden-relay",
        hook(settings, "PreToolUse").path("command").asString(""));
    assertTrue(hook(settings, "UserPromptExpansion").path("args").isArray());
    assertEquals("http", hook(settings, "PostToolUse").path("type").asString(""));
  }

  @Test
  void whereTheRelayCannotRunNoHookNeedsIt() {
    Machine windows = new Machine(7717, MACHINE.program(), MACHINE.caBundle(), Optional.empty());
    JsonNode settings =
        ManagedSettings.of(Profile.STANDARD, Client.CURRENT, windows, List.of()).settings();
    assertFalse(Json.write(settings).contains("skillwarden-relay"));
    assertEquals("http", hook(settings, "PreToolUse").path("type").asString(""));
  }

  @Test
  void theAdministratorsOwnIsKept() throws InvalidTextException {
    JsonNode settings =
        merged(
                Profile.STANDARD,
                "{'env':{'no_proxy':'.corp.example, 127.0.0.1','OTEL_METRICS_EXPORTER':'otlp'},"
                    + "'permissions':{'allow':['Bash(make)'],'ask':['WebFetch']},'model':'opus',"
                    + "'hooks':{'Stop':[{'hooks':[]}]},'requiredMinimumVersion':'2.1.310',"
                    + "'apiKeyHelper':'/opt/corp/key',"
                    + "'extraKnownMarketplaces':{'corp':{'source':{'source':'github','repo':'corp/skills'}}}}")
            .settings();
    assertEquals("127.0.0.1,localhost,.corp.example", settings.at("/env/NO_PROXY").asString(""));
    assertEquals("127.0.0.1,localhost,.corp.example", settings.at("/env/no_proxy").asString(""));
    assertEquals("otlp", settings.at("/env/OTEL_METRICS_EXPORTER").asString(""));
    assertEquals("Bash(make)", settings.at("/permissions/allow/2").asString(""));
    assertEquals("WebFetch", settings.at("/permissions/ask/0").asString(""));
    assertEquals("opus", settings.path("model").asString(""));
    assertEquals("/opt/corp/key", settings.path("apiKeyHelper").asString(""));
    assertEquals("", settings.path("awsAuthRefresh").asString("missing"));
    assertTrue(settings.at("/hooks/Stop").isArray());
    assertEquals("http", hook(settings, "PreToolUse").path("type").asString(""));
    assertEquals("2.1.310", settings.path("requiredMinimumVersion").asString(""));
    assertTrue(settings.at("/extraKnownMarketplaces/corp/autoUpdate").asBoolean(false));
  }

  @Test
  void anOlderMinimumDoesNotLowerOurs() throws InvalidTextException {
    assertEquals(
        "2.1.295",
        merged(Profile.STANDARD, "{'requiredMinimumVersion':'2.1.99'}")
            .settings()
            .path("requiredMinimumVersion")
            .asString(""));
  }

  @Test
  void strictKnowsTheAdministratorsMarketplacesAndServers() throws InvalidTextException {
    Documents documents =
        merged(
            Profile.STRICT,
            "{'mcpServers':{'tickets':{'type':'http','url':'https://tickets.example/mcp'}},"
                + "'extraKnownMarketplaces':{'corp':{'source':{'source':'github','repo':'corp/skills'}}}}");
    assertEquals(
        json("[{'source':'github','repo':'corp/skills'}]"),
        documents.settings().path("strictKnownMarketplaces"));
    assertEquals(
        Set.of("skillwarden", "tickets"),
        Set.copyOf(documents.mcp().orElseThrow().path("mcpServers").propertyNames()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "policyHelper;{'policyHelper':{'path':'/x'}}",
        "disableAllHooks;{'disableAllHooks':true}",
        "allowManagedHooksOnly;{'allowManagedHooksOnly':false}",
        "env.LD_PRELOAD;{'env':{'LD_PRELOAD':'/opt/agent.so'}}",
        "env.NODE_TLS_REJECT_UNAUTHORIZED;{'env':{'NODE_TLS_REJECT_UNAUTHORIZED':'0'}}",
        "server.extra-ca;{'env':{'NODE_EXTRA_CA_CERTS':'/etc/corp.pem'}}",
        "mcpServers;{'mcpServers':{'tickets':{}}}",
        "permissions.defaultMode;{'permissions':{'defaultMode':'bypassPermissions'}}",
        "permissions.disableBypassPermissionsMode;{'permissions':{'disableBypassPermissionsMode':'no'}}",
        "enabledPlugins.skillwarden@skillwarden;{'enabledPlugins':{'skillwarden@skillwarden':false}}",
        "requiredMinimumVersion;{'requiredMinimumVersion':'latest'}",
        "JSON object;[]"
      })
  void whatWouldWeakenAPinnedKeyIsRefusedByName(String key, String admin) {
    String message = refused(Profile.STANDARD, admin);
    assertTrue(message.contains(key), message);
    assertTrue(message.startsWith("own.json"), message);
  }

  @Test
  void everyConflictIsSaidAtOnce() {
    String message =
        refused(
            Profile.STRICT, "{'allowManagedHooksOnly':false,'env':{'ENV':'/x','BASH_ENV':'/y'}}");
    assertEquals(3, message.lines().count(), message);
  }
}
