package dev.skillwarden.journal;

import dev.skillwarden.keys.Hpke;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where and how the journal is kept.
///
/// @param directory holds the journal and nothing else; created when missing
/// @param minFreeBytes free space below which nothing is appended, 1 MiB to 1 TiB
/// @param syncInterval time between fsyncs, 10 ms to 60 s: what a power cut may cost; zero for an
///   fsync before each acknowledgement
/// @param appendTimeout how long an append may wait for its acknowledgement, 10 ms to 60 s
/// @param maxWaiting most appends waiting at a time, 1 to 1,000,000
/// @param sealing how it is made evident that the journal was changed
/// @param space how much it may take, and for how long
public record JournalConfig(
    Path directory,
    long minFreeBytes,
    Duration syncInterval,
    Duration appendTimeout,
    int maxWaiting,
    Sealing sealing,
    Space space) {
  public static final long DEFAULT_MIN_FREE_BYTES = 64 << 20;
  public static final Duration DEFAULT_SYNC_INTERVAL = Duration.ofSeconds(1);
  public static final Duration DEFAULT_APPEND_TIMEOUT = Duration.ofSeconds(1);
  public static final int DEFAULT_MAX_WAITING = 1024;

  /// @param maxBytes of all records, 16 MiB to 1 TiB
  /// @param accountPercent of them for one account, 1 to 100
  /// @param retain age at which a file goes; zero keeps it until space is short
  public record Space(long maxBytes, int accountPercent, Duration retain) {
    /// 90 days of 1,000 tool calls, each with its outcome, at 1.1 kB an entry.
    public static final Space DEFAULT = new Space(256L << 20, 80, Duration.ofDays(90));

    public Space {
      within("journal.max-mib", maxBytes >> 20, 16, 1 << 20, "");
      within("journal.account-percent", accountPercent, 1, 100, "");
      if (!retain.isZero()) {
        within("journal.retain", retain.toHours(), 24, 87_600, " h");
      }
    }
  }

  /// @param device name of the machine, 1 to 64 letters, digits, `.`, `_` and `-`
  /// @param escrow key of the organisation that the first ratchet key is sealed to; without one
  ///   there is no ratchet
  /// @param everyRecords records after which a checkpoint is due, 1 to 10,000
  /// @param every time after which one is due when there are records, 1 s to 1 h
  /// @param heartbeat time after which one is due anyway, 1 min to 24 h
  /// @param account under which the journal's own entries stand
  public record Sealing(
      String device,
      Optional<Hpke.Recipient> escrow,
      int everyRecords,
      Duration every,
      Duration heartbeat,
      String account) {
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public Sealing {
      if (!DEVICE.matcher(device).matches()) {
        throw new IllegalArgumentException(
            "journal.device must be 1 to 64 letters, digits, '.', '_' and '-', got '"
                + device
                + "'");
      }
      within("checkpoint records", everyRecords, 1, 10_000, "");
      within("checkpoint time", every.toMillis(), 1000, 3_600_000, " ms");
      within("journal.heartbeat", heartbeat.toMillis(), 60_000, 86_400_000, " ms");
    }

    public static Sealing defaults(String device) {
      return new Sealing(
          device,
          Optional.empty(),
          100,
          Duration.ofSeconds(60),
          Duration.ofHours(1),
          System.getProperty("user.name"));
    }

    public Sealing sealedTo(Hpke.Recipient recipient) {
      return new Sealing(device, Optional.of(recipient), everyRecords, every, heartbeat, account);
    }
  }

  public JournalConfig {
    within("journal.min-free-bytes", minFreeBytes, 1 << 20, 1L << 40, "");
    if (!syncInterval.isZero()) {
      within("journal.sync-interval", syncInterval.toMillis(), 10, 60_000, " ms");
    }
    within("journal.append-timeout", appendTimeout.toMillis(), 10, 60_000, " ms");
    within("journal.max-waiting", maxWaiting, 1, 1_000_000, "");
  }

  public static JournalConfig defaults(Path directory) {
    return new JournalConfig(
        directory,
        DEFAULT_MIN_FREE_BYTES,
        DEFAULT_SYNC_INTERVAL,
        DEFAULT_APPEND_TIMEOUT,
        DEFAULT_MAX_WAITING,
        Sealing.defaults("device"),
        Space.DEFAULT);
  }

  private static void within(String key, long value, long least, long most, String unit) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be %d%s to %d%s, got %d%s".formatted(key, least, unit, most, unit, value, unit));
    }
  }
}
