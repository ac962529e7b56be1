package dev.skillwarden.daemon;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Typed reads of configuration values. Gathers problems instead of stopping at the first.
final class ConfigReader {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private final ConfigLayers layers;
  private final String where;
  private final List<Problem> problems = new ArrayList<>();

  /// @param where put before keys in messages, such as `sources.finance: `
  ConfigReader(ConfigLayers layers, String where) {
    this.layers = layers;
    this.where = where;
  }

  List<Problem> problems() {
    return problems;
  }

  String text(ConfigKey key) {
    return layers.text(key);
  }

  Optional<String> optional(ConfigKey key) {
    return Optional.of(text(key)).filter(t -> !t.isBlank());
  }

  void problem(ConfigKey key, String message) {
    problems.add(new Problem(layers.source(key), 0, 0, where + key.key() + " " + message));
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

  DaemonConfig.LogLevel level(ConfigKey key) {
    try {
      return Fields.parseEnum(DaemonConfig.LogLevel.class, text(key));
    } catch (IllegalArgumentException e) {
      problem(key, String.valueOf(e.getMessage()));
      return DaemonConfig.LogLevel.INFO;
    }
  }

  /// As [#duration], where `0s` stands for never.
  Duration durationOrZero(ConfigKey key, Duration min, Duration max) {
    return text(key).equals("0s") ? Duration.ZERO : duration(key, min, max);
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
    return duration.toSeconds() % 60 == 0 ? duration.toMinutes() + "m" : duration.toSeconds() + "s";
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

  /// A key to seal to, from the PEM file that is named.
  Optional<Hpke.Recipient> recipient(ConfigKey key) {
    Optional<Path> file = path(key);
    if (file.isEmpty() || !file.get().isAbsolute()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Hpke.Recipient.parse(Files.readString(file.get())));
    } catch (IOException e) {
      problem(key, "names %s, which cannot be used: %s".formatted(file.get(), e));
      return Optional.empty();
    }
  }

  /// Keys that may sign, from the PEM file that is named; none when none is.
  ///
  /// @param file what [#path] made of the key
  List<Ed25519.Verifier> verifiers(ConfigKey key, Optional<Path> file) {
    if (file.isEmpty() || !file.get().isAbsolute()) {
      return List.of();
    }
    try {
      return Ed25519.publicKeys(Files.readString(file.get()));
    } catch (IOException e) {
      problem(key, "names %s, which cannot be used: %s".formatted(file.get(), e));
      return List.of();
    }
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
