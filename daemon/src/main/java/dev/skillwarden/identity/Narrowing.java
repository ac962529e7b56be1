package dev.skillwarden.identity;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a request may use of its account's rights because of where it comes from: what all its caps
/// leave.
public record Narrowing(List<Part> parts) {
  /// All rights remain.
  public static final Narrowing NONE = new Narrowing(List.of());

  /// @param of whom the cap is for, such as `subagents of type 'reviewer'`
  /// @param advice what else to do, a sentence for an agent
  public record Part(String of, Cap cap, String advice) {
    /// Why a skill is closed that the account may use.
    String reason() {
      return "its account may use it, but %s are narrowed to %s. %s"
          .formatted(of, cap.text(), advice);
    }
  }

  public Narrowing {
    parts = parts.stream().filter(p -> !p.cap().equals(Cap.NONE)).toList();
  }

  /// What both leave.
  public Narrowing and(Narrowing other) {
    return new Narrowing(Stream.concat(parts.stream(), other.parts.stream()).toList());
  }

  /// Whether a right to use the skill remains.
  ///
  /// @param level the level in force for it
  public boolean permits(SkillId skill, AccessLevel level) {
    for (Part part : parts) { // asked once a skill in every search
      if (!part.cap().permits(skill, level)) {
        return false;
      }
    }
    return true;
  }

  /// Why no right to use the skill remains; empty when one does.
  ///
  /// @param level the level in force for it
  public Optional<String> refusal(SkillId skill, AccessLevel level) {
    return parts.stream().filter(p -> !p.cap().permits(skill, level)).map(Part::reason).findFirst();
  }
}
