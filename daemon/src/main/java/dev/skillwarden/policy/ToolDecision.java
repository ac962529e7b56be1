package dev.skillwarden.policy;

import java.util.List;

/// The outcome for one tool call. With [Verdict#NONE] rule, reason, span and suggestion are empty,
/// unless a rule that is only monitored would have objected.
///
/// @param rule id of the rule that decided, see docs/guard.md
/// @param reason what was seen and why it is stopped, one or two sentences for the agent
/// @param span the part of the call that matched, at most 200 characters
/// @param suggestion what to do instead; it passes this policy itself
/// @param effects what the call would do, one line each, for `explain`
/// @param paths resolved paths the call would write or delete, at most 32
public record ToolDecision(
    Verdict verdict,
    String rule,
    String reason,
    String span,
    String suggestion,
    List<String> effects,
    List<String> paths) {
  public ToolDecision {
    effects = List.copyOf(effects);
    paths = List.copyOf(paths);
  }

  public static ToolDecision none(List<String> effects, List<String> paths) {
    return new ToolDecision(Verdict.NONE, "", "", "", "", effects, paths);
  }
}
