package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One stored line, taken apart just as far as the chain needs it.
sealed interface RecordLine {
  /// A record of the current version. Looks into a buffer that its reader uses again: good until
  /// the next one is read.
  ///
  /// @param length of the whole line
  /// @param hashed how many bytes of the line, before the closing brace, are hashed
  /// @param mac null when it has none
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copied only where kept
  record Chained(
      byte[] buffer,
      int from,
      int length,
      int hashed,
      long seq,
      String kind,
      String time,
      byte[] hash,
      byte @Nullable [] mac)
      implements RecordLine {

    /// The hash it should have.
    byte[] hashAfter(byte[] previous, MessageDigest sha256) {
      sha256.update((byte) JournalFormat.VERSION);
      for (int shift = 56; shift >= 0; shift -= 8) {
        sha256.update((byte) (seq >>> shift));
      }
      sha256.update(previous);
      sha256.update(buffer, from, hashed);
      sha256.update((byte) '}');
      return sha256.digest();
    }

    /// What the journal says of itself in it.
    Facts facts() throws MalformedException {
      return Facts.of(parsed(buffer, from, length));
    }
  }

  /// A record of version 1: no hash, no signature.
  record Unchained() implements RecordLine {}

  /// No record.
  ///
  /// @param what continues `a record that`
  record Bad(String what) implements RecordLine {}

  /// Most digits of a number: it always fits a long, and so does the next one.
  int MAX_DIGITS = 18;

  byte[] BEGIN = ascii(JournalFormat.BEGIN);
  byte[] BEGIN_UNCHAINED = ascii("{\"v\":1,");
  byte[] HASH = ascii(JournalFormat.HASH);
  byte[] MAC = ascii("\"" + JournalFormat.MAC);
  byte[] END = ascii("\"}");
  byte[] TIME = ascii(",\"ts\":\"");
  byte[] ID = ascii("\",\"id\":\"");
  byte[] KIND = ascii("\",\"kind\":\"");
  int HEX = 2 * JournalFormat.HASH_BYTES;

  static RecordLine parse(byte[] buffer, int from, int length) {
    if (length > JournalFormat.MAX_BYTES) {
      return new Bad(
          "has %d bytes; at most %d are wanted".formatted(length, JournalFormat.MAX_BYTES));
    }
    int end = from + length;
    if (at(buffer, from, end, BEGIN_UNCHAINED)) {
      return new Unchained();
    }
    if (!at(buffer, from, end, BEGIN)) {
      return new Bad("does not begin with " + JournalFormat.BEGIN);
    }
    int digits = from + BEGIN.length;
    int afterSeq = digits;
    while (afterSeq < end && buffer[afterSeq] >= '0' && buffer[afterSeq] <= '9') {
      afterSeq++;
    }
    int count = afterSeq - digits;
    if (count == 0 || count > MAX_DIGITS || (count > 1 && buffer[digits] == '0')) {
      return new Bad("has no number from 0 to 999999999999999999");
    }
    long seq = 0;
    for (int i = digits; i < afterSeq; i++) {
      seq = seq * 10 + (buffer[i] - '0');
    }
    return withSeq(buffer, from, length, seq, afterSeq);
  }

  private static RecordLine withSeq(byte[] buffer, int from, int length, long seq, int afterSeq) {
    int end = from + length;
    int close = end - END.length;
    byte[] mac = null;
    int macAt = close - HEX - MAC.length;
    int hashEnd = close;
    if (macAt > afterSeq && at(buffer, macAt, end, MAC)) {
      mac = hex(buffer, macAt + MAC.length);
      hashEnd = macAt;
      if (mac == null) {
        return new Bad("has a MAC that is not 64 lower-case hex digits");
      }
    }
    int hashAt = hashEnd - HEX - HASH.length;
    if (hashAt < afterSeq || !at(buffer, close, end, END) || !at(buffer, hashAt, end, HASH)) {
      return new Bad("does not end with a hash");
    }
    byte[] hash = hex(buffer, hashAt + HASH.length);
    if (hash == null) {
      return new Bad("has a hash that is not 64 lower-case hex digits");
    }
    int hashed = hashAt - from;
    int time = afterSeq + TIME.length;
    int id = at(buffer, afterSeq, hashAt, TIME) ? string(buffer, time, hashAt) : -1;
    int kind = id < 0 || !at(buffer, id, hashAt, ID) ? -1 : string(buffer, id + ID.length, hashAt);
    int last =
        kind < 0 || !at(buffer, kind, hashAt, KIND)
            ? -1
            : string(buffer, kind + KIND.length, hashAt);
    String name = last < 0 ? "\\" : text(buffer, kind + KIND.length, last);
    if (name.indexOf('\\') < 0) {
      String written = text(buffer, time, id);
      return new Chained(buffer, from, length, hashed, seq, name, written, hash, mac);
    }
    return parsedWhole(buffer, from, length, hashed, seq, hash, mac);
  }

  /// Keys in another order than the documented one, or an escaped kind, are left to the parser.
  private static RecordLine parsedWhole(
      byte[] buffer,
      int from,
      int length,
      int hashed,
      long seq,
      byte[] hash,
      byte @Nullable [] mac) {
    try {
      JsonNode json = parsed(buffer, from, length);
      String kind = json.path("kind").asString("");
      if (kind.isEmpty()) {
        return new Bad("has no kind");
      }
      String time = json.path("ts").asString("");
      return new Chained(buffer, from, length, hashed, seq, kind, time, hash, mac);
    } catch (MalformedException e) {
      return new Bad(e.what());
    }
  }

  private static JsonNode parsed(byte[] buffer, int from, int length) throws MalformedException {
    try {
      return Json.parse("record", Arrays.copyOfRange(buffer, from, from + length));
    } catch (InvalidTextException e) {
      throw new MalformedException("is no JSON: " + e.problems().getFirst().message());
    }
  }

  private static boolean at(byte[] buffer, int from, int end, byte[] wanted) {
    return from + wanted.length <= end
        && Arrays.equals(buffer, from, from + wanted.length, wanted, 0, wanted.length);
  }

  /// Where the quote is that ends a string, or -1.
  private static int string(byte[] buffer, int from, int end) {
    for (int i = from; i < end; i++) {
      if (buffer[i] == '"') {
        return i;
      }
      if (buffer[i] == '\\') {
        i++;
      }
    }
    return -1;
  }

  private static String text(byte[] buffer, int from, int to) {
    return new String(buffer, from, to - from, StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] hex(byte[] buffer, int from) {
    byte[] bytes = new byte[JournalFormat.HASH_BYTES];
    for (int i = 0; i < bytes.length; i++) {
      int high = digit(buffer[from + 2 * i]);
      int low = digit(buffer[from + 2 * i + 1]);
      if ((high | low) < 0) {
        return null;
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return bytes;
  }

  private static int digit(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
