package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Hands the records of one queue file to the chain: read-only, no lock, beside a writer or not.
final class QueueScan implements AutoCloseable {
  private static final int LENGTH = 0x3FFF_FFFF;
  private static final int BOOKKEEPING = 0x4000_0000;
  private static final int UNFINISHED = 0x8000_0000;
  private static final int HEADER = Integer.BYTES;
  private static final int ALIGNMENT = 4;

  /// Longest bookkeeping record taken for real.
  private static final int MOST_BOOKKEEPING = 1 << 20;

  /// Room for the largest record and its header.
  private static final int WINDOW = 2 * MOST_BOOKKEEPING;

  private static final byte[] BEGIN = "{\"v\":".getBytes(StandardCharsets.US_ASCII);

  private final FileChannel channel;
  private final Chain chain;
  private final ByteBuffer window = ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN);
  private long windowStart;
  private long size;
  private long lookedFrom = -1;
  private long lookedTo = -1;
  private long lookedSize = -1;

  private QueueScan(FileChannel channel, Chain chain) throws IOException {
    this.channel = channel;
    this.chain = chain;
    this.size = channel.size();
    forget();
  }

  /// @return size of the file
  static long read(Path file, Chain chain) throws IOException {
    try (QueueScan scan =
        new QueueScan(
            FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS), chain)) {
      long position = 0;
      while (position + HEADER <= scan.size) {
        position = scan.step(position);
      }
      return scan.size;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// @return where to go on, always further
  private long step(long position) throws IOException {
    int word = word(position);
    if (word == 0 || (word & UNFINISHED) != 0) {
      return unwritten(position);
    }
    int length = word & LENGTH;
    boolean entry = (word & BOOKKEEPING) == 0;
    long end = position + HEADER + length;
    if (end > size) {
      size = channel.size(); // it may have grown
    }
    if (end > size || length > (entry ? JournalFormat.MAX_BYTES : MOST_BOOKKEEPING)) {
      chain.damage(
          Kind.UNREADABLE,
          Place.ofByte(position),
          "no record of %d bytes fits here".formatted(length));
      return goOn(position + HEADER);
    }
    long next = (end + ALIGNMENT - 1) & -ALIGNMENT;
    if (!entry || taken(position, length)) {
      return next;
    }
    return Math.min(next, goOn(position + HEADER)); // its length may be what is wrong
  }

  /// A record is complete when its header says so. But header and bytes came here in one copy, in
  /// which the bytes may be older: what looks wrong is read again, alone.
  private boolean taken(long position, int length) throws IOException {
    Place place = Place.ofByte(position);
    int from = load(position + HEADER, length);
    Chain.Reply reply = chain.record(place, window.array(), from, length, true);
    if (reply == Chain.Reply.READ_AGAIN) {
      byte[] fresh = fresh(position + HEADER, length);
      reply = chain.record(place, fresh, 0, length, false);
    }
    return reply == Chain.Reply.TAKEN;
  }

  private byte[] fresh(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    int count = 0;
    while (bytes.hasRemaining() && count >= 0) {
      count = channel.read(bytes, position + bytes.position());
    }
    return bytes.array();
  }

  /// Not written yet, or being written. Normally nothing follows. If records do, either the writer
  /// went on just now, or something was destroyed.
  private long unwritten(long position) throws IOException {
    long next = goOn(position + HEADER);
    if (next >= size) {
      return next;
    }
    int word = ByteBuffer.wrap(fresh(position, HEADER)).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (word != 0 && (word & UNFINISHED) == 0) {
      forget();
      return position; // written meanwhile
    }
    chain.damage(
        Kind.HOLE, Place.ofByte(position), "a stretch that was never written or was zeroed");
    return next;
  }

  /// Where the next record begins after something that is none, or the end. What was looked through
  /// once is not again: a file of rubbish takes linear time.
  private long goOn(long from) throws IOException {
    if (from < lookedFrom || from > lookedTo || lookedSize != size) {
      lookedTo = look(from);
      lookedFrom = from;
      lookedSize = size;
    }
    return lookedTo;
  }

  private long look(long from) throws IOException {
    for (long position = from; position + HEADER + BEGIN.length < size; position += ALIGNMENT) {
      int word = word(position);
      if (word > 0 && word <= JournalFormat.MAX_BYTES && beginsRecord(position + HEADER)) {
        return position;
      }
    }
    return size;
  }

  private boolean beginsRecord(long position) throws IOException {
    int from = load(position, BEGIN.length);
    for (int i = 0; i < BEGIN.length; i++) {
      if (window.get(from + i) != BEGIN[i]) {
        return false;
      }
    }
    return true;
  }

  private int word(long position) throws IOException {
    return window.getInt(load(position, HEADER));
  }

  private void forget() {
    window.clear().limit(0);
    windowStart = 0;
  }

  /// Sees to it that the window holds the bytes wanted; zeros stand for what a file cut meanwhile
  /// does not have any more.
  ///
  /// @return where in the window they begin
  private int load(long position, int length) throws IOException {
    if (position < windowStart || position + length > windowStart + window.limit()) {
      window.clear();
      windowStart = position;
      int count = 0;
      while (window.hasRemaining() && count >= 0) {
        count = channel.read(window, position + window.position());
      }
      int loaded = window.position();
      for (int i = loaded; i < length; i++) {
        window.put(i, (byte) 0);
      }
      window.limit(Math.max(loaded, length));
    }
    return (int) (position - windowStart);
  }
}
