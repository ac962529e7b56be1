package dev.skillwarden.catalog;

import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.Version;
import java.util.List;

/// What a name and a range stand for in one snapshot.
public sealed interface Resolution {
  /// The highest release in the range that is neither yanked nor, unless named exactly, a
  /// pre-release.
  record Found(Skill skill) implements Resolution {}

  /// The one version asked for was withdrawn.
  record Yanked(Version version, String reason) implements Resolution {}

  /// @param available versions that may be asked for, newest first
  record NoVersion(List<Version> available) implements Resolution {
    public NoVersion {
      available = List.copyOf(available);
    }
  }

  record Archived(Archive archive) implements Resolution {}

  record Unknown() implements Resolution {}
}
