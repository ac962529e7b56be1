package dev.skillwarden.catalog;

import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Every skill served from one commit. Immutable; a request works on one snapshot from start to
/// end.
public final class CatalogSnapshot {
  /// Nothing synced yet.
  public static final CatalogSnapshot EMPTY = new CatalogSnapshot("", List.of(), List.of());

  private final String commit;
  private final Map<SkillId, List<Skill>> releases = new TreeMap<>();
  private final List<Finding> findings;

  /// @param commit 40-hex commit the skills come from, empty before the first sync
  /// @param skills at most one per id and version; dependencies already checked by the builder
  /// @param findings what was left out and why
  public CatalogSnapshot(String commit, Collection<Skill> skills, List<Finding> findings) {
    this.commit = commit;
    this.findings = List.copyOf(findings);
    for (Skill skill : skills) {
      releases.computeIfAbsent(skill.id(), id -> new ArrayList<>()).add(skill);
    }
    for (List<Skill> versions : releases.values()) {
      versions.sort(Comparator.comparing(Skill::version).reversed());
    }
  }

  public String commit() {
    return commit;
  }

  public List<Finding> findings() {
    return findings;
  }

  /// The newest version of every skill, by id.
  public List<Skill> skills() {
    return releases.values().stream().map(List::getFirst).toList();
  }

  public boolean contains(SkillId id) {
    return releases.containsKey(id);
  }

  /// Versions served of a skill, newest first; empty for an unknown skill.
  public List<Version> versions(SkillId id) {
    return releases.getOrDefault(id, List.of()).stream().map(Skill::version).toList();
  }

  /// The highest release in the range; pre-releases only when the range names one exactly.
  public Optional<Skill> resolve(SkillId id, VersionRange range) {
    return releases.getOrDefault(id, List.of()).stream()
        .filter(
            s -> range.contains(s.version()) && (!s.version().isPrerelease() || range.isExact()))
        .findFirst();
  }

  /// The skill's dependencies, transitively, each before what needs it; the skill itself is not in
  /// it.
  public List<Skill> dependencies(Skill skill) {
    SequencedMap<SkillId, Skill> ordered = new LinkedHashMap<>();
    collect(skill, ordered);
    return List.copyOf(ordered.values());
  }

  /// Depth is bounded by the number of skills: the builder refuses cycles.
  private void collect(Skill skill, SequencedMap<SkillId, Skill> ordered) {
    for (Dependency dependency : skill.dependsOn()) {
      if (!ordered.containsKey(dependency.skill())) {
        Skill target =
            resolve(dependency.skill(), dependency.range())
                .orElseThrow(() ->
                    new IllegalStateException(skill.id() + " lost its dependency " + dependency));
        collect(target, ordered);
        ordered.putIfAbsent(target.id(), target);
      }
    }
  }
}
