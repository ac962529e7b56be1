package dev.skillwarden.skill;

import java.util.List;
import java.util.Optional;

/// What came of reading one file.
///
/// @param skill present exactly when no finding is an error
/// @param findings everything to mend, in the order of the file
public record ParsedSkill(Optional<Skill> skill, List<Finding> findings) {
  public ParsedSkill {
    findings = List.copyOf(findings);
  }
}
