package dev.skillwarden.lint;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What lint found.
///
/// @param skills files meant as skills
/// @param parsed every one of them, in the order of paths
/// @param findings in the order of files and lines
/// @param changed paths that differ from the base, empty without one
public record Report(
    int skills, List<ParsedSkill> parsed, List<Finding> findings, Set<String> changed) {
  public Report {
    parsed = List.copyOf(parsed);
    findings = List.copyOf(findings);
    changed = Set.copyOf(changed);
  }

  public long count(Finding.Severity severity) {
    return findings.stream().filter(f -> f.severity() == severity).count();
  }

  /// Lines of each file, for snippets; files that are no text have none.
  Map<String, List<String>> lines() {
    Map<String, List<String>> lines = new HashMap<>();
    for (ParsedSkill skill : parsed) {
      lines.put(skill.path(), skill.text().lines().toList());
    }
    return lines;
  }
}
