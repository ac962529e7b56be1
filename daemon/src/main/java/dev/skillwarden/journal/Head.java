package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/// `chain.state`: where the chain ends and which ratchet key is next, kept in two slots that are
/// written in turn, so that a kill at any moment leaves one that is whole. The key in the slot
/// before is overwritten in place. For one thread.
final class Head {
  private static final int SLOT = JournalFormat.STATE_SLOT;
  private static final byte[] MAGIC = JournalFormat.STATE_MAGIC.getBytes(StandardCharsets.US_ASCII);
  private static final int RATCHET = 4;
  private static final int NEXT = 8;
  private static final int HASH = 16;
  private static final int KEY = 48;
  private static final int CHECK = 80;

  private final MappedByteBuffer map;

  /// Where the slot that counts begins.
  private int current;

  /// @param next number of the next record
  /// @param hash of the record before it
  /// @param key of the next record, empty when the ratchet is off
  record State(long next, byte[] hash, byte[] key) {}

  private Head(MappedByteBuffer map) {
    this.map = map;
  }

  /// Opens the file, making it when it is missing. Its bytes are written before they are mapped: on
  /// a full disk that fails here and not in mapped memory.
  static Head open(Path directory) throws IOException {
    Path file = directory.resolve(JournalFormat.STATE_FILE);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() < 2L * SLOT) {
        channel.write(ByteBuffer.allocate(2 * SLOT), 0);
        PrivateFiles.restrict(file);
      }
      return new Head(channel.map(FileChannel.MapMode.READ_WRITE, 0, 2L * SLOT));
    }
  }

  /// What was written last, empty when neither slot is whole.
  Optional<State> read() {
    Optional<State> first = slot(0);
    Optional<State> second = slot(SLOT);
    boolean firstCounts =
        first.isPresent() && (second.isEmpty() || first.get().next() > second.get().next());
    current = firstCounts ? 0 : SLOT;
    return firstCounts ? first : second;
  }

  private Optional<State> slot(int at) {
    byte[] slot = new byte[CHECK];
    map.get(at, slot);
    boolean whole =
        Arrays.equals(MAGIC, Arrays.copyOf(slot, MAGIC.length))
            && map.getInt(at + CHECK) == check(slot);
    if (!whole) {
      return Optional.empty();
    }
    byte[] key = slot[RATCHET] == 1 ? Arrays.copyOfRange(slot, KEY, CHECK) : new byte[0];
    return Optional.of(
        new State(ByteBuffer.wrap(slot).getLong(NEXT), Arrays.copyOfRange(slot, HASH, KEY), key));
  }

  /// Keeps where the chain is.
  void write(Chain chain) {
    int at = SLOT - current;
    byte[] slot = new byte[CHECK];
    System.arraycopy(MAGIC, 0, slot, 0, MAGIC.length);
    slot[RATCHET] = (byte) (chain.ratchet() ? 1 : 0);
    ByteBuffer.wrap(slot).putLong(NEXT, chain.next());
    System.arraycopy(chain.hash(), 0, slot, HASH, KEY - HASH);
    System.arraycopy(chain.key(), 0, slot, KEY, chain.key().length);
    // Fences: the compiler must not move a store of one step into another.
    map.putInt(at + CHECK, 0);
    VarHandle.fullFence();
    map.put(at, slot);
    VarHandle.fullFence();
    map.putInt(at + CHECK, check(slot));
    VarHandle.fullFence();
    map.put(current, new byte[SLOT]);
    current = at;
    Arrays.fill(slot, (byte) 0);
  }

  private static int check(byte[] slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot);
    return (int) crc.getValue();
  }
}
