package dev.skillwarden.upload;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// What is left of a deleted file of the journal.
///
/// @param last number of its last record
/// @param lastHash hash of that record
/// @param keys every `enroll` and `key-rotation` record that was in it, whole lines
public record Stub(long first, long last, String lastHash, List<String> keys) {
  private static final int MAX_BYTES = 16 << 20;

  public Stub {
    keys = List.copyOf(keys);
  }

  /// Every stub of a journal, oldest first.
  ///
  /// @throws IOException when one cannot be read, naming it
  public static List<Stub> all(Path journal) throws IOException {
    List<Stub> stubs = new ArrayList<>();
    try (Stream<Path> files = Files.list(journal)) {
      for (Path file : files.filter(f -> f.toString().endsWith(JournalFormat.STUB)).toList()) {
        stubs.add(read(file));
      }
    }
    stubs.sort(Comparator.comparingLong(Stub::first));
    return stubs;
  }

  private static Stub read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("%s has over %d bytes".formatted(file, MAX_BYTES));
    }
    try {
      JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
      return new Stub(
          json.path("first").asLong(0),
          json.path("last").asLong(0),
          json.path("last_hash").asString(""),
          json.path("keys").valueStream().map(k -> k.asString("")).toList());
    } catch (InvalidTextException e) {
      throw new IOException("the stub of a deleted file is damaged: " + e.getMessage(), e);
    }
  }
}
