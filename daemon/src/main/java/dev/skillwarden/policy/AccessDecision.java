package dev.skillwarden.policy;

import dev.skillwarden.skill.SkillId;

/// Whether a caller may use a skill.
public sealed interface AccessDecision {
  record Granted() implements AccessDecision {}

  /// @param skill the skill that is closed to the caller: the one asked for, or a dependency of it
  /// @param reason why, in words for the agent
  record Denied(SkillId skill, Reason code, String reason) implements AccessDecision {}

  /// Journalled: never rename.
  enum Reason {
    NOT_IN_TEAM,
    ROLE_NOT_LISTED,
    NOT_ELEVATED,
    UNKNOWN_CALLER
  }
}
