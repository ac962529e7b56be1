package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.claude.ManagedSettings.Client;
import dev.skillwarden.claude.ManagedSettings.Machine;
import dev.skillwarden.claude.ManagedSettings.Profile;
import dev.skillwarden.text.Json;
import java.io.IOException;
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
    ObjectNode made = ManagedSettings.of(profile, client, MACHINE, List.of()).settings();
    return write("managed-settings.json", Json.write(made));
  }

  private List<String> bad(boolean monitor) throws IOException {
    int own = (Integer) Files.getAttribute(directory, "unix:uid");
    return ManagedCheck.of(directory, MACHINE, Set.of(own), monitor).stream()
        .filter(f -> !f.ok())
        .map(Finding::code)
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
    assertEquals(List.of(), bad(true));
    assertEquals(List.of("HOOK_PreToolUse", "HOOK_UserPromptExpansion", "PINS"), bad(false));
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
            .filter(f -> f.code().equals("MANAGED_OWNER"))
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
        "{'permissions':{'disableBypassPermissionsMode':'no'}};PINS"
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
}
