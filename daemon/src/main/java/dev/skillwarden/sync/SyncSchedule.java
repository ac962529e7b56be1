package dev.skillwarden.sync;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// When to look at the remote again, so that many machines that start together do not ask together:
/// the first look is anywhere in the interval, and every machine keeps its place. After failures
/// the pause doubles up to [#MAX_PAUSE], again anywhere below it (full jitter).
public final class SyncSchedule {
  /// Longest pause after failures; never shorter than the interval.
  public static final Duration MAX_PAUSE = Duration.ofMinutes(30);

  /// Longest pause after the first failure.
  public static final Duration FIRST_RETRY = Duration.ofSeconds(5);

  /// Part of the interval by which each look moves around.
  private static final double SPREAD = 0.1;

  private static final int MAX_DOUBLINGS = 10;

  private final RandomGenerator random;
  private int failures;

  public SyncSchedule(RandomGenerator random) {
    this.random = random;
  }

  /// Pause before the first look when the last good state is served already.
  public Duration first(Duration interval) {
    return part(interval, random.nextDouble());
  }

  /// Pause after a look.
  ///
  /// @param ok whether the remote answered as wanted
  public Duration after(boolean ok, Duration interval) {
    if (ok) {
      failures = 0;
      return part(interval, 1 + SPREAD * (2 * random.nextDouble() - 1));
    }
    failures = Math.min(failures + 1, MAX_DOUBLINGS);
    Duration most = MAX_PAUSE.compareTo(interval) > 0 ? MAX_PAUSE : interval;
    Duration doubled = FIRST_RETRY.multipliedBy(1L << (failures - 1));
    Duration ceiling = doubled.compareTo(most) < 0 ? doubled : most;
    return part(ceiling, random.nextDouble());
  }

  private static Duration part(Duration of, double share) {
    return Duration.ofNanos((long) (of.toNanos() * share));
  }
}
