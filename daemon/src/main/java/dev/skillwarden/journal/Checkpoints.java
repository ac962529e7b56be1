package dev.skillwarden.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Decides when a checkpoint is due, and signs it on a thread of its own: a signature takes longer
/// than an append may. When checkpoints fall due faster than they are signed, the newest is signed.
final class Checkpoints {
  /// A difference between the wall clock and the steady one that counts as a step.
  private static final Duration CLOCK_STEP = Duration.ofSeconds(2);

  private final JournalConfig.Sealing sealing;
  private final InstantSource clock;
  private final Consumer<JournalEntry> signed;
  private final AtomicReference<@Nullable Due> due = new AtomicReference<>();
  private final Semaphore wake = new Semaphore(0);
  private final Thread signer;
  private volatile boolean stopped;

  /// Only the writer thread touches these: the size that was asked for last, checkpoints appended
  /// since, and when that was.
  private long askedSize;

  private long ownSince;
  private long lastAsked;
  private long offset;

  /// Why one is wanted with the next record, whatever the counts say.
  private final AtomicReference<@Nullable String> wanted = new AtomicReference<>();

  private record Due(Tip tip, String why) {}

  /// @param signed takes the entry of each checkpoint, on the thread that signs
  Checkpoints(JournalConfig.Sealing sealing, InstantSource clock, Consumer<JournalEntry> signed) {
    this.sealing = sealing;
    this.clock = clock;
    this.signed = signed;
    this.lastAsked = System.nanoTime();
    this.offset = offset();
    this.signer = Thread.ofPlatform().daemon().name("journal-sign").unstarted(this::signAll);
  }

  void start() {
    signer.start();
  }

  /// One is due with the next record. Of several reasons the last one is told.
  void want(String why) {
    wanted.set(why);
  }

  /// Records that no checkpoint was asked for. Of checkpoints nothing follows, or they would never
  /// end.
  long unsigned(Tip tip) {
    return tip.size() - askedSize - ownSince;
  }

  /// A checkpoint was appended.
  void appended() {
    ownSince++;
  }

  /// Asks for a checkpoint when one is due; to be called after records and at least each second.
  void look(Optional<Tip> tip) {
    Optional<String> why = stopped ? Optional.empty() : tip.flatMap(this::reason);
    if (why.isEmpty()) {
      return;
    }
    askedSize = tip.orElseThrow().size();
    ownSince = 0;
    lastAsked = System.nanoTime();
    due.set(new Due(tip.orElseThrow(), why.get()));
    wake.release();
  }

  private Optional<String> reason(Tip tip) {
    long unsigned = unsigned(tip);
    long stepped = offset() - offset;
    if (Math.abs(stepped) > CLOCK_STEP.toNanos()) {
      offset += stepped;
      return Optional.of("clock");
    }
    String asked = unsigned > 0 ? wanted.getAndSet(null) : null;
    if (asked != null) {
      return Optional.of(asked);
    }
    if (unsigned >= sealing.everyRecords()) {
      return Optional.of("records");
    }
    long since = System.nanoTime() - lastAsked;
    if (unsigned > 0 && since >= sealing.every().toNanos()) {
      return Optional.of("time");
    }
    return since >= sealing.heartbeat().toNanos() ? Optional.of("heartbeat") : Optional.empty();
  }

  /// What the wall clock shows more than the steady one, in nanoseconds.
  private long offset() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
  }

  private void signAll() {
    while (!stopped) {
      wake.acquireUninterruptibly();
      signDue();
    }
    signDue();
  }

  private void signDue() {
    Due next = due.getAndSet(null);
    if (next != null) {
      signed.accept(entry(next.tip(), next.why()));
    }
  }

  JournalEntry entry(Tip tip, String why) {
    return tip.entry(clock.instant(), why, sealing.account());
  }

  /// Ends the thread; what it was asked for is signed before.
  void close() throws InterruptedException {
    stopped = true;
    wake.release();
    if (signer.isAlive()) {
      signer.join();
    }
  }
}
