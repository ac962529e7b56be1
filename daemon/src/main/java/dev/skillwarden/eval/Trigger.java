package dev.skillwarden.eval;

/// One query of a suite.
///
/// @param shouldTrigger whether the query is meant for the skill
/// @param k places among which the skill must be when it should trigger, 1 to [#MAX_K]
public record Trigger(String query, boolean shouldTrigger, Kind kind, int k) {
  public static final int MAX_K = 20;
  public static final int DEFAULT_K = 5;

  /// What a trigger is for.
  public enum Kind {
    /// The skill must be found.
    POSITIVE,
    /// The skill must not be the first.
    NEGATIVE,
    /// Told, and never a failure.
    EDGE
  }
}
