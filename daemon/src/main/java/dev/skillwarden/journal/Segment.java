package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat.Facts;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/// Readable records of one file.
///
/// @param file its name, empty when there is none
/// @param from number of the first record
/// @param to number of the last one
/// @param lastHash of the last one, empty for records of version 1
record Segment(String file, long from, long to, long count, byte[] lastHash) {
  static final Segment EMPTY = new Segment("", 0, -1, 0, new byte[0]);

  /// With one more record.
  Segment with(String name, long seq, byte[] hash) {
    return new Segment(name, count == 0 ? seq : from, seq, count + 1, hash);
  }

  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Facts.FILE, file);
    facts.put(Facts.FROM, String.valueOf(from));
    facts.put(Facts.TO, String.valueOf(to));
    facts.put(Facts.COUNT, String.valueOf(count));
    facts.put(Facts.LAST_HASH, HexFormat.of().formatHex(lastHash));
    return facts;
  }
}
