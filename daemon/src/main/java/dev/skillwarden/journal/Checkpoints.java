package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat.Facts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
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

  /// Only the writer thread touches these.
  private long unsigned;

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

  /// One is due with the next record.
  void want(String why) {
    wanted.compareAndSet(null, why);
  }

  /// Whether there are records that no checkpoint was asked for, or one that was asked for after
  /// the signer had ended.
  boolean isUnsigned() {
    return unsigned > 0 || due.get() != null;
  }

  /// A record was appended; of a checkpoint nothing follows.
  void appended(JournalEntry.Kind kind) {
    if (kind != JournalEntry.Kind.CHECKPOINT) {
      unsigned++;
    }
  }

  /// Asks for a checkpoint when one is due; to be called after records and at least each second.
  void look(Optional<Tip> tip) {
    Optional<String> why = tip.isPresent() ? reason() : Optional.empty();
    if (why.isEmpty()) {
      return;
    }
    unsigned = 0;
    lastAsked = System.nanoTime();
    due.set(new Due(tip.orElseThrow(), why.get()));
    wake.release();
  }

  private Optional<String> reason() {
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
      Due next = due.getAndSet(null);
      if (next != null) {
        signed.accept(entry(next.tip(), next.why()));
      }
    }
  }

  JournalEntry entry(Tip tip, String why) {
    Instant now = clock.instant();
    return JournalEntry.of(now, "c" + tip.size(), JournalEntry.Kind.CHECKPOINT, sealing.account())
        .facts(Map.of(Facts.NOTE, tip.checkpoint(now, why)))
        .build();
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
