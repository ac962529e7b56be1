package dev.skillwarden.http;

import dev.skillwarden.gate.RecordQuery;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The JSON of questions about the journal.
final class RecordJson {
  private RecordJson() {}

  /// @throws IllegalArgumentException saying what is wrong
  static RecordQuery query(JsonNode body) {
    SkillJson.known(body, Set.of("since", "denied", "everybody", "before", "limit"));
    return new RecordQuery(
        Optional.of(SkillJson.text(body, "since", ""))
            .filter(t -> !t.isEmpty())
            .map(RecordJson::instant),
        flag(body, "denied"),
        flag(body, "everybody"),
        number(body, "before", Long.MAX_VALUE),
        Math.toIntExact(
            Math.min(Integer.MAX_VALUE, number(body, "limit", RecordQuery.DEFAULT_LIMIT))));
  }

  /// @return empty for the last denial
  /// @throws IllegalArgumentException saying what is wrong
  static Optional<String> id(JsonNode body) {
    SkillJson.known(body, Set.of("id", "last"));
    String id = SkillJson.text(body, "id", "");
    if (id.isEmpty() != flag(body, "last") || !id.matches("[0-9a-z-]{0,64}")) {
      throw new IllegalArgumentException("the id of a decision or last: true is wanted");
    }
    return Optional.of(id).filter(i -> !i.isEmpty());
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "since wants a time such as 2026-11-20T09:00:00Z, found '" + text + "'", e);
    }
  }

  private static boolean flag(JsonNode body, String key) {
    JsonNode node = body.path(key);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw new IllegalArgumentException(key + " wants true or false");
    }
    return node.asBoolean(false);
  }

  private static long number(JsonNode body, String key, long absent) {
    JsonNode node = body.path(key);
    if (node.isMissingNode()) {
      return absent;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 1) {
      throw new IllegalArgumentException(key + " wants a whole number from 1");
    }
    return node.longValue();
  }
}
