package dev.skillwarden.journal.verify;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What is known of records that are not here: the stub of a deleted file, or the sidecar of an
/// export.
///
/// @param first number of its first record
/// @param last number of its last
/// @param beforeHash hash of the record before its first
/// @param note a checkpoint, empty when it has none
/// @param keys lines of `enroll` and `key-rotation` records, oldest first
@SuppressWarnings("ArrayRecordComponent") // never compared
record Stub(
    Facts facts,
    long first,
    long last,
    long records,
    byte[] beforeHash,
    String note,
    List<String> keys) {
  private static final int LARGEST = 16 << 20;
  private static final int MOST_KEYS = 10_000;

  /// @throws MalformedException when it is not what it should be
  static Stub read(Path file) throws IOException, MalformedException {
    return parse(bytes(file));
  }

  static byte[] bytes(Path file) throws IOException, MalformedException {
    if (Files.size(file) > LARGEST) {
      throw new MalformedException("has more than %d bytes".formatted(LARGEST));
    }
    return Files.readAllBytes(file);
  }

  static Stub parse(byte[] bytes) throws MalformedException {
    JsonNode json;
    try {
      json = Json.parse("it", bytes);
    } catch (InvalidTextException e) {
      throw new MalformedException("is no JSON: " + e.problems().getFirst().message());
    }
    if (!json.isObject()) {
      throw new MalformedException("is no JSON object");
    }
    Facts facts = Facts.ofObject(json);
    long first = facts.number("first");
    long last = facts.number("last");
    if (first < 0 || last < first) {
      throw new MalformedException("covers %d to %d".formatted(first, last));
    }
    return new Stub(
        facts,
        first,
        last,
        facts.number("records"),
        facts.hash("before_hash"),
        facts.optional("checkpoint"),
        keys(json.path("keys")));
  }

  private static List<String> keys(JsonNode array) throws MalformedException {
    if (!array.isArray() || array.size() > MOST_KEYS) {
      throw new MalformedException("has no list `keys` of at most %d lines".formatted(MOST_KEYS));
    }
    List<String> keys = new ArrayList<>();
    for (JsonNode line : array) {
      if (!line.isString()) {
        throw new MalformedException("has `keys` that are no texts");
      }
      keys.add(line.stringValue());
    }
    return List.copyOf(keys);
  }

  /// One of [#keys], taken apart.
  static RecordLine.Chained keyRecord(String line) throws MalformedException {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    if (RecordLine.parse(bytes, 0, bytes.length) instanceof RecordLine.Chained chained) {
      return chained;
    }
    throw new MalformedException("has a line in `keys` that is no chained record");
  }
}
