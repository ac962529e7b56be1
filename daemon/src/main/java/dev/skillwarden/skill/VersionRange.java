package dev.skillwarden.skill;

import java.util.regex.Pattern;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/// A version range: `*`, `1.x`, `1.2.x`, `^1.2.3`, `~1.2.3`, `1.2.3`, or comparators such as
/// `>=1.2.0 <2.0.0`. The grammar is checked here because the library accepts anything.
public record VersionRange(String text, RangeList ranges) {
  private static final String N = "\\d{1,9}"; // the library keeps int
  private static final String FULL =
      N + "\\." + N + "\\." + N + "(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?";
  private static final Pattern GRAMMAR =
      Pattern.compile(
          String.join(
              "|",
              "\\*",
              N + "(\\.(x|\\*))?",
              N + "\\." + N + "(\\.(x|\\*))?",
              "[\\^~]?" + FULL,
              "[\\^~]" + N + "(\\." + N + ")?",
              "(>=|<=|>|<|=)\\s?" + FULL + "(\\s+(>=|<=|>|<)\\s?" + FULL + ")?"));

  /// Every release.
  public static final VersionRange ANY = parse("*");

  /// @throws IllegalArgumentException saying what is wanted
  public static VersionRange parse(String text) {
    String trimmed = text.strip();
    if (trimmed.length() > 100 || !GRAMMAR.matcher(trimmed).matches()) {
      throw new IllegalArgumentException(
          "wants a version range like 1.x, ^1.2.3, 1.2.3 or '>=1.2.0 <2.0.0', found '"
              + text
              + "'");
    }
    return new VersionRange(trimmed, RangeListFactory.create(trimmed));
  }

  public boolean contains(Version version) {
    return version.semver().satisfies(ranges);
  }

  /// Whether a skill of this version may stand for the range: pre-releases only when it names one
  /// exactly.
  public boolean selects(Version version) {
    return contains(version) && (!version.isPrerelease() || isExact());
  }

  /// Whether the range takes releases of any major version, now and later: `*`, or a lower bound
  /// without an upper one, or the other way round.
  public boolean isFloating() {
    return text.equals("*")
        || text.startsWith("<")
        || (text.startsWith(">") && !text.contains("<"));
  }

  /// Whether the range takes a 0.x release, which promises nothing.
  public boolean takesUnstable() {
    return text.matches("[\\^~=]?\\s?0(\\..*)?|>=?\\s?0\\..*");
  }

  /// The major version the range stands for, empty when it spans several.
  public java.util.Optional<Integer> major() {
    java.util.regex.Matcher digits = Pattern.compile("[\\^~=]?\\s?(\\d{1,9})\\b.*").matcher(text);
    if (digits.matches()) {
      return java.util.Optional.of(Integer.valueOf(digits.group(1)));
    }
    java.util.regex.Matcher bounds =
        Pattern.compile(">=?\\s?(\\d{1,9})\\.\\S+\\s+<(=?)\\s?(\\d{1,9})\\.(\\d+)\\.(\\d+).*")
            .matcher(text);
    if (!bounds.matches()) {
      return java.util.Optional.empty();
    }
    int low = Integer.parseInt(bounds.group(1));
    int high = Integer.parseInt(bounds.group(3));
    boolean open =
        bounds.group(2).isEmpty() && bounds.group(4).equals("0") && bounds.group(5).equals("0");
    return low == high || (open && high == low + 1)
        ? java.util.Optional.of(low)
        : java.util.Optional.empty();
  }

  /// Whether the range names one exact version.
  public boolean isExact() {
    return text.matches("=?\\s?" + FULL);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VersionRange r && r.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
