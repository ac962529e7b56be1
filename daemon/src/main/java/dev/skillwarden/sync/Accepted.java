package dev.skillwarden.sync;

import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What a source was last accepted at: what must not be gone back behind.
///
/// @param follows the pin's text it was accepted under
/// @param commit 40 hex digits
/// @param at when it was accepted
/// @param seq number of the pointer, 0 without one
/// @param key id of the key the pointer was signed with, empty without one
/// @param name what the pointer was for, empty without one
/// @param etag of the pointer, empty without one
/// @param expires of the pointer, [Instant#MAX] without one
record Accepted(
    String follows,
    String commit,
    Instant at,
    long seq,
    String key,
    String name,
    String etag,
    Instant expires) {
  static Accepted of(String follows, String commit, Instant at) {
    return new Accepted(follows, commit, at, 0, "", "", "", Instant.MAX);
  }

  /// Reads a file.
  ///
  /// @return empty when there is none
  /// @throws IOException when there is one that cannot be read: then nothing may be accepted, since
  ///   it would be taken for the first
  static Optional<Accepted> read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      JsonNode node = Json.parse(file.toString(), bytes);
      String expires = node.path("expires").asString("");
      return Optional.of(
          new Accepted(
              node.path("follows").asString(""),
              node.path("commit").asString(""),
              Instant.parse(node.path("at").asString("")),
              node.path("seq").asLong(0),
              node.path("key").asString(""),
              node.path("name").asString(""),
              node.path("etag").asString(""),
              expires.isEmpty() ? Instant.MAX : Instant.parse(expires)));
    } catch (InvalidTextException | DateTimeException e) {
      throw new IOException(
          "%s is damaged, so nothing tells an old commit from a new one; restore it, or delete it to trust the remote once more: %s"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /// Replaces the file in one step, on the disk before this returns.
  void write(Path file) throws IOException {
    String text =
        Json.write(
                Json.object()
                    .put("follows", follows)
                    .put("commit", commit)
                    .put("at", at.toString())
                    .put("seq", seq)
                    .put("key", key)
                    .put("name", name)
                    .put("etag", etag)
                    .put("expires", expires.equals(Instant.MAX) ? "" : expires.toString()))
            + "\n";
    PrivateFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
