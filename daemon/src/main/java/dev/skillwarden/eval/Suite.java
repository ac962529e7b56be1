package dev.skillwarden.eval;

import dev.skillwarden.skill.SkillId;
import java.util.List;

/// The eval suite of one skill, as far as search is concerned.
///
/// @param file path in the repository
public record Suite(SkillId skill, String file, List<Trigger> triggers) {
  public Suite {
    triggers = List.copyOf(triggers);
  }
}
