package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat.Facts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

  /// How often it is looked whether a checkpoint or an fsync is due, when nothing asks for it.
  private static final Duration LOOK = Duration.ofSeconds(1);

  /// How often it is looked whether files may be deleted.
  private static final Duration RETENTION_LOOK = Duration.ofMinutes(1);

  private final JournalConfig config;
  private final InstantSource clock;
  private final FreeSpace freeSpace;
  private final OwnershipLock lock;
  private final Privacy privacy;
  private final Checkpoints checkpoints;
  private final Usage usage;
  private final Retention retention;
  private volatile Coverage coverage = Coverage.NONE;
  private final AtomicLong notAppended = new AtomicLong();
  private final Syncer syncer;
  private final BlockingQueue<Pending> waiting;
  private final Thread writer;
  private final Thread forcer;
  private final CountDownLatch stop = new CountDownLatch(1);

  /// For the writer thread only, once it runs.
  private final ChainWriter chain;

  /// Newest policy and catalog seen, for a checkpoint when they change.
  private volatile String policyVersion = "";

  private volatile String catalogCommit = "";

  /// Last record of an earlier run.
  private final long foundSeq;

  private volatile long lastSeq;

  /// What a killed process left may not be on the disk either, so it begins with nothing.
  private volatile long syncedSeq = -1;

  private volatile String writeFailure = "";
  private volatile String syncFailure = "";

  private ChronicleJournal(
      JournalConfig config,
      FreeSpace freeSpace,
      EntryStore.Opener opener,
      InstantSource clock,
      OwnershipLock lock,
      Privacy privacy)
      throws IOException {
    this.config = config;
    this.clock = clock;
    this.freeSpace = freeSpace;
    this.lock = lock;
    this.privacy = privacy;
    this.syncer = new Syncer(config.directory());
    this.waiting = new ArrayBlockingQueue<>(config.maxWaiting());
    this.writer = Thread.ofPlatform().daemon().name("journal-writer").unstarted(this::writeAll);
    this.forcer = Thread.ofPlatform().daemon().name("journal-sync").unstarted(this::syncAll);
    this.checkpoints = new Checkpoints(config.sealing(), clock, this::takeCheckpoint);
    this.chain = new ChainWriter(config, freeSpace, opener, clock);
    if (freeSpace.bytes(config.directory()) >= config.minFreeBytes()) {
      chain.open();
    }
    this.lastSeq = chain.lastSeq();
    this.foundSeq = lastSeq;
    this.usage = new Usage(config.space());
    this.retention =
        new Retention(config.directory(), config.space(), usage, this::recordRetention);
    checkpoints.want("start");
  }

  /// Opens the journal for appending, making the directory when it is missing. A full disk does not
  /// stop it: appends fail until there is space.
  ///
  /// @throws IOException when another process has it open or it cannot be read
  public static ChronicleJournal open(JournalConfig config) throws IOException {
    return open(config, Optional.empty());
  }

  /// As [#open(JournalConfig)].
  ///
  /// @param pseudonyms what stands for accounts, when they are not to be named
  public static ChronicleJournal open(JournalConfig config, Optional<Pseudonyms> pseudonyms)
      throws IOException {
    return open(
        config,
        path -> path.toFile().getUsableSpace(),
        ChronicleStore::open,
        InstantSource.system(),
        pseudonyms);
  }

  static ChronicleJournal open(
      JournalConfig config, FreeSpace freeSpace, EntryStore.Opener opener, InstantSource clock)
      throws IOException {
    return open(config, freeSpace, opener, clock, Optional.empty());
  }

  private static ChronicleJournal open(
      JournalConfig config,
      FreeSpace freeSpace,
      EntryStore.Opener opener,
      InstantSource clock,
      Optional<Pseudonyms> pseudonyms)
      throws IOException {
    makeDirectory(config.directory());
    OwnershipLock lock = OwnershipLock.take(config.directory());
    try {
      Privacy privacy = Privacy.open(config.directory(), pseudonyms);
      ChronicleJournal journal =
          new ChronicleJournal(config, freeSpace, opener, clock, lock, privacy);
      journal.writer.start();
      journal.forcer.start();
      journal.checkpoints.start();
      Thread.ofPlatform().daemon().name("journal-count").start(journal::countUsage);
      return journal;
    } catch (IOException | RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Files.createDirectories(directory);
    if (PrivateFiles.hasPosix(directory)) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Override
  public long append(JournalEntry entry) throws IOException {
    JournalEntry stored = EntryCodec.bounded(entry, privacy);
    Pending pending = new Pending(entry.kind(), EntryCodec.encodeRest(stored), true);
    requireShare(stored.account(), pending.rest().length);
    if (stop.getCount() == 0) {
      throw new IOException("journal is closed; nothing was appended");
    }
    noteChange(entry);
    try {
      long seq = acknowledged(pending);
      usage.add(stored.account(), pending.rest().length);
      return seq;
    } catch (InterruptedException e) {
      if (pending.giveUp()) {
        notAppended.incrementAndGet();
      }
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the journal");
    }
  }

  private void requireShare(String account, long bytes) throws IOException {
    Optional<String> refusal = usage.refusal(account, bytes);
    if (refusal.isPresent()) {
      notAppended.incrementAndGet();
      throw new IOException(refusal.get());
    }
  }

  /// Says what is known to be received elsewhere.
  public void coveredBy(Coverage known) {
    coverage = known;
  }

  /// Used part of `journal.max-mib`, in percent.
  public int usedPercent() {
    return usage.percent();
  }

  private void recordRetention(Map<String, String> facts) throws IOException {
    JournalEntry entry =
        JournalEntry.of(
                clock.instant(),
                "r" + facts.get(Facts.TO),
                JournalEntry.Kind.RETENTION,
                config.sealing().account())
            .facts(facts)
            .build();
    try {
      acknowledged(new Pending(entry.kind(), EntryCodec.encodeRest(entry), false));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the journal");
    }
    syncer.sync();
  }

  private long acknowledged(Pending pending) throws IOException, InterruptedException {
    long millis = config.appendTimeout().toMillis();
    if (!waiting.offer(pending, millis, TimeUnit.MILLISECONDS)) {
      notAppended.incrementAndGet();
      throw new IOException(
          "journal did not take the entry within %d ms: %d others wait; nothing was appended"
              .formatted(millis, waiting.size()));
    }
    if (!pending.answered(millis) && pending.giveUp()) {
      notAppended.incrementAndGet();
      throw new IOException(
          "journal did not answer within %d ms; nothing was appended".formatted(millis));
    }
    if (!pending.answered(millis)) {
      throw new IOException(
          "journal did not finish a write within %d ms; it is unknown whether it was appended"
              .formatted(2 * millis));
    }
    return pending.seq();
  }

  /// The first policy and catalog after a start are no change.
  private void noteChange(JournalEntry entry) {
    policyVersion = noted("policy", policyVersion, entry.policyVersion());
    catalogCommit = noted("catalog", catalogCommit, entry.catalogCommit());
  }

  private String noted(String what, String before, String now) {
    if (!before.isEmpty() && !now.isEmpty() && !now.equals(before)) {
      checkpoints.want(what);
    }
    return now.isEmpty() ? before : now;
  }

  /// A checkpoint that finds no room is left out: the next one covers its records too.
  private void takeCheckpoint(JournalEntry entry) {
    if (!waiting.offer(new Pending(entry.kind(), EntryCodec.encodeRest(entry), false))) {
      LOG.log(Level.WARNING, "the journal is too busy to take a checkpoint; another one follows");
    }
  }

  /// Puts a new device key into use, on record signed by the old and the new one.
  ///
  /// @throws IOException when that is not on record
  public void rotateKey() throws IOException {
    Pending pending = new Pending(JournalEntry.Kind.KEY_ROTATION, new byte[0], false);
    try {
      acknowledged(pending);
    } catch (InterruptedException e) {
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

  /// Number of the newest record, -1 when there is none.
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
    try {
      checkpoints.close();
      stop.countDown();
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
        Pending pending = waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (pending != null && pending != Pending.WAKE && pending.begin()) {
          write(pending);
        }
        checkpoints.look(chain.tip());
      }
      sealTheEnd();
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "journal writer was interrupted; no entry is taken any more", e);
    } finally {
      chain.close();
    }
  }

  private void write(Pending pending) {
    try {
      requireSpace();
      requireSynced();
      chain.lose(notAppended.getAndSet(0));
      long seq = pending.isRotation() ? rotated() : chain.append(pending.rest());
      writeFailure = "";
      lastSeq = chain.lastSeq();
      if (pending.kind() == JournalEntry.Kind.CHECKPOINT) {
        checkpoints.appended();
      }
      if (config.syncInterval().isZero()) {
        sync(lastSeq);
      }
      answer(pending, seq);
    } catch (IOException e) {
      if (writeFailure.isEmpty()) {
        LOG.log(Level.ERROR, "journal takes no entries: " + e.getMessage(), e);
      }
      writeFailure = String.valueOf(e.getMessage());
      if (pending.counts()) {
        notAppended.incrementAndGet();
      }
      pending.failed(e);
    }
  }

  /// With an fsync after each entry, one that fails must not be acknowledged, though it is there.
  private void answer(Pending pending, long seq) {
    if (config.syncInterval().isZero() && !syncFailure.isEmpty()) {
      pending.failed(new IOException(syncFailure));
    } else {
      pending.done(seq);
    }
  }

  private long rotated() throws IOException {
    chain.rotateKey();
    chain.close();
    chain.open();
    checkpoints.want("rotation");
    return chain.lastSeq();
  }

  /// The last record of a clean stop signs all before it, and says what was lost.
  private void sealTheEnd() {
    Optional<Tip> tip = chain.tip();
    if (tip.isPresent() && (checkpoints.unsigned(tip.get()) > 0 || notAppended.get() > 0)) {
      JournalEntry last = checkpoints.entry(tip.get(), "stop");
      write(new Pending(last.kind(), EntryCodec.encodeRest(last), false));
    }
  }

  private void requireSpace() throws IOException {
    long free = freeSpace.bytes(config.directory());
    if (free < config.minFreeBytes()) {
      throw new IOException(
          "%s has %d MiB free, journal.min-free-mib wants %d MiB; free some space"
              .formatted(config.directory(), free >> 20, config.minFreeBytes() >> 20));
    }
  }

  private void requireSynced() throws IOException {
    if (!syncFailure.isEmpty()) {
      throw new IOException(syncFailure);
    }
  }

  private void syncAll() {
    long looked = System.nanoTime();
    try {
      Duration pause = config.syncInterval().isZero() ? LOOK : config.syncInterval();
      while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        long written = lastSeq;
        if (written > syncedSeq || !syncFailure.isEmpty()) {
          sync(written);
        }
        if (System.nanoTime() - looked >= RETENTION_LOOK.toNanos()) {
          looked = System.nanoTime();
          deleteWhatMayGo();
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "journal sync was interrupted; entries reach the disk late", e);
    }
  }

  private void countUsage() {
    try {
      usage.count(JournalReader.files(config.directory()), foundSeq);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "what the journal takes could not be counted; its cap is too wide", e);
    }
  }

  /// Deletes files that may go, see [Retention].
  void deleteWhatMayGo() {
    try {
      retention.run(clock.instant(), coverage);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "old journal files could not be deleted", e);
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
    static final Pending WAKE = new Pending(JournalEntry.Kind.STOP, new byte[0], false);

    private enum State {
      WAITING,
      WRITING,
      GIVEN_UP
    }

    private final JournalEntry.Kind kind;
    private final byte[] rest;
    private final boolean counts;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final CountDownLatch answer = new CountDownLatch(1);
    private long seq;
    private @Nullable IOException failure;

    /// @param counts whether it counts as lost when it cannot be appended
    Pending(JournalEntry.Kind kind, byte[] rest, boolean counts) {
      this.kind = kind;
      this.rest = rest;
      this.counts = counts;
    }

    JournalEntry.Kind kind() {
      return kind;
    }

    boolean counts() {
      return counts;
    }

    /// A change of key is made up by the writer.
    boolean isRotation() {
      return kind == JournalEntry.Kind.KEY_ROTATION;
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
