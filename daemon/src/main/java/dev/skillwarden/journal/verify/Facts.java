package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The `facts` of a record, or the keys of a stub or sidecar: texts by name.
record Facts(Map<String, String> texts) {
  private static final int LONGEST_ID = 256;

  Facts {
    texts = Map.copyOf(texts);
  }

  /// Of a whole record.
  static Facts of(JsonNode recordJson) throws MalformedException {
    JsonNode facts = recordJson.path("facts");
    if (!facts.isObject()) {
      throw new MalformedException("has no facts");
    }
    return ofObject(facts);
  }

  /// The texts and whole numbers of an object; others are passed over.
  static Facts ofObject(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : object.propertyNames()) {
      JsonNode value = object.get(name);
      if (value.isString() || value.isIntegralNumber()) {
        texts.put(name, value.asString());
      }
    }
    return new Facts(texts);
  }

  String optional(String name) {
    return texts.getOrDefault(name, "");
  }

  String text(String name) throws MalformedException {
    String text = texts.get(name);
    if (text == null) {
      throw new MalformedException("has no `" + name + "`");
    }
    return text;
  }

  /// A name that stands in a line of what is signed, so it must not hold the end of one.
  String id(String name) throws MalformedException {
    String id = text(name);
    if (id.isEmpty() || id.length() > LONGEST_ID || id.chars().anyMatch(c -> c < ' ')) {
      throw new MalformedException(
          "has a `%s` that is not 1 to %d printable characters".formatted(name, LONGEST_ID));
    }
    return id;
  }

  long number(String name) throws MalformedException {
    return number(name, text(name));
  }

  /// A number as this format writes it.
  static long number(String name, String text) throws MalformedException {
    if (!text.matches("0|[1-9][0-9]{0," + (RecordLine.MAX_DIGITS - 1) + "}")) {
      throw new MalformedException(
          "has a `%s` that is no number of at most %d digits"
              .formatted(name, RecordLine.MAX_DIGITS));
    }
    return Long.parseLong(text);
  }

  /// A hash in hex.
  byte[] hash(String name) throws MalformedException {
    String text = text(name);
    if (!text.matches("[0-9a-f]{" + 2 * JournalFormat.HASH_BYTES + "}")) {
      throw new MalformedException("has a `" + name + "` that is not 64 lower-case hex digits");
    }
    return HexFormat.of().parseHex(text);
  }

  byte[] base64(String name) throws MalformedException {
    return base64(name, text(name));
  }

  static byte[] base64(String name, String text) throws MalformedException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
        throw new MalformedException("has a `" + name + "` that is not padded base64");
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new MalformedException("has a `" + name + "` that is no base64");
    }
  }
}
