package dev.skillwarden.e2e.lab;

import dev.skillwarden.e2e.lab.Attack.Profile;
import dev.skillwarden.e2e.lab.AttackResults.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The table of docs/security.md: attack × profile × client version.
final class AttackTable {
  static final String BEGIN = "<!-- attacks: generated from the suite's results -->";
  static final String END = "<!-- end of attacks -->";

  private AttackTable() {}

  static String of(List<Attack> attacks, AttackResults results) {
    List<String> lines = new ArrayList<>();
    Map<String, List<Attack>> groups =
        attacks.stream()
            .collect(Collectors.groupingBy(Attack::group, LinkedHashMap::new, Collectors.toList()));
    lines.add("| attack | no settings | monitor | standard | strict |");
    lines.add("|---|---|---|---|---|");
    groups.forEach((group, members) -> {
      lines.add("| **%s** | | | | |".formatted(group));
      members.forEach(attack -> lines.add(line(attack, results)));
    });
    return String.join("\n", lines) + "\n";
  }

  private static String line(Attack attack, AttackResults results) {
    return "| %s | %s | %s | %s | %s |"
        .formatted(
            attack.what(),
            cell(results.of(attack, Profile.NONE)),
            cell(results.of(attack, Profile.MONITOR)),
            cell(results.of(attack, Profile.STANDARD)),
            cell(results.of(attack, Profile.STRICT)));
  }

  /// One word where all versions agree.
  private static String cell(Map<String, Verdict> byVersion) {
    Map<Verdict, List<String>> versions = new TreeMap<>();
    byVersion.forEach((version, verdict) ->
        versions.computeIfAbsent(verdict, v -> new ArrayList<>()).add(version));
    if (versions.size() == 1) {
      return versions.keySet().iterator().next().words();
    }
    return versions.entrySet().stream()
        .map(e -> e.getKey().words() + " (" + String.join(", ", e.getValue()) + ")")
        .collect(Collectors.joining("; "));
  }
}
