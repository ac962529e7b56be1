package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The end of a chain: the number and the hash to go on from, and the ratchet key of that number
/// when the ratchet is on. Keys that were used are overwritten; the virtual machine may have copied
/// them, so that is no promise. For one thread.
final class Chain {
  private static final int BLOCK = 64;
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;
  private static final byte[] HASH = JournalFormat.HASH.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MAC = JournalFormat.MAC.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] QUOTE = {'"'};
  private static final byte[] END = "\"}".getBytes(StandardCharsets.US_ASCII);
  private static final int HEX = 2 * JournalFormat.HASH_BYTES;

  private final MessageDigest digest = Sha256.start();
  private final byte[] pad = new byte[BLOCK];
  private final byte[] sealed = new byte[JournalFormat.HASH_BYTES];
  private final byte[] hash = new byte[JournalFormat.HASH_BYTES];
  private byte @Nullable [] key;
  private long next;

  /// A chain that begins with this number.
  Chain(long next) {
    this.next = next;
  }

  /// Number of the next record.
  long next() {
    return next;
  }

  /// Hash of the last record; zeros before the first.
  byte[] hash() {
    return hash.clone();
  }

  boolean ratchet() {
    return key != null;
  }

  /// The key of the next record, itself and no copy; empty when the ratchet is off.
  byte[] key() {
    return key == null ? new byte[0] : key;
  }

  /// The record as it is stored, for the next number. [#advance] must follow once it is.
  ///
  /// @param rest what follows the number, see [EntryCodec#encodeRest]
  byte[] seal(byte[] rest) {
    byte[] bytes = EntryCodec.withSeq(next, rest);
    digestInto(sealed, bytes);
    int length = bytes.length - 1 + HASH.length + HEX + END.length;
    byte[] line =
        Arrays.copyOf(bytes, key == null ? length : length + QUOTE.length + MAC.length + HEX);
    int at = put(line, put(line, bytes.length - 1, HASH), hex(sealed));
    if (key != null) {
      byte[] mac = new byte[JournalFormat.HASH_BYTES];
      hmac(key, sealed, mac);
      at = put(line, put(line, put(line, at, QUOTE), MAC), hex(mac));
    }
    put(line, at, END);
    return line;
  }

  private void digestInto(byte[] to, byte[] bytes) {
    digest.update((byte) JournalFormat.VERSION);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(next).array());
    digest.update(hash);
    digest.update(bytes);
    finish(to);
  }

  /// The record made by [#seal] is stored.
  void advance() {
    System.arraycopy(sealed, 0, hash, 0, sealed.length);
    next++;
    evolve();
  }

  /// Passes over numbers that no record has, or whose records have this hash.
  void skip(long count) {
    next += count;
    for (long i = 0; key != null && i < count; i++) {
      evolve();
    }
  }

  /// Goes on after a record.
  void goOnFrom(byte[] hashOfLast) {
    System.arraycopy(hashOfLast, 0, hash, 0, hash.length);
  }

  /// Begins a new ratchet with the next record, or ends it.
  ///
  /// @param first copied; empty ends it
  void ratchet(byte[] first) {
    if (key != null) {
      Arrays.fill(key, (byte) 0);
    }
    key = first.length == 0 ? null : first.clone();
  }

  private void evolve() {
    if (key == null) {
      return;
    }
    digest.update(JournalFormat.EVOLVE);
    digest.update(key);
    finish(key);
  }

  /// HMAC (RFC 2104) with SHA-256, written out so that no copy of the key is left in key objects.
  private void hmac(byte[] with, byte[] message, byte[] to) {
    pad(with, INNER);
    digest.update(pad);
    digest.update(message);
    finish(to);
    pad(with, OUTER);
    digest.update(pad);
    digest.update(to);
    finish(to);
    Arrays.fill(pad, (byte) 0);
  }

  private void pad(byte[] with, byte filler) {
    Arrays.fill(pad, filler);
    for (int i = 0; i < with.length; i++) {
      pad[i] ^= with[i];
    }
  }

  private void finish(byte[] to) {
    try {
      digest.digest(to, 0, to.length);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 has 32 bytes", e);
    }
  }

  private static byte[] hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII);
  }

  private static int put(byte[] line, int at, byte[] part) {
    System.arraycopy(part, 0, line, at, part.length);
    return at + part.length;
  }

  /// Hash of a stored line. Empty when it has none, or does not end as a record does: then it was
  /// not written to its end, or its end was destroyed.
  static byte[] hashOf(byte[] line) {
    int end = line.length - END.length;
    int mac = end - HEX - MAC.length - QUOTE.length;
    if (!at(line, end, END)) {
      return new byte[0];
    }
    if (at(line, mac, QUOTE) && at(line, mac + QUOTE.length, MAC)) {
      if (hex(line, end - HEX).length == 0) {
        return new byte[0];
      }
      end = mac;
    }
    return at(line, end - HEX - HASH.length, HASH) ? hex(line, end - HEX) : new byte[0];
  }

  private static boolean at(byte[] line, int from, byte[] wanted) {
    return from >= 0
        && from + wanted.length <= line.length
        && Arrays.equals(line, from, from + wanted.length, wanted, 0, wanted.length);
  }

  private static byte[] hex(byte[] line, int from) {
    try {
      return HexFormat.of().parseHex(new String(line, from, HEX, StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}
