package dev.skillwarden.search;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Deprecation;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Sha256;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class TestSkills {
  private TestSkills() {}

  static Skill skill(String id, String description) {
    return skill(id, "1.0.0", description, AccessLevel.PUBLIC, Optional.empty());
  }

  static Skill skill(String id, String description, AccessLevel level) {
    return skill(id, "1.0.0", description, level, Optional.empty());
  }

  static Skill deprecated(String id, String description) {
    return skill(
        id,
        "1.0.0",
        description,
        AccessLevel.PUBLIC,
        Optional.of(
            new Deprecation(
                LocalDate.of(2026, 1, 31), "use another", Optional.empty(), Optional.empty())));
  }

  static Skill skill(
      String id,
      String version,
      String description,
      AccessLevel level,
      Optional<Deprecation> deprecated,
      String... tags) {
    return new Skill(
        SkillId.parse(id),
        Version.parse(version),
        description,
        List.of(tags),
        level,
        Set.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        deprecated,
        Instructions.of("Steps to follow.\n"),
        ".claude/skills/" + id + ".md",
        Sha256.of(level + " " + description + " " + String.join(" ", tags)));
  }

  static CatalogSnapshot snapshot(List<Skill> skills) {
    return new CatalogSnapshot("", skills, List.of());
  }
}
