package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/// A Chronicle queue with one file a day (UTC), used by one thread after another.
final class ChronicleStore implements EntryStore {
  /// Step in which a file grows. Four times [JournalFormat#MAX_BYTES], the least the queue can do
  /// with; its default would show every file as 80 MB.
  private static final int BLOCK = 256 << 10;

  /// Holds only what the queue can find again: its write lock, which a killed process leaves taken,
  /// and the list of its files.
  private static final String METADATA = "metadata.cq4t";

  /// Kept, so that the level set on it stays.
  private static final Logger LIBRARY = Logger.getLogger("net.openhft");

  static {
    LIBRARY.setLevel(Level.WARNING);
    for (String off :
        new String[] {
          "chronicle.analytics.disable",
          "chronicle.announcer.disable",
          "chronicle.disk.monitor.disable"
        }) {
      System.setProperty(off, "true");
    }
  }

  private final ChronicleQueue queue;
  private final ExcerptAppender appender;

  private ChronicleStore(ChronicleQueue queue) {
    this.queue = queue;
    this.appender = queue.createAppender();
    appender.singleThreadedCheckDisabled(true);
  }

  /// The caller owns the directory, so a write lock found there belongs to nobody alive.
  static ChronicleStore open(Path directory, LongSupplier time) throws IOException {
    Files.deleteIfExists(directory.resolve(METADATA));
    ChronicleQueue queue =
        SingleChronicleQueueBuilder.binary(directory)
            .rollCycle(RollCycles.FAST_DAILY)
            .blockSize(BLOCK)
            .timeProvider(time::getAsLong)
            .timeoutMS(1000)
            .checkInterrupts(false)
            .build();
    try {
      return new ChronicleStore(queue);
    } catch (RuntimeException | Error e) {
      queue.close();
      throw e;
    }
  }

  @Override
  public void write(byte[] line) {
    appender.writeBytes(Bytes.wrapForRead(line));
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
  }
}
