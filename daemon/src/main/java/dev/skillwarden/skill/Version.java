package dev.skillwarden.skill;

import java.util.regex.Pattern;
import org.semver4j.Semver;

/// A semantic version, exactly MAJOR.MINOR.PATCH with optional pre-release and build
/// (https://semver.org, 2.0.0). No `v` prefix, no missing parts.
public record Version(Semver semver) implements Comparable<Version> {
  /// The library also takes spaces around a version; it checks the rest.
  private static final Pattern PLAIN = Pattern.compile("[0-9][0-9A-Za-z.+-]*");

  /// @throws IllegalArgumentException saying what is wanted
  public static Version parse(String text) {
    Semver parsed = PLAIN.matcher(text).matches() ? Semver.parse(text) : null;
    if (parsed == null) {
      throw new IllegalArgumentException("wants a version like 1.2.3, found '" + text + "'");
    }
    return new Version(parsed);
  }

  public int major() {
    return semver.getMajor();
  }

  public int minor() {
    return semver.getMinor();
  }

  public boolean isPrerelease() {
    return !semver.getPreRelease().isEmpty();
  }

  @Override
  public int compareTo(Version other) {
    return semver.compareTo(other.semver);
  }

  @Override
  public String toString() {
    return semver.getVersion();
  }
}
