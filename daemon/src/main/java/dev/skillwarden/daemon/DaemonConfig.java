package dev.skillwarden.daemon;

import dev.skillwarden.elevation.GrantKeys;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.keys.Hpke;
import dev.skillwarden.sync.Pin;
import dev.skillwarden.sync.Source;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.upload.UploadConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// `skillwarden.yaml`, validated.
///
/// @param upload where the journal is sent, empty when nowhere
/// @param resolverSocket where the path resolver listens, absolute; empty when there is none
/// @param gateDeadline longest time a decision may take, 100 ms to 5 s
/// @param policy whose signature policy and organization need
public record DaemonConfig(
    Server server,
    Sync sync,
    Journal journal,
    Optional<UploadConfig> upload,
    Search search,
    Optional<Path> resolverSocket,
    Duration gateDeadline,
    Elevation elevation,
    Signing policy,
    LogLevel logLevel) {

  /// @param port 0 to 65535, 0 takes a free one
  /// @param maxConnections of one account at once, 4 to 10,000
  /// @param maxRequests of one account served at once, 2 to 1,000
  /// @param extraCa authorities of the company for the clients' bundle, absolute
  /// @param account whom the port serves where the operating system cannot say who calls
  /// @param readTimeout 1 s to 5 min
  /// @param idleTimeout 1 s to 1 h
  public record Server(
      int port,
      int maxConnections,
      int maxRequests,
      Duration readTimeout,
      Duration idleTimeout,
      Optional<Path> extraCa,
      Optional<String> account) {}

  /// @param sources what to serve from, in order; empty when the daemon serves no skills
  /// @param interval between looks at a git remote, 1 s to 24 h
  /// @param pointerInterval between looks at a pointer, 1 s to 24 h
  public record Sync(List<Source> sources, Duration interval, Duration pointerInterval) {
    public Sync {
      sources = List.copyOf(sources);
    }

    /// How often a source is looked at.
    public Duration interval(Source source) {
      return source.pin() instanceof Pin.ByPointer ? pointerInterval : interval;
    }
  }

  /// @param syncInterval 10 ms to 60 s, zero for an fsync before each answer
  /// @param minFreeMib 1 to 1,000,000
  /// @param device name of this machine, empty for a hash of the machine id
  /// @param escrow key the ratchet is sealed to
  /// @param heartbeat 1 min to 24 h
  /// @param space how much it may take, and for how long
  /// @param pseudonyms whether accounts stand in it under pseudonyms
  /// @param pseudonymKey file of the key these are made with, absolute; without one it lies beside
  ///   the journal
  public record Journal(
      Duration syncInterval,
      int minFreeMib,
      String device,
      Optional<Hpke.Recipient> escrow,
      Duration heartbeat,
      JournalConfig.Space space,
      boolean pseudonyms,
      Optional<Path> pseudonymKey) {}

  /// @param model whether the embedding model is used
  /// @param modelIdle the model is closed when it was not used for so long, 10 s to 24 h
  public record Search(boolean model, Duration modelIdle) {}

  /// @param requireSigned whether only signed grants are taken
  /// @param keys who may sign them
  /// @param file where the keys come from, absolute; empty when nobody may
  public record Elevation(boolean requireSigned, GrantKeys keys, Optional<Path> file) {}

  private static final Pattern ACCOUNT = Pattern.compile("[^\\s/:,]{1,64}");
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /// Names as in the file, lower case.
  public enum LogLevel {
    DEBUG,
    INFO,
    WARNING,
    ERROR
  }

  /// Validates the layers.
  ///
  /// @throws InvalidTextException with every problem: key, value found, range wanted, source
  public static DaemonConfig from(ConfigLayers layers) throws InvalidTextException {
    ConfigReader read = new ConfigReader(layers, "");
    Server server =
        new Server(
            read.integer(ConfigKey.SERVER_PORT, 0, 65_535),
            read.integer(ConfigKey.SERVER_MAX_CONNECTIONS, 4, 10_000),
            read.integer(ConfigKey.SERVER_MAX_REQUESTS, 2, 1_000),
            read.duration(
                ConfigKey.SERVER_READ_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(5)),
            read.duration(
                ConfigKey.SERVER_IDLE_TIMEOUT, Duration.ofSeconds(1), Duration.ofHours(1)),
            read.path(ConfigKey.SERVER_EXTRA_CA),
            read.matching(ConfigKey.SERVER_ACCOUNT, ACCOUNT, "a login name"));
    Duration second = Duration.ofSeconds(1);
    Duration day = Duration.ofHours(24);
    Sync sync =
        new Sync(
            SourceReader.read(layers, read.problems()),
            read.duration(ConfigKey.SYNC_INTERVAL, second, day),
            read.duration(ConfigKey.SYNC_POINTER_INTERVAL, second, day));
    Optional<Path> elevationKeys = read.path(ConfigKey.ELEVATION_KEYS);
    DaemonConfig config =
        new DaemonConfig(
            server,
            sync,
            new Journal(
                read.durationOrZero(
                    ConfigKey.JOURNAL_SYNC_INTERVAL, Duration.ofMillis(10), Duration.ofSeconds(60)),
                read.integer(ConfigKey.JOURNAL_MIN_FREE, 1, 1_000_000),
                read.matching(
                        ConfigKey.JOURNAL_DEVICE,
                        DEVICE,
                        "1 to 64 letters, digits, '.', '_' and '-'")
                    .orElse(""),
                read.recipient(ConfigKey.JOURNAL_ESCROW_KEY),
                read.duration(ConfigKey.JOURNAL_HEARTBEAT, Duration.ofMinutes(1), day),
                new JournalConfig.Space(
                    (long) read.integer(ConfigKey.JOURNAL_MAX, 16, 1 << 20) << 20,
                    read.integer(ConfigKey.JOURNAL_ACCOUNT_PERCENT, 1, 100),
                    read.durationOrZero(
                        ConfigKey.JOURNAL_RETAIN, Duration.ofDays(1), Duration.ofDays(3650))),
                read.bool(ConfigKey.JOURNAL_PSEUDONYMS),
                read.path(ConfigKey.JOURNAL_PSEUDONYM_KEY)),
            UploadReader.read(layers, read.problems()),
            new Search(
                read.bool(ConfigKey.SEARCH_MODEL),
                read.duration(ConfigKey.SEARCH_MODEL_IDLE, Duration.ofSeconds(10), day)),
            read.path(ConfigKey.GUARD_RESOLVER_SOCKET),
            read.duration(ConfigKey.GATE_DEADLINE, Duration.ofMillis(100), Duration.ofSeconds(5)),
            new Elevation(
                read.bool(ConfigKey.ELEVATION_REQUIRE_SIGNED),
                new GrantKeys(
                    read.matching(
                            ConfigKey.ELEVATION_NAME,
                            GrantKeys.NAME,
                            "1 to 128 letters, digits, '.', '_', '/' and '-'")
                        .orElse(ConfigKey.ELEVATION_NAME.defaultValue()),
                    read.verifiers(ConfigKey.ELEVATION_KEYS, elevationKeys)),
                elevationKeys),
            signing(read),
            read.level(ConfigKey.LOG_LEVEL));
    read.throwProblems();
    return config;
  }

  private static Signing signing(ConfigReader read) {
    Optional<Path> file = read.path(ConfigKey.POLICY_KEYS);
    boolean required = read.bool(ConfigKey.POLICY_REQUIRE_SIGNED);
    if (required && file.isEmpty()) {
      read.problem(ConfigKey.POLICY_REQUIRE_SIGNED, "is true, so policy.keys is wanted too");
    }
    return new Signing(required, read.verifiers(ConfigKey.POLICY_KEYS, file), file);
  }
}
