package dev.skillwarden.journal;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A record of the journal as its line stands there, and what is read off it without parsing: the
/// format fixes the order of the first keys, and inside a JSON text every quote has a backslash.
///
/// @param line the whole line
/// @param time value of `ts`, as written
/// @param hash 64 hex digits; empty when the record has none
public record RawLine(long seq, String line, String time, String kind, String hash) {
  private static final String SEQ = ",\"seq\":";
  private static final String TIME = ",\"ts\":\"";
  private static final String KIND = ",\"kind\":\"";
  private static final String DECISION = ",\"decision\":\"";
  private static final String HASH = ",\"hash\":\"";
  private static final int HEX = 64;

  /// The line, or nothing when it is no record.
  static Optional<RawLine> of(byte[] bytes) {
    String line = new String(bytes, StandardCharsets.UTF_8);
    int seq = line.indexOf(SEQ);
    int end = line.indexOf(',', seq + SEQ.length());
    String time = text(line, TIME);
    String kind = text(line, KIND);
    if (!line.startsWith("{\"v\":")
        || !line.endsWith("}")
        || seq < 0
        || end < 0
        || time.isEmpty()
        || kind.isEmpty()) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(line, seq + SEQ.length(), end, 10);
      return number < 0
          ? Optional.empty()
          : Optional.of(new RawLine(number, line, time, kind, hash(line)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String text(String line, String key) {
    int from = line.indexOf(key) + key.length();
    int to = line.indexOf('"', from);
    return from < key.length() || to < 0 ? "" : line.substring(from, to);
  }

  private static String hash(String line) {
    int from = line.lastIndexOf(HASH) + HASH.length();
    return from < HASH.length() || from + HEX + 2 > line.length()
        ? ""
        : line.substring(from, from + HEX);
  }

  /// Whether it records that something was not permitted, see [JournalFilter#isDenied].
  public boolean denied() {
    String decision = text(line, DECISION);
    return decision.equals("deny")
        || (!decision.isEmpty() && Character.isUpperCase(decision.charAt(0)));
  }

  /// Bytes of the line in UTF-8.
  public int bytes() {
    return line.getBytes(StandardCharsets.UTF_8).length;
  }
}
