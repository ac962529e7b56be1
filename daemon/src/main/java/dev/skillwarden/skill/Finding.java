package dev.skillwarden.skill;

import dev.skillwarden.text.Problem;
import java.util.Comparator;
import java.util.Locale;

/// Something to mend in a skills repository.
///
/// @param severity errors keep the skill from being served
/// @param at file, line, column, and what was found and is wanted
public record Finding(SkillRule rule, Severity severity, Problem at) {
  /// By file, line, column, then rule.
  public static final Comparator<Finding> ORDER =
      Comparator.comparing((Finding f) -> f.at().file())
          .thenComparingInt(f -> f.at().line())
          .thenComparingInt(f -> f.at().column())
          .thenComparing(Finding::rule)
          .thenComparing(f -> f.at().message());

  public enum Severity {
    ERROR,
    WARNING,
    INFO;

    /// In lower case, as in every output.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// With the rule's own severity.
  public Finding(SkillRule rule, Problem at) {
    this(rule, rule.severity(), at);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  @Override
  public String toString() {
    return "%s:%d:%d: %s %s %s: %s"
        .formatted(
            at.file(),
            at.line(),
            at.column(),
            severity.text(),
            rule.id(),
            rule.slug(),
            at.message());
  }
}
