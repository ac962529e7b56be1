package dev.skillwarden.daemon;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The system's clock for what ends: while the daemon runs it goes on even when the system's is put
/// back. One that was ahead for a while leaves no trace.
final class SteadyClock implements InstantSource {
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Instant start;
  private final long startNanos;

  /// @param nanos a count of nanoseconds that only rises, as of [System#nanoTime]
  SteadyClock(InstantSource clock, LongSupplier nanos) {
    this.clock = clock;
    this.nanos = nanos;
    this.start = clock.instant();
    this.startNanos = nanos.getAsLong();
  }

  @Override
  public Instant instant() {
    Instant counted = start.plusNanos(nanos.getAsLong() - startNanos);
    Instant shown = clock.instant();
    return shown.isAfter(counted) ? shown : counted;
  }
}
