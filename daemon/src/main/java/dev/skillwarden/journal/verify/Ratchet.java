package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.Sha256;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The evolving key, as the verifier follows it. HMAC is spelt out: a new key for each record makes
/// the general one several times slower.
final class Ratchet {
  /// Most steps over numbers that no record has, in all: some ten seconds.
  private static final long MOST_EMPTY_STEPS = 50_000_000;

  private static final int BLOCK = 64;

  private final MessageDigest sha256 = Sha256.start();
  private final byte[] pad = new byte[BLOCK];
  private byte @Nullable [] key;
  private long at;
  private long emptySteps;

  enum Result {
    RIGHT,
    WRONG,
    /// No key is known for this number.
    UNKNOWN
  }

  /// @param number of the first record with a MAC under this key
  void begin(byte[] first, long number) {
    key = first.clone();
    at = number;
  }

  void forget() {
    key = null;
  }

  boolean known() {
    return key != null;
  }

  Result check(long seq, byte[] hash, byte[] mac) {
    byte[] current = keyFor(seq);
    if (current == null) {
      return Result.UNKNOWN;
    }
    return MessageDigest.isEqual(hmac(current, hash), mac) ? Result.RIGHT : Result.WRONG;
  }

  /// The key of a number not before the last one asked for.
  byte @Nullable [] keyFor(long seq) {
    if (key == null || seq < at) {
      return null;
    }
    long steps = seq - at;
    emptySteps += Math.max(0, steps - 1);
    if (emptySteps > MOST_EMPTY_STEPS || emptySteps < 0) {
      key = null;
      return null;
    }
    for (; at < seq; at++) {
      sha256.update(JournalFormat.EVOLVE);
      key = sha256.digest(key);
    }
    return key;
  }

  private byte[] hmac(byte[] with, byte[] message) {
    sha256.update(pad(with, (byte) 0x36));
    byte[] inner = sha256.digest(message);
    sha256.update(pad(with, (byte) 0x5c));
    return sha256.digest(inner);
  }

  private byte[] pad(byte[] with, byte value) {
    Arrays.fill(pad, value);
    for (int i = 0; i < with.length; i++) {
      pad[i] ^= with[i];
    }
    return pad;
  }
}
