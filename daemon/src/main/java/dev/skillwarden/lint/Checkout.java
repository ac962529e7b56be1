package dev.skillwarden.lint;

import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything lint looks at.
///
/// @param files every file below `.claude/skills/`
/// @param suites every `evals/TEAM/NAME/evals.json`
/// @param organization teams, roles and members, when the repository or the caller gives them
/// @param released releases known from tags and the catalog, with the digest of their file where it
///   could be read
/// @param retired releases that are deprecated, yanked or archived in the catalog,
///   `team/name@1.2.3` to what they are
/// @param base what the change is compared with
public record Checkout(
    List<SkillFile> files,
    List<SkillFile> suites,
    Optional<Organization> organization,
    Map<SkillId, Map<Version, String>> released,
    Map<String, Retired> retired,
    Optional<Base> base) {
  public Checkout {
    files = List.copyOf(files);
    suites = List.copyOf(suites);
    released = Map.copyOf(released);
    retired = Map.copyOf(retired);
  }

  /// Files alone: no tags, no organization, nothing to compare with.
  public static Checkout of(List<SkillFile> files) {
    return new Checkout(files, List.of(), Optional.empty(), Map.of(), Map.of(), Optional.empty());
  }

  /// The state before the change.
  ///
  /// @param ref as the caller named it, for messages
  /// @param files every file below `.claude/skills/` then
  public record Base(String ref, List<SkillFile> files) {
    public Base {
      files = List.copyOf(files);
    }
  }

  /// How a release was retired.
  public enum Retired {
    DEPRECATED,
    YANKED,
    ARCHIVED
  }
}
