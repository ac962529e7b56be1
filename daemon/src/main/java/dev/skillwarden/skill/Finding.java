package dev.skillwarden.skill;

import dev.skillwarden.text.Problem;

/// Something to mend in a skills repository.
///
/// @param rule stable rule id, `SK001` and up
/// @param severity errors keep the skill from being served
/// @param at file, line, column and what was found, what is wanted, what to do
public record Finding(String rule, Severity severity, Problem at) {
  public enum Severity {
    ERROR,
    WARNING,
    INFO
  }

  @Override
  public String toString() {
    return "%s:%d:%d: %s %s: %s"
        .formatted(
            at.file(),
            at.line(),
            at.column(),
            severity.name().toLowerCase(java.util.Locale.ROOT),
            rule,
            at.message());
  }
}
