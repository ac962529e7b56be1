package dev.skillwarden.journal;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.StreamCorruptedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The journal of this process. Any thread appends; one thread numbers and writes. An entry that
/// was acknowledged survives a kill; a second thread forces it to the disk within the sync
/// interval.
///
/// When the disk is full, or a write or an fsync fails, every append fails until it is over, and
/// then works again by itself.
public final class ChronicleJournal implements JournalSink, AutoCloseable {
  private static final Logger LOG = System.getLogger(ChronicleJournal.class.getName());

  /// Least time between two tries to open the files again.
  private static final Duration RETRY = Duration.ofMillis(200);

  private final JournalConfig config;
  private final FreeSpace freeSpace;
  private final EntryStore.Opener opener;
  private final OwnershipLock lock;
  private final Syncer syncer;
  private final BlockingQueue<Pending> waiting;
  private final Thread writer;
  private final Thread forcer;
  private final CountDownLatch stop = new CountDownLatch(1);

  /// Only the writer thread touches these three after opening.
  private @Nullable EntryStore store;

  private long nextTry;
  private volatile long lastSeq;

  private volatile long syncedSeq;
  private volatile String writeFailure = "";
  private volatile String syncFailure = "";

  private ChronicleJournal(
      JournalConfig config, FreeSpace freeSpace, EntryStore.Opener opener, OwnershipLock lock)
      throws IOException {
    this.config = config;
    this.freeSpace = freeSpace;
    this.opener = opener;
    this.lock = lock;
    this.syncer = new Syncer(config.directory());
    this.waiting = new ArrayBlockingQueue<>(config.maxWaiting());
    this.writer = Thread.ofPlatform().daemon().name("journal-writer").unstarted(this::writeAll);
    this.forcer = Thread.ofPlatform().daemon().name("journal-sync").unstarted(this::syncAll);
    if (freeSpace.bytes(config.directory()) >= config.minFreeBytes()) {
      this.store = openStore();
    } else {
      this.lastSeq = Recovery.of(config.directory()).lastSeq();
    }
    this.syncedSeq = lastSeq;
  }

  /// Opens the journal for appending, making the directory when it is missing. A full disk does not
  /// stop it: appends fail until there is space.
  ///
  /// @throws IOException when another process has it open or it cannot be read
  public static ChronicleJournal open(JournalConfig config) throws IOException {
    return open(config, path -> path.toFile().getUsableSpace(), ChronicleStore::open);
  }

