package dev.skillwarden.catalog;

import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
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
        .filter(s -> range.selects(s.version()))
        .findFirst();
  }

  /// The skill's dependencies, transitively, each before what needs it; the skill itself is not in
  /// it.
  public List<Skill> dependencies(Skill skill) {
    SequencedMap<SkillId, Skill> ordered = new LinkedHashMap<>();
    Deque<Open> open = new ArrayDeque<>(); // explicit: a long chain cannot overflow the call stack
    open.push(new Open(skill, skill.dependsOn().iterator()));
    while (!open.isEmpty()) {
      Open top = open.element();
      if (!top.rest().hasNext()) {
        open.pop();
        if (!open.isEmpty()) {
          ordered.putIfAbsent(top.skill().id(), top.skill());
        }
        continue;
      }
      Dependency dependency = top.rest().next();
      if (!ordered.containsKey(dependency.skill())) {
        Skill target = target(top.skill(), dependency);
        open.push(new Open(target, target.dependsOn().iterator()));
      }
    }
    return List.copyOf(ordered.values());
  }

  /// A skill on the way down, with the dependencies still to follow.
  private record Open(Skill skill, Iterator<Dependency> rest) {}

  /// The builder serves nothing with an unmet dependency, and no cycles.
  private Skill target(Skill skill, Dependency dependency) {
    return resolve(dependency.skill(), dependency.range())
        .orElseThrow(
            () -> new IllegalStateException(skill.id() + " lost its dependency " + dependency));
  }
}
