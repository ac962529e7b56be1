package dev.skillwarden.upload;

import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// How far the journal was sent: everything up to this record was answered for good.
///
/// @param install whose journal it is
/// @param hash of the record; empty when it has none
/// @param receipt what kind of receipt was in use
record Cursor(String install, long seq, String hash, String receipt, Instant at) {
  private static final System.Logger LOG = System.getLogger(Cursor.class.getName());
  private static final String FILE = "cursor.json";

  /// The cursor kept in a directory. A damaged one is as good as none: then all is sent again,
  /// which receivers must bear.
  static Optional<Cursor> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
      if (!json.path("seq").isIntegralNumber() || json.path("install").asString("").isEmpty()) {
        throw new DateTimeException("`seq` and `install` are wanted");
      }
      return Optional.of(
          new Cursor(
              json.path("install").asString(""),
              json.path("seq").asLong(0),
              json.path("hash").asString(""),
              json.path("receipt").asString(""),
              Instant.parse(json.path("at").asString(""))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (InvalidTextException | DateTimeException e) {
      LOG.log(
          Level.WARNING,
          "the upload cursor %s is damaged, so the whole journal is sent again: %s"
              .formatted(file, e.getMessage()));
      return Optional.empty();
    }
  }

  void write(Path directory) throws IOException {
    String json =
        Json.write(
            Json.object()
                .put("install", install)
                .put("seq", seq)
                .put("hash", hash)
                .put("receipt", receipt)
                .put("at", at.toString()));
    PrivateFiles.write(directory.resolve(FILE), json.getBytes(StandardCharsets.UTF_8));
  }
}
