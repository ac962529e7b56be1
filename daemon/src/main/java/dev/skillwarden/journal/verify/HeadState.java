package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// What `chain.state` says the next record is.
///
/// @param ratchet whether it is on
/// @param key of the next number, zeros when the ratchet is off
@SuppressWarnings("ArrayRecordComponent") // never compared
record HeadState(boolean ratchet, long next, byte[] hash, byte[] key) {
  private static final int CHECKED_BYTES = 4 + 4 + 8 + 2 * JournalFormat.HASH_BYTES;
  private static final int ATTEMPTS = 20;
  private static final int PAUSE_MILLIS = 5;

  /// @throws MalformedException when neither slot is valid
  static HeadState read(Path file) throws IOException, MalformedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return parse(bytes(file));
      } catch (MalformedException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        pause(); // the writer may be at it
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static ByteBuffer bytes(Path file) throws IOException {
    ByteBuffer slots = ByteBuffer.allocate(2 * JournalFormat.STATE_SLOT);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      int count = 0;
      while (slots.hasRemaining() && count >= 0) {
        count = channel.read(slots, slots.position());
      }
    }
    return slots.flip();
  }

  static HeadState parse(ByteBuffer slots) throws MalformedException {
    HeadState newest = null;
    for (int slot = 0; slot < 2; slot++) {
      int from = slot * JournalFormat.STATE_SLOT;
      if (from + CHECKED_BYTES + Integer.BYTES <= slots.limit()) {
        ByteBuffer one = slots.slice(from, CHECKED_BYTES + Integer.BYTES);
        if (valid(one)) {
          HeadState read = slot(one);
          newest = newest == null || read.next > newest.next ? read : newest;
        }
      }
    }
    if (newest == null) {
      throw new MalformedException("has no valid slot");
    }
    return newest;
  }

  private static boolean valid(ByteBuffer slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot.slice(0, CHECKED_BYTES));
    byte[] magic = new byte[JournalFormat.STATE_MAGIC.length()];
    slot.get(0, magic);
    return (int) crc.getValue() == slot.getInt(CHECKED_BYTES)
        && Arrays.equals(magic, JournalFormat.STATE_MAGIC.getBytes(StandardCharsets.US_ASCII))
        && slot.getLong(8) > 0;
  }

  private static HeadState slot(ByteBuffer slot) {
    byte[] hash = new byte[JournalFormat.HASH_BYTES];
    byte[] key = new byte[JournalFormat.HASH_BYTES];
    slot.get(16, hash);
    slot.get(16 + hash.length, key);
    return new HeadState(slot.get(4) == 1, slot.getLong(8), hash, key);
  }
}
