package dev.skillwarden.effect;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Home directories: the caller's own and, by where platforms put them, those of others.
public final class Homes {
  private static final Pattern ANY =
      Pattern.compile("(?:/home/[^/]+|/Users/[^/]+|/(?:var/)?root|[A-Za-z]:/Users/[^/]+)(?=/|$)");

  private Homes() {}

  /// The part of the path below a home, in lower case and without a slash in front; empty text for
  /// a home itself. Case is folded since macOS and Windows do not tell it apart.
  ///
  /// @param path absolute and resolved
  /// @param home the caller's own
  public static Optional<String> below(String path, String home) {
    if (path.equals(home)) {
      return Optional.of("");
    }
    if (path.startsWith(home) && path.charAt(home.length()) == '/') {
      return Optional.of(path.substring(home.length() + 1).toLowerCase(Locale.ROOT));
    }
    Matcher other = ANY.matcher(path);
    return other.lookingAt()
        ? Optional.of(
            path.substring(Math.min(other.end() + 1, path.length())).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }
}
