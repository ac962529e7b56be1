package dev.skillwarden.daemon;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a running daemon leaves in its home for others to find: who it is.
///
/// @param pid process id
/// @param port loopback port it listens on
/// @param started when it started
public record RunFile(long pid, int port, Instant started) {
  /// Writes the file in one step.
  public void write(Path file) throws IOException {
    ObjectNode node = Json.object();
    node.put("pid", pid).put("port", port).put("started", started.toString());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, Json.write(node) + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// The file's content; a missing or damaged file is as good as none.
  public static Optional<RunFile> read(Path file) {
    try {
      JsonNode node = Json.parse(file.toString(), Files.readAllBytes(file));
      return Optional.of(
          new RunFile(
              node.path("pid").asLong(0),
              node.path("port").asInt(0),
              Instant.parse(node.path("started").asString(""))));
    } catch (IOException | InvalidTextException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// Whether the process lives. Process ids are reused, so this alone proves nothing.
  public boolean alive() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
