package dev.skillwarden.daemon;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Gives memory of the heap back that work took: it shrinks at no other time than when all of it is
/// collected, and the virtual machine does that only when it is full. Used by one thread.
final class Heap {
  /// Nothing was going on when so little was allocated since the last look.
  private static final long LITTLE = 2L << 20;

  /// Bytes by which the heap must have grown to be worth a collection.
  private static final long GROWN = 8L << 20;

  /// How long it must be quiet.
  private static final Duration QUIET = Duration.ofSeconds(30);

  /// Least time between two collections, since each stops everything for some 50 to 100 ms.
  private static final Duration REST = Duration.ofMinutes(1);

  /// Bytes by which it may grow under work that never ends: what is remembered of calls for some
  /// minutes grows old and is not collected with what is young.
  private static final long GROWN_MUCH = 24L << 20;

  /// Least time between two collections in the middle of work.
  private static final Duration REST_AT_WORK = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final Memory memory;
  private final Instant started;
  private Instant busy;
  private Instant collected = Instant.EPOCH;
  private long used;
  private long sizeThen;

  /// What there is of the virtual machine's memory, in bytes.
  interface Memory {
    long used();

    long size();

    void collect();

    /// The heap of this process.
    Memory OWN =
        new Memory() {
          @Override
          public long used() {
            return size() - Runtime.getRuntime().freeMemory();
          }

          @Override
          public long size() {
            return Runtime.getRuntime().totalMemory();
          }

          @Override
          public void collect() {
            System.gc();
          }
        };
  }

  Heap(Memory memory, InstantSource clock) {
    this.memory = memory;
    this.clock = clock;
    this.started = clock.instant();
    this.busy = started;
  }

  /// To be called every few seconds: collects when it has become quiet and the heap has grown, or
  /// when it has not become quiet for long and the heap has grown much.
  void look() {
    Instant now = clock.instant();
    long usedNow = memory.used();
    if (Math.abs(usedNow - used) > LITTLE) {
      busy = now;
    }
    used = usedNow;
    boolean quiet =
        memory.size() > sizeThen + GROWN
            && !now.isBefore(busy.plus(QUIET))
            && !now.isBefore(collected.plus(REST));
    Instant last = collected.isAfter(started) ? collected : started;
    boolean grownAtWork =
        memory.size() > sizeThen + GROWN_MUCH && !now.isBefore(last.plus(REST_AT_WORK));
    if (quiet || grownAtWork) {
      collect();
    }
  }

  /// Collects now, after work that took much.
  void collect() {
    memory.collect();
    collected = clock.instant();
    sizeThen = memory.size();
    used = memory.used();
  }
}
