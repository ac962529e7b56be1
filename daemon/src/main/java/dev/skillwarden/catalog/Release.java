package dev.skillwarden.catalog;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.Skill;
import java.util.List;
import java.util.Optional;

/// One version of a skill as it is served.
///
/// @param skill as the catalog wants it, with a deprecation made after its release
/// @param written as its file says
/// @param yanked why nobody should use it any more; a yanked release is in no range
/// @param findings warnings about its file
public record Release(Skill skill, Skill written, Optional<String> yanked, List<Finding> findings) {
  public Release {
    findings = List.copyOf(findings);
  }

  /// A skill as its file says, not yanked.
  static Release of(Skill skill) {
    return new Release(skill, skill, Optional.empty(), List.of());
  }
}
