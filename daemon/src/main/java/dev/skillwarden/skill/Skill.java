package dev.skillwarden.skill;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One version of a skill, as its author wrote it and nothing wrong with it.
///
/// @param description one or two sentences, what search shows and embeds
/// @param allowedRoles roles that may use a `role-restricted` skill, empty otherwise
/// @param inputs what a payload must look like
/// @param deprecated what the author says to those who still use it
/// @param instructions the text after the frontmatter, with LF line ends
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
    Optional<InputSchema> inputs,
    Optional<Deprecation> deprecated,
    Instructions instructions,
    String path,
    String sha256) {
  public Skill {
    tags = List.copyOf(tags);
    allowedRoles = Set.copyOf(allowedRoles);
    dependsOn = List.copyOf(dependsOn);
    owners = List.copyOf(owners);
  }

  /// The instructions as text.
  public String body() {
    return instructions.text();
  }

  /// The same skill with another deprecation: a catalog may deprecate a release after it was made.
  public Skill deprecated(Optional<Deprecation> by) {
    return new Skill(
        id,
        version,
        description,
        tags,
        accessLevel,
        allowedRoles,
        dependsOn,
        owners,
        inputs,
        by,
        instructions,
        path,
        sha256);
  }

  /// The same skill without dependencies.
  public Skill alone() {
    return new Skill(
        id,
        version,
        description,
        tags,
        accessLevel,
        allowedRoles,
        List.of(),
        owners,
        inputs,
        deprecated,
        instructions,
        path,
        sha256);
  }

  /// `team/name@1.2.3`, the name of the release and of its tag.
  public String release() {
    return id + "@" + version;
  }
}