  static ChronicleJournal open(JournalConfig config, FreeSpace freeSpace, EntryStore.Opener opener)
      throws IOException {
    makeDirectory(config.directory());
    OwnershipLock lock = OwnershipLock.take(config.directory());
    try {
      ChronicleJournal journal = new ChronicleJournal(config, freeSpace, opener, lock);
      journal.writer.start();
      journal.forcer.start();
      return journal;
    } catch (IOException | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Files.createDirectories(directory);
    if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Override
  public long append(JournalEntry entry) throws IOException {
    Pending pending = new Pending(EntryCodec.encodeRest(EntryCodec.bounded(entry)));
    if (stop.getCount() == 0) {
      throw new IOException("journal is closed; nothing was appended");
    }
    try {
      long millis = config.appendTimeout().toMillis();
      if (!waiting.offer(pending, millis, TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "journal did not take the entry within %d ms: %d others wait; nothing was appended"
                .formatted(millis, waiting.size()));
      }
      if (!pending.answered(millis) && pending.giveUp()) {
        throw new IOException(
            "journal did not answer within %d ms; nothing was appended".formatted(millis));
      }
      if (!pending.answered(millis)) {
        throw new IOException(
            "journal did not finish a write within %d ms; it is unknown whether it was appended"
                .formatted(2 * millis));
      }
      return pending.seq();
    } catch (InterruptedException e) {
      pending.giveUp();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the journal");
    }
  }

  /// Why appends fail at present; empty when they do not. A full disk shows only once an append was
  /// tried.
  public Optional<String> failure() {
    String failure = writeFailure.isEmpty() ? syncFailure : writeFailure;
    return failure.isEmpty() ? Optional.empty() : Optional.of(failure);
  }

  /// Sequence number of the newest entry, 0 when there is none.
  public long lastSeq() {
    return lastSeq;
  }

  /// Sequence number up to which entries survive a power cut.
  public long syncedSeq() {
    return syncedSeq;
  }

  /// Appends what waits, forces it to the disk and lets go of the directory.
  @Override
  public void close() throws IOException {
    stop.countDown();
    try {
      waiting.offer(Pending.WAKE, config.appendTimeout().toMillis(), TimeUnit.MILLISECONDS);
      writer.join();
      forcer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while closing the journal");
    }
    try {
      if (lastSeq > syncedSeq) {
        syncer.sync();
      }
    } finally {
      lock.close();
    }
  }

  private void writeAll() {
    try {
      while (stop.getCount() > 0 || !waiting.isEmpty()) {
        Pending pending = waiting.take();
        if (pending != Pending.WAKE && pending.begin()) {
          write(pending);
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "journal writer was interrupted; no entry is taken any more", e);
    } finally {
      closeStore();
    }
  }

  private void write(Pending pending) {
    try {
      requireSpace();
      requireSynced();
      long seq = append(pending.rest());
      writeFailure = "";
      pending.done(seq);
    } catch (IOException e) {
      if (writeFailure.isEmpty()) {
        LOG.log(Level.ERROR, "journal takes no entries: " + e.getMessage(), e);
      }
      writeFailure = String.valueOf(e.getMessage());
      pending.failed(e);
    }
  }

  /// A full disk shows as a fault in mapped memory, which the virtual machine raises as an
  /// [InternalError], at the latest when the thread comes back from its next system call. Asking
  /// for the free space is that call: a fault is seen before the entry is acknowledged.
  private long append(byte[] rest) throws IOException {
    EntryStore open = openStore();
    long seq = lastSeq + 1;
    byte[] line = EntryCodec.withSeq(seq, rest);
    try {
      writeOrBeginAnew(open, line);
      freeSpace.bytes(config.directory());
    } catch (InternalError | RuntimeException | AssertionError e) {
      closeStore();
      throw new IOException("journal write failed, the disk may be full: " + e, e);
    }
    lastSeq = seq;
    return seq;
  }

  /// A file that opens but breaks the queue's own assumptions takes nothing more: a new one does.
  private void writeOrBeginAnew(EntryStore open, byte[] line) throws IOException {
    try {
      open.write(line);
    } catch (AssertionError e) {
      LOG.log(Level.WARNING, "newest journal file takes no entries, beginning a new one", e);
      closeStore();
      Recovery.setAsideNewest(config.directory());
      EntryStore fresh = reopen();
      store = fresh;
      fresh.write(line);
    }
  }

  private void requireSpace() throws IOException {
    long free = freeSpace.bytes(config.directory());
    if (free < config.minFreeBytes()) {
      throw new IOException(
          "%s has %d MiB free, journal.min-free-bytes wants %d MiB; free some space"
              .formatted(config.directory(), free >> 20, config.minFreeBytes() >> 20));
    }
  }

  private void requireSynced() throws IOException {
    if (!syncFailure.isEmpty()) {
      throw new IOException(syncFailure);
    }
  }

  /// The open store, or a new one over what the failed one left.
  private EntryStore openStore() throws IOException {
    if (store != null) {
      return store;
    }
    if (nextTry != 0 && System.nanoTime() - nextTry < 0) {
      throw new IOException(writeFailure);
    }
    nextTry = System.nanoTime() + RETRY.toNanos();
    Recovery.setAsideFuture(config.directory(), LocalDate.now(ZoneOffset.UTC));
    lastSeq = Math.max(lastSeq, Recovery.of(config.directory()).lastSeq());
    EntryStore opened;
    try {
      opened = opener.open(config.directory());
    } catch (StreamCorruptedException | RuntimeException | AssertionError e) {
      LOG.log(Level.WARNING, "newest journal file does not open, beginning a new one", e);
      Recovery.setAsideNewest(config.directory());
      opened = reopen();
    } catch (InternalError e) {
      throw new IOException("journal does not open, the disk may be full: " + e, e);
    }
    store = opened;
    return opened;
  }

  private EntryStore reopen() throws IOException {
    try {
      return opener.open(config.directory());
    } catch (RuntimeException | AssertionError | InternalError e) {
      throw new IOException("journal does not open: " + e, e);
    }
  }

  private void closeStore() {
    if (store == null) {
      return;
    }
    try {
      store.close();
    } catch (RuntimeException | AssertionError | InternalError e) {
      LOG.log(Level.WARNING, "journal files did not close cleanly", e);
    }
    store = null;
  }

  private void syncAll() {
    try {
      while (!stop.await(config.syncInterval().toMillis(), TimeUnit.MILLISECONDS)) {
        long written = lastSeq;
        if (written > syncedSeq || !syncFailure.isEmpty()) {
          sync(written);
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "journal sync was interrupted; entries reach the disk late", e);
    }
  }

  private void sync(long written) {
    try {
      syncer.sync();
      syncedSeq = written;
      syncFailure = "";
    } catch (IOException e) {
      LOG.log(Level.ERROR, "journal fsync failed", e);
      syncFailure = "journal could not be brought to the disk: " + e.getMessage();
    }
  }

  /// An entry on its way to the writer thread and its answer on the way back.
  private static final class Pending {
    static final Pending WAKE = new Pending(new byte[0]);

    private enum State {
      WAITING,
      WRITING,
      GIVEN_UP
    }

    private final byte[] rest;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final CountDownLatch answer = new CountDownLatch(1);
    private long seq;
    private @Nullable IOException failure;

    Pending(byte[] rest) {
      this.rest = rest;
    }

    byte[] rest() {
      return rest;
    }

    boolean begin() {
      return state.compareAndSet(State.WAITING, State.WRITING);
    }

    /// @return whether the entry will certainly not be written
    boolean giveUp() {
      return state.compareAndSet(State.WAITING, State.GIVEN_UP);
    }

    void done(long number) {
      seq = number;
      answer.countDown();
    }

    void failed(IOException cause) {
      failure = cause;
      answer.countDown();
    }

    boolean answered(long millis) throws InterruptedException {
      return answer.await(millis, TimeUnit.MILLISECONDS);
    }

    /// The writer's exception is wrapped: each caller gets its own, with its own stack.
    long seq() throws IOException {
      if (failure != null) {
        throw new IOException(failure.getMessage(), failure);
      }
      return seq;
    }
  }
}
