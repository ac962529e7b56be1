package dev.skillwarden.policy;

import dev.skillwarden.identity.Elevation;
import dev.skillwarden.skill.SkillId;
import java.util.List;

/// Whether a caller may use a skill.
public sealed interface AccessDecision {
  /// @param by elevations it rests on, each once; empty when it needs none
  record Granted(List<Elevation> by) implements AccessDecision {
    public Granted {
      by = List.copyOf(by);
    }
  }

  /// @param skill the skill that is closed to the caller: the one asked for, or a dependency of it
  /// @param reason why, in words for the agent
  record Denied(SkillId skill, Reason code, String reason) implements AccessDecision {}

  /// Journalled: never rename.
  enum Reason {
    NOT_IN_TEAM,
    ROLE_NOT_LISTED,
    NOT_ELEVATED,
    UNKNOWN_CALLER,
    /// The account may, but not from where the request comes.
    NARROWED
  }
}
