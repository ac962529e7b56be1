package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Hashes of the newest records by number, to compare roots with.
final class RecentHashes {
  /// A checkpoint every 100 records looks back 100; the rest is room for slow signing.
  private static final int KEPT = 1 << 16;

  private final byte[] hashes = new byte[KEPT * JournalFormat.HASH_BYTES];
  private final long[] numbers = new long[KEPT];

  RecentHashes() {
    Arrays.fill(numbers, -1);
  }

  void put(long seq, byte[] hash) {
    int slot = (int) (seq & (KEPT - 1));
    numbers[slot] = seq;
    System.arraycopy(hash, 0, hashes, slot * JournalFormat.HASH_BYTES, JournalFormat.HASH_BYTES);
  }

  byte @Nullable [] get(long seq) {
    int slot = (int) (seq & (KEPT - 1));
    if (numbers[slot] != seq) {
      return null;
    }
    int from = slot * JournalFormat.HASH_BYTES;
    return Arrays.copyOfRange(hashes, from, from + JournalFormat.HASH_BYTES);
  }
}
