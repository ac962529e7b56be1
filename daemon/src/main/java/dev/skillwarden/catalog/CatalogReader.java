package dev.skillwarden.catalog;

import dev.skillwarden.skill.SkillFile;
import java.util.List;

/// Turns the files of one commit into a snapshot.
@FunctionalInterface
public interface CatalogReader {
  /// Never fails on bad skills: they are left out and reported in [CatalogSnapshot#findings].
  ///
  /// @param commit 40-hex commit the files come from
  /// @param files every file below `.claude/skills/`
  CatalogSnapshot read(String commit, List<SkillFile> files);
}
