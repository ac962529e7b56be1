package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.claude.ManagedSettings.Client;
import dev.skillwarden.claude.ManagedSettings.Machine;
import dev.skillwarden.claude.ManagedSettings.Profile;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class ManagedCheckTest {
  private static final Machine MACHINE =
      new Machine(
          7717,
          Path.of("/opt/skillwarden"),
          Path.of("/var/lib/skillwarden-public/ca-bundle.pem"),
          Optional.of(Path.of("/run/skillwarden/control.sock")));

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  @BeforeEach
  void open() throws IOException {
    mode(directory, "rwxr-xr-x");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private Path write(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(directory.resolve("managed-settings.d"));
    mode(directory.resolve("managed-settings.d"), "rwxr-xr-x");
    Files.writeString(file, content);
    mode(file, "rw-r--r--");
    return file;
  }

  private Path settings(Profile profile, Client client) throws IOException {
    ManagedSettings.Documents made = ManagedSettings.of(profile, client, MACHINE, List.of());
    if (made.mcp().isPresent()) {
      write("managed-mcp.json", Json.write(made.mcp().get()));
    }
    return write("managed-settings.json", Json.write(made.settings()));
  }

  private List<String> bad(boolean monitor) throws IOException {
    int own = (Integer) Files.getAttribute(directory, "unix:uid");
    return ManagedCheck.of(directory, MACHINE, Set.of(own), monitor).stream()
        .filter(f -> !f.ok())
        .map(f -> f.code().id())
        .toList();
  }

  @Test
  void whatIsMadeHereIsGood() throws IOException {
    for (Profile profile : List.of(Profile.STANDARD, Profile.STRICT)) {
      for (Client client : Client.values()) {
        settings(profile, client);
        assertEquals(List.of(), bad(false), profile + " " + client);
      }
    }
    settings(Profile.MONITOR, Client.CURRENT);
    Files.delete(directory.resolve("managed-mcp.json"));
    assertEquals(List.of(), bad(true));
    assertEquals(List.of("HOOK_PreToolUse", "HOOK_UserPromptExpansion", "PINS", "MCP"), bad(false));
  }

  @Test
  void nothingThereIsSaid() throws IOException {
    assertEquals(List.of("MANAGED_MISSING"), bad(false));
  }

  @Test
  void whatSomebodyCannotReadIsNoPolicyForHim() throws IOException {
    Path file = settings(Profile.STANDARD, Client.CURRENT);
    mode(file, "rw-r-----");
    assertEquals(List.of("MANAGED_UNREADABLE"), bad(false));
    mode(file, "rw-rw-r--");
    assertEquals(List.of("MANAGED_WRITABLE"), bad(false));
    mode(file, "rw-r--r--");
    mode(directory, "rwxr-x---");
    assertEquals(List.of("MANAGED_UNREADABLE"), bad(false));
  }

  @Test
  void filesOfOthersAreFound() throws IOException {
    settings(Profile.STANDARD, Client.CURRENT);
    int own = (Integer) Files.getAttribute(directory, "unix:uid");
    assertEquals(
        3,
        ManagedCheck.of(directory, MACHINE, Set.of(own + 1), false).stream()
            .filter(f -> f.code() == FindingCode.MANAGED_OWNER)
            .count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'disableAllHooks':true};HOOKS_OFF",
        "{'policyHelper':{'path':'/x'}};POLICY_HELPER",
        "{'env':;MANAGED_BROKEN",
        "{'env':{'NODE_TLS_REJECT_UNAUTHORIZED':'0'}};PINS",
        "{'env':{'no_proxy':'.corp.example'}};PINS",
        "{'env':{'LD_PRELOAD':'/x.so'}};PINS",
        "{'allowManagedHooksOnly':false};PINS",
        "{'permissions':{'disableBypassPermissionsMode':'no'}};PINS",
        "{'allowedHttpHookUrls':['https://localhost:8443/*']};HOOK_URLS",
        "{'enabledPlugins':{'skillwarden@skillwarden':false}};MCP",
        "[1];MANAGED_BROKEN"
      })
  void aDropInThatTakesTheGateAwayIsFound(String dropIn, String code) throws IOException {
    settings(Profile.STANDARD, Client.CURRENT);
    write("managed-settings.d/90-late.json", dropIn.replace('\'', '"'));
    assertEquals(List.of(code), bad(false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "'matcher':'*';'matcher':'Bash|Write'",
        "localhost:7717/v1;localhost:7718/v1",
        "https://localhost:7717/v1;http://localhost:7717/v1",
        "'onFailure':'block';'onFailure':'allow'",
        "'timeout':10;'timeout':10,'async':true"
      })
  void aHookThatLetsCallsThroughIsFound(String from, String to) throws IOException {
    ObjectNode made =
        ManagedSettings.of(Profile.STANDARD, Client.CURRENT, MACHINE, List.of()).settings();
    write(
        "managed-settings.json",
        Json.write(made).replace(from.replace('\'', '"'), to.replace('\'', '"')));
    assertEquals("HOOK_PreToolUse", bad(false).getFirst());
  }

  @Test
  void aDropInMayBringTheHooks() throws IOException {
    Path file = settings(Profile.STANDARD, Client.CURRENT);
    Files.move(file, directory.resolve("managed-settings.d/10-skillwarden.json"));
    assertEquals(List.of(), bad(false));
  }

  @Test
  void addressesThatHooksMayUseMayHoldWildcards() throws IOException {
    settings(Profile.STANDARD, Client.CURRENT);
    write(
        "managed-settings.d/50-urls.json",
        "{\"allowedHttpHookUrls\":[\"https://hooks.example.com/*\",\"https://localhost:*/v1/*\"]}");
    assertEquals(List.of(), bad(false));
  }

  @Test
  void theFileThatWonIsNamed() throws IOException {
    settings(Profile.STANDARD, Client.CURRENT);
    write("managed-settings.d/50-own.json", "{\"env\":{\"LD_PRELOAD\":\"/a.so\"}}");
    write("managed-settings.d/90-late.json", "{\"env\":{\"LD_PRELOAD\":\"/b.so\"}}");
    int own = (Integer) Files.getAttribute(directory, "unix:uid");
    assertTrue(
        ManagedCheck.of(directory, MACHINE, Set.of(own), false).stream()
            .anyMatch(f -> f.cause().contains("env.LD_PRELOAD (set by 90-late.json)")));
  }

  @Test
  void exclusiveServersWithoutOursAreFound() throws IOException {
    settings(Profile.STRICT, Client.CURRENT);
    Path file =
        write("managed-mcp.json", "{\"mcpServers\":{\"other\":{\"url\":\"https://h/mcp\"}}}");
    assertEquals(List.of("MCP"), bad(false));
    mode(file, "rw-------");
    assertEquals("MANAGED_UNREADABLE", bad(false).getFirst());
    write("managed-mcp.json", "{");
    assertEquals("MANAGED_BROKEN", bad(false).getFirst());
  }

  /// Nobody says which profile is meant: one key that closes something, and all must be there.
  @Test
  void whatWasDeliveredSaysWhichProfileIsMeant() throws IOException {
    Set<Integer> own = Set.of((Integer) Files.getAttribute(directory, "unix:uid"));
    settings(Profile.MONITOR, Client.CURRENT);
    assertEquals("healthy", Finding.oneLine(ManagedCheck.asDelivered(directory, MACHINE, own)));
    write("managed-settings.d/90-late.json", "{\"allowManagedHooksOnly\":false}");
    assertEquals(
        "unhealthy: HOOK_PreToolUse HOOK_UserPromptExpansion PINS MCP",
        Finding.oneLine(ManagedCheck.asDelivered(directory, MACHINE, own)));
  }

  @Test
  void settingsThatCameAnotherWayAreLookedAtToo() throws Exception {
    ObjectNode made =
        ManagedSettings.of(Profile.STANDARD, Client.CURRENT, MACHINE, List.of()).settings();
    assertEquals("healthy", Finding.oneLine(ManagedCheck.ofContent("list", made, MACHINE, false)));
    assertEquals(
        "unhealthy: HOOKS_OFF HOOK_PreToolUse HOOK_UserPromptExpansion PINS MCP",
        Finding.oneLine(
            ManagedCheck.ofContent(
                "list", Json.parse("t", "{\"disableAllHooks\":true}"), MACHINE, false)));
  }

  @Test
  void settingsThatSendTheClientToAnotherModelAreTold() throws Exception {
    settings(Profile.STANDARD, Client.CURRENT);
    assertEquals(
        List.of(), ManagedCheck.modelElsewhere(ManagedCheck.inForce(directory).orElseThrow()));
    write(
        "managed-settings.d/90-gateway.json",
        "{\"env\":{\"ANTHROPIC_BASE_URL\":\"https://gateway.example.com\"},\"apiKeyHelper\":\"/x\"}");
    assertEquals(
        List.of("env.ANTHROPIC_BASE_URL", "apiKeyHelper"),
        ManagedCheck.modelElsewhere(ManagedCheck.inForce(directory).orElseThrow()));
  }

  /// The stream of a directory throws no IOException, which is what callers expect.
  @Test
  void aDirectoryThatBreaksOffIsAnErrorOfReading() {
    IOException cause = new IOException("stale");
    Iterable<Path> broken =
        () -> {
          throw new DirectoryIteratorException(cause);
        };
    assertSame(cause, assertThrows(IOException.class, () -> ManagedFiles.sorted(broken)));
  }
}
