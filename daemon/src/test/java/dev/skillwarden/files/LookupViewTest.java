package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookupViewTest {
  @TempDir private Path directory;
  private Path home = Path.of("/");
  private Path project = Path.of("/");

  @BeforeEach
  void make() throws IOException {
    home = Files.createDirectories(directory.toRealPath().resolve("home"));
    project = Files.createDirectories(home.resolve("project"));
    Files.writeString(home.resolve(".bashrc"), "");
    Files.createLink(project.resolve("notes.txt"), home.resolve(".bashrc"));
    Files.writeString(project.resolve("own.txt"), "");
    Files.createLink(project.resolve("other.txt"), project.resolve("own.txt"));
    Files.createSymbolicLink(project.resolve("link"), Path.of("../.bashrc"));
  }

  private static FileView view() {
    return new PathLookups(Optional.empty(), "dev", a -> OptionalInt.empty()).view("dev");
  }

  private String rule(String tool, Map<String, String> arguments) {
    var input = Json.object();
    arguments.forEach(input::put);
    ToolCall call =
        new ToolCall(tool, input, project, project, home, Map.of("HOME", home.toString()));
    return new ToolPolicy(PolicyFile.defaults(), new GuardedPaths(List.of(), 0))
        .decide(call, view(), Instant.EPOCH)
        .rule();
  }

  @Test
  void aHardLinkIsTheFileItNames() {
    assertEquals("protected-path-write", rule("Write", Map.of("file_path", "notes.txt")));
    assertEquals("protected-path-write", rule("Bash", Map.of("command", "echo x >> notes.txt")));
    assertEquals("", rule("Write", Map.of("file_path", "other.txt")));
    assertEquals("", rule("Write", Map.of("file_path", "own.txt")));
  }

  @Test
  void aSymbolicLinkLeadsOn() {
    assertEquals("protected-path-write", rule("Write", Map.of("file_path", "link")));
    assertEquals("", rule("Bash", Map.of("command", "rm link")));
  }

  @Test
  void answersWhatItIsAsked() {
    FileView view = view();
    assertEquals(
        Optional.of(home.resolve(".bashrc")),
        view.sameFile(
            project.resolve("notes.txt"),
            () -> List.of(home.resolve("none"), home.resolve(".bashrc"))));
    assertEquals(Optional.empty(), view.sameFile(project.resolve("none"), List::of));
    assertEquals(Optional.of(Path.of("../.bashrc")), view.link(project.resolve("link")));
    assertFalse(view.overrun());
  }
}
