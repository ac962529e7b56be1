package dev.skillwarden.redact;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.concurrent.atomic.AtomicReference;

/// A pattern that is compiled when it is first needed. Bounded repetitions are written out in the
/// program of a linear matcher: all rules together take 5 MB, of which most daemons need little.
final class LazyPattern {
  private final String source;
  private final AtomicReference<Pattern> compiled = new AtomicReference<>();

  LazyPattern(String source) {
    this.source = source;
  }

  /// The pattern as it is written.
  @Override
  public String toString() {
    return source;
  }

  Matcher matcher(String text) {
    return pattern().matcher(text);
  }

  /// @throws com.google.re2j.PatternSyntaxException for a rule that is none; a test compiles all
  Pattern pattern() {
    Pattern known = compiled.get();
    if (known != null) {
      return known;
    }
    Pattern made = Pattern.compile(source); // twice at worst
    compiled.set(made);
    return made;
  }
}
