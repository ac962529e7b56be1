package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ClientCheckTest {
  private static final String SAYS_ITS_VERSION = "#!/bin/sh\necho 2.1.999\n";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  private String checked(String program, Optional<JsonNode> delivered) throws Exception {
    Path client = Files.writeString(directory.resolve("claude"), program);
    Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<Finding> findings =
        ClientCheck.of(
            new InstalledClient(client, new ClientAccount(false)),
            Optional.of(new PreferredSource("device management", delivered)),
            Home.system(Path.of("/")).managedSettings(),
            7717);
    return String.join(
        " ", findings.stream().map(f -> (f.ok() ? "+" : "-") + f.code().id()).toList());
  }

  @Test
  void aClientThatCannotBeStartedIsAFinding() throws Exception {
    assertEquals("-CLIENT", checked("#!/no/such/interpreter\n", Optional.of(Json.object())));
    assertEquals("-CLIENT", checked("#!/bin/sh\nexit 1\n", Optional.of(Json.object())));
    assertEquals(
        "+CLIENT -CLIENT_SILENT",
        checked(SAYS_ITS_VERSION + "rm \"$0\"\n", Optional.of(Json.object())));
  }

  /// The source that wins says which model is asked, whatever the files say.
  @Test
  void aClientThatAsksAnotherModelIsNotRun() throws Exception {
    JsonNode gateway =
        Json.parse("it", "{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://127.0.0.1:9\"}}");
    assertEquals("+CLIENT +CLIENT_NOT_RUN", checked(SAYS_ITS_VERSION, Optional.of(gateway)));
    assertEquals("+CLIENT +CLIENT_NOT_RUN", checked(SAYS_ITS_VERSION, Optional.empty()));
  }

  @Test
  void rootIsWhoHasItsNumber() throws Exception {
    assertEquals(
        FileOwner.of(directory).uid() == 0, ClientAccount.ofThisProcess().root(), "by number");
    assertEquals(List.of("a", "b"), new ClientAccount(false).command(List.of("a", "b")));
    List<String> command = new ClientAccount(true).command(List.of("a", "b"));
    assertEquals(
        List.of("/usr/bin/setpriv", "--reuid=65534", "a", "b"),
        List.of(
            command.getFirst(),
            command.get(1),
            command.get(command.size() - 2),
            command.getLast()));
  }
}
