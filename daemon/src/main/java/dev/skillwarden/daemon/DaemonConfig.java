package dev.skillwarden.daemon;

import dev.skillwarden.repo.Auth;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `skillwarden.yaml`, validated.
///
/// @param gateDeadline longest time a decision may take, 100 ms to 5 s
/// @param searchModel whether the embedding model is used
public record DaemonConfig(
    Server server,
    Sync sync,
    Journal journal,
    boolean searchModel,
    Duration gateDeadline,
    LogLevel logLevel) {

  /// @param port 0 to 65535, 0 takes a free one
  /// @param maxConnections 4 to 10,000
  /// @param readTimeout 1 s to 5 min
  /// @param idleTimeout 1 s to 1 h
  public record Server(int port, int maxConnections, Duration readTimeout, Duration idleTimeout) {}

  /// @param remote repository URL, empty when the daemon serves no skills
  /// @param pinSha 40-hex commit, present exactly when `remote` is
  /// @param interval 1 s to 24 h
  /// @param timeout 1 s to 10 min
  public record Sync(
      Optional<String> remote,
      Optional<String> pinSha,
      Duration interval,
      Duration timeout,
      Auth auth) {}

  /// @param syncInterval 10 ms to 60 s
  /// @param minFreeMib 1 to 1,000,000
  public record Journal(Duration syncInterval, int minFreeMib) {}

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
    Reader read = new Reader(layers);
    Server server =
        new Server(
            read.integer(ConfigKey.SERVER_PORT, 0, 65_535),
            read.integer(ConfigKey.SERVER_MAX_CONNECTIONS, 4, 10_000),
            read.duration(
                ConfigKey.SERVER_READ_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(5)),
            read.duration(
                ConfigKey.SERVER_IDLE_TIMEOUT, Duration.ofSeconds(1), Duration.ofHours(1)));
    Optional<String> remote =
        read.matching(
            ConfigKey.SYNC_REMOTE,
            REMOTE,
            "a file://, https:// or ssh:// URL without user name or password");
    Optional<String> pin =
        read.matching(ConfigKey.SYNC_PIN_SHA, SHA, "40 lower-case hex digits, a full commit id");
    if (remote.isPresent() && pin.isEmpty() && read.text(ConfigKey.SYNC_PIN_SHA).isEmpty()) {
      read.problem(
          ConfigKey.SYNC_PIN_SHA, "is missing; sync.remote is set, so name the commit to serve");
    }
    Auth auth = auth(read);
    Sync sync =
        new Sync(
            remote,
            pin,
            read.duration(ConfigKey.SYNC_INTERVAL, Duration.ofSeconds(1), Duration.ofHours(24)),
            read.duration(ConfigKey.SYNC_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(10)),
            auth);
    DaemonConfig config =
        new DaemonConfig(
            server,
            sync,
            new Journal(
                read.duration(
                    ConfigKey.JOURNAL_SYNC_INTERVAL, Duration.ofMillis(10), Duration.ofSeconds(60)),
                read.integer(ConfigKey.JOURNAL_MIN_FREE, 1, 1_000_000)),
            read.bool(ConfigKey.SEARCH_MODEL),
            read.duration(ConfigKey.GATE_DEADLINE, Duration.ofMillis(100), Duration.ofSeconds(5)),
            read.level(ConfigKey.LOG_LEVEL));
    read.throwProblems();
    return config;
  }

  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern REMOTE =
      Pattern.compile(
          "file:///\\S+|https://[^@\\s/]+/\\S*|ssh://([A-Za-z0-9._-]+@)?[^@:\\s/]+(:\\d{1,5})?/\\S+|http://(127\\.0\\.0\\.1|localhost)(:\\d{1,5})?/\\S*");
  private static final Pattern PROXY = Pattern.compile("[A-Za-z0-9.-]+:\\d{1,5}");

  private static Auth auth(Reader read) {
    Auth auth =
        new Auth(
            read.path(ConfigKey.SYNC_SSH_KEY),
            read.path(ConfigKey.SYNC_KNOWN_HOSTS),
            read.optional(ConfigKey.SYNC_USERNAME),
            read.path(ConfigKey.SYNC_SECRET_FILE),
            read.list(ConfigKey.SYNC_COMMAND),
            read.matching(ConfigKey.SYNC_PROXY, PROXY, "host:port"),
            read.path(ConfigKey.SYNC_CA_BUNDLE));
    if (auth.sshKey().isPresent() && auth.knownHosts().isEmpty()) {
      read.problem(
          ConfigKey.SYNC_KNOWN_HOSTS,
          "is missing; with ssh-key, name a file with the server's host keys");
    }
    int secrets =
        (auth.sshKey().isPresent() ? 1 : 0)
            + (auth.secretFile().isPresent() ? 1 : 0)
            + (auth.command().isEmpty() ? 0 : 1);
    if (secrets > 1) {
      read.problem(
          ConfigKey.SYNC_SECRET_FILE, "set only one of sync.auth.ssh-key, secret-file and command");
    }
    return auth;
  }

  /// Typed reads that gather problems.
  private static final class Reader {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private final ConfigLayers layers;
    private final List<Problem> problems = new ArrayList<>();

    Reader(ConfigLayers layers) {
      this.layers = layers;
    }

    String text(ConfigKey key) {
      return layers.text(key);
    }

    Optional<String> optional(ConfigKey key) {
      return Optional.of(text(key)).filter(t -> !t.isBlank());
    }

    void problem(ConfigKey key, String message) {
      problems.add(new Problem(layers.source(key), 0, 0, key.key() + " " + message));
    }

    int integer(ConfigKey key, int min, int max) {
      try {
        int value = Integer.parseInt(text(key));
        if (value >= min && value <= max) {
          return value;
        }
      } catch (NumberFormatException e) {
        // reported below, with the range
      }
      problem(key, "wants a whole number %d..%d, found '%s'".formatted(min, max, text(key)));
      return min;
    }

    boolean bool(ConfigKey key) {
      if (!text(key).equals("true") && !text(key).equals("false")) {
        problem(key, "wants true or false, found '" + text(key) + "'");
      }
      return text(key).equals("true");
    }

    LogLevel level(ConfigKey key) {
      try {
        return Fields.parseEnum(LogLevel.class, text(key));
      } catch (IllegalArgumentException e) {
        problem(key, String.valueOf(e.getMessage()));
        return LogLevel.INFO;
      }
    }

    Duration duration(ConfigKey key, Duration min, Duration max) {
      Matcher matcher = DURATION.matcher(text(key).toLowerCase(Locale.ROOT));
      if (matcher.matches()) {
        long amount = Long.parseLong(matcher.group(1));
        Duration value =
            switch (matcher.group(2)) {
              case "ms" -> Duration.ofMillis(amount);
              case "s" -> Duration.ofSeconds(amount);
              case "m" -> Duration.ofMinutes(amount);
              default -> Duration.ofHours(amount);
            };
        if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
          return value;
        }
      }
      problem(
          key,
          "wants a time %s..%s such as 500ms, 10s or 5m, found '%s'"
              .formatted(shown(min), shown(max), text(key)));
      return min;
    }

    private static String shown(Duration duration) {
      if (duration.toMillis() % 1000 != 0) {
        return duration.toMillis() + "ms";
      }
      if (duration.toSeconds() % 3600 == 0) {
        return duration.toHours() + "h";
      }
      return duration.toSeconds() % 60 == 0
          ? duration.toMinutes() + "m"
          : duration.toSeconds() + "s";
    }

    Optional<String> matching(ConfigKey key, Pattern pattern, String wanted) {
      Optional<String> value = optional(key);
      if (value.isPresent() && !pattern.matcher(value.get()).matches()) {
        boolean secret = key == ConfigKey.SYNC_REMOTE && value.get().contains("@");
        problem(
            key,
            "wants "
                + wanted
                + (secret ? "; put the secret into sync.auth" : ", found '" + value.get() + "'"));
        return Optional.empty();
      }
      return value;
    }

    Optional<Path> path(ConfigKey key) {
      Optional<Path> value;
      try {
        value = optional(key).map(Path::of);
      } catch (InvalidPathException e) {
        problem(key, "wants an absolute path: " + e.getReason());
        return Optional.empty();
      }
      if (value.isPresent() && !value.get().isAbsolute()) {
        problem(key, "wants an absolute path, found '" + value.get() + "'");
      }
      return value;
    }

    List<String> list(ConfigKey key) {
      return optional(key)
          .map(t -> List.of(t.split(ConfigLayers.LIST_SEPARATOR, -1)))
          .orElse(List.of());
    }

    void throwProblems() throws InvalidTextException {
      if (!problems.isEmpty()) {
        throw new InvalidTextException(problems);
      }
    }
  }
}
