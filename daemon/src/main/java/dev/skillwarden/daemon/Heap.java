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

  private final InstantSource clock;
  private final Memory memory;
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
    this.busy = clock.instant();
  }

  /// To be called every few seconds: collects when it has become quiet and the heap has grown.
  void look() {
    Instant now = clock.instant();
    long usedNow = memory.used();
    if (Math.abs(usedNow - used) > LITTLE) {
      busy = now;
    }
    used = usedNow;
    if (memory.size() > sizeThen + GROWN
        && !now.isBefore(busy.plus(QUIET))
        && !now.isBefore(collected.plus(REST))) {
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
