package dev.skillwarden.skill;

import dev.skillwarden.text.YamlNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One version of a skill, as its author wrote it and nothing wrong with it.
///
/// @param description one or two sentences, what search shows and embeds
/// @param allowedRoles roles that may use a `role-restricted` skill, empty otherwise
/// @param inputs JSON Schema subset of the payload, as written
/// @param deprecated what the author says to those who still use it
/// @param body the instructions after the frontmatter, with LF line ends
/// @param path path in the repository, `.claude/skills/team/name.md`
/// @param sha256 hex digest of the file's bytes
public record Skill(
    SkillId id,
    Version version,
    String description,
    List<String> tags,
    AccessLevel accessLevel,
    Set<String> allowedRoles,
    List<Dependency> dependsOn,
    List<String> owners,
    Optional<YamlNode.Mapping> inputs,
    Optional<String> deprecated,
    String body,
    String path,
    String sha256) {
  public Skill {
    tags = List.copyOf(tags);
    allowedRoles = Set.copyOf(allowedRoles);
    dependsOn = List.copyOf(dependsOn);
    owners = List.copyOf(owners);
  }
}
