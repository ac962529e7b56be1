package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/// Reads one queue file with plain reads: no mapping, no lock, nothing written, so that it works
/// beside the writer, on copies, and on files that are damaged in any way.
///
/// A file is a row of records. Each begins at a multiple of 4 with a 32-bit little-endian word: 30
/// bits length, bit 30 set for the queue's own bookkeeping, bit 31 set while the record is being
/// written. Zero means nothing was written here yet.
final class QueueFile {
  private static final int LENGTH = 0x3FFF_FFFF;
  private static final int BOOKKEEPING = 0x4000_0000;
  private static final int UNFINISHED = 0x8000_0000;

  /// Longest bookkeeping record taken for real.
  private static final int MAX_BOOKKEEPING = 1 << 20;

  private static final int WINDOW = 256 << 10;
  private static final byte[] BEGIN = "{\"v\":".getBytes(StandardCharsets.US_ASCII);

  /// Receives what a file holds, in order.
  interface Visitor {
    /// Called first when a file is read from its beginning.
    ///
    /// @param sound whether it begins with a finished bookkeeping record
    default void start(boolean sound) {}

    /// @param line the bytes of one entry
    void entry(long position, byte[] line);

    /// @param from first byte that is no record
    /// @param to where records go on
    void damage(long from, long to, String what);

    /// Whether to go on; asked before each record.
    default boolean more() {
      return true;
    }
  }

  private final Path path;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;

  QueueFile(Path path) {
    this.path = path;
  }

  /// Hands over the lines of all entries from a position on; what is damaged is passed over.
  long read(long from, Consumer<byte[]> lines) throws IOException {
    return read(
        from,
        new Visitor() {
          @Override
          public void entry(long position, byte[] line) {
            lines.accept(line);
          }

          @Override
          public void damage(long first, long to, String what) {
            // whoever reads the journal as a whole reports it
          }
        });
  }

  /// Visits every finished record from a position on.
  ///
  /// @return position to go on from, when more is written
  long read(long from, Visitor visitor) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      forget();
      long size = channel.size();
      long position = from;
      if (from == 0) {
        visitor.start(size >= Integer.BYTES && (word(channel, 0) & ~LENGTH) == BOOKKEEPING);
      }
      while (visitor.more() && position + Integer.BYTES <= size) {
        int word = word(channel, position);
        int length = word & LENGTH;
        if (word == 0 || (word & UNFINISHED) != 0) {
          long next = unfinished(channel, position, size, visitor);
          if (next == position) {
            return position;
          }
          position = next;
          continue;
        }
        boolean entry = (word & BOOKKEEPING) == 0;
        long next = (position + Integer.BYTES + length + 3) & ~3L;
        if (length > (entry ? JournalFormat.MAX_BYTES : MAX_BOOKKEEPING)
            || position + Integer.BYTES + length > size) {
          next = goOn(channel, position + Integer.BYTES, size);
          visitor.damage(position, next, "no record of " + length + " bytes fits here");
        } else if (entry) {
          visitor.entry(position, bytes(channel, position + Integer.BYTES, length));
        }
        position = next;
      }
      return Math.min(position, size);
    }
  }

  /// At a place that is not written yet, or was being written when its writer died. Normally
  /// nothing follows. If entries do, either the writer went on just now, or something was
  /// destroyed.
  private long unfinished(FileChannel channel, long position, long size, Visitor visitor)
      throws IOException {
    long next = goOn(channel, position + Integer.BYTES, size);
    if (next == size) {
      return position;
    }
    forget();
    int word = word(channel, position);
    if (word != 0 && (word & UNFINISHED) == 0) {
      return position;
    }
    visitor.damage(position, next, "a hole with entries after it");
    return next;
  }

  /// Where the next entry begins after something that is no record, or the end.
  private long goOn(FileChannel channel, long from, long size) throws IOException {
    for (long position = from; position + Integer.BYTES + BEGIN.length < size; position += 4) {
      int word = word(channel, position);
      if (word > 0 && word <= JournalFormat.MAX_BYTES && beginsEntry(channel, position + 4)) {
        return position;
      }
    }
    return size;
  }

  private boolean beginsEntry(FileChannel channel, long position) throws IOException {
    for (int i = 0; i < BEGIN.length; i++) {
      if (window(channel, position + i, 1).get((int) (position + i - windowStart)) != BEGIN[i]) {
        return false;
      }
    }
    return true;
  }

  private int word(FileChannel channel, long position) throws IOException {
    ByteBuffer loaded = window(channel, position, Integer.BYTES);
    return loaded.getInt((int) (position - windowStart));
  }

  /// An entry holds no zero byte. If one is seen, the window was filled while the entry was
  /// written.
  private byte[] bytes(FileChannel channel, long position, int length) throws IOException {
    byte[] line = new byte[length];
    window(channel, position, length).get((int) (position - windowStart), line);
    for (byte b : line) {
      if (b == 0) {
        forget();
        window(channel, position, length).get((int) (position - windowStart), line);
        break;
      }
    }
    return line;
  }

  private void forget() {
    window = ByteBuffer.allocate(0);
  }

  /// A window that holds the bytes wanted; zeros stand for what the file does not have any more.
  private ByteBuffer window(FileChannel channel, long position, int length) throws IOException {
    if (position >= windowStart && position + length <= windowStart + window.limit()) {
      return window;
    }
    ByteBuffer loaded = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    int count = 0;
    while (loaded.hasRemaining() && count >= 0) {
      count = channel.read(loaded, position + loaded.position());
    }
    loaded.limit(Math.max(loaded.position(), length));
    window = loaded;
    windowStart = position;
    return window;
  }
}
