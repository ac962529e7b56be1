package dev.skillwarden.journal;

import java.nio.file.Path;
import java.time.Duration;

/// Where and how the journal is kept.
///
/// @param directory holds the journal and nothing else; created when missing
/// @param minFreeBytes free space below which nothing is appended, 1 MiB to 1 TiB
/// @param syncInterval time between fsyncs, 10 ms to 60 s: what a power cut may cost
/// @param appendTimeout how long an append may wait for its acknowledgement, 10 ms to 60 s
/// @param maxWaiting most appends waiting at a time, 1 to 1,000,000
public record JournalConfig(
    Path directory,
    long minFreeBytes,
    Duration syncInterval,
    Duration appendTimeout,
    int maxWaiting) {
  public static final long DEFAULT_MIN_FREE_BYTES = 64 << 20;
  public static final Duration DEFAULT_SYNC_INTERVAL = Duration.ofSeconds(1);
  public static final Duration DEFAULT_APPEND_TIMEOUT = Duration.ofSeconds(1);
  public static final int DEFAULT_MAX_WAITING = 1024;

  public JournalConfig {
    within("journal.min-free-bytes", minFreeBytes, 1 << 20, 1L << 40, "");
    within("journal.sync-interval", syncInterval.toMillis(), 10, 60_000, " ms");
    within("journal.append-timeout", appendTimeout.toMillis(), 10, 60_000, " ms");
    within("journal.max-waiting", maxWaiting, 1, 1_000_000, "");
  }

  public static JournalConfig defaults(Path directory) {
    return new JournalConfig(
        directory,
        DEFAULT_MIN_FREE_BYTES,
        DEFAULT_SYNC_INTERVAL,
        DEFAULT_APPEND_TIMEOUT,
        DEFAULT_MAX_WAITING);
  }

  private static void within(String key, long value, long least, long most, String unit) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be %d%s to %d%s, got %d%s".formatted(key, least, unit, most, unit, value, unit));
    }
  }
}
