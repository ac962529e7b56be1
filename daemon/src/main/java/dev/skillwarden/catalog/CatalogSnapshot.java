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
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Every release served from one commit. Immutable; a request works on one snapshot from start to
/// end.
public final class CatalogSnapshot {
  /// Nothing synced yet.
  public static final CatalogSnapshot EMPTY = new CatalogSnapshot("", List.of(), List.of());

  private final String commit;
  private final Map<SkillId, List<Release>> releases = new TreeMap<>();
  private final Map<SkillId, Archive> archived;
  private final Map<SkillId, Skill> archivedSkills;
  private final Set<SkillId> claimed;
  private final List<Finding> findings;

  /// A snapshot of one release a skill, none yanked.
  ///
  /// @param commit 40-hex commit the skills come from, empty before the first sync
  /// @param skills at most one per id and version; dependencies already checked by the builder
  /// @param findings what was left out and why
  public CatalogSnapshot(String commit, Collection<Skill> skills, List<Finding> findings) {
    this(
        commit,
        skills.stream().map(Release::of).toList(),
        Map.of(),
        Map.of(),
        skills.stream().map(Skill::id).collect(Collectors.toSet()),
        findings);
  }

  /// @param archived skills that are not served any more
  /// @param archivedSkills their newest release without its dependencies, by which access is judged
  /// @param claimed every name the sources use, whether anything of it is served or not
  CatalogSnapshot(
      String commit,
      List<Release> all,
      Map<SkillId, Archive> archived,
      Map<SkillId, Skill> archivedSkills,
      Set<SkillId> claimed,
      List<Finding> findings) {
    this.commit = commit;
    this.archived = Map.copyOf(archived);
    this.archivedSkills = Map.copyOf(archivedSkills);
    this.claimed = Collections.unmodifiableSet(new TreeSet<>(claimed));
    this.findings = List.copyOf(findings);
    for (Release release : all) {
      releases.computeIfAbsent(release.skill().id(), id -> new ArrayList<>()).add(release);
    }
    for (List<Release> versions : releases.values()) {
      versions.sort(Comparator.comparing((Release r) -> r.skill().version()).reversed());
    }
  }

  public String commit() {
    return commit;
  }

  public List<Finding> findings() {
    return findings;
  }

  /// One release of every skill, by id: the highest that `*` stands for, or the highest pre-release
  /// when there is nothing else. A skill whose releases are all yanked is not in it.
  public List<Skill> skills() {
    List<Skill> newest = new ArrayList<>();
    for (Map.Entry<SkillId, List<Release>> entry : releases.entrySet()) {
      highest(entry.getKey(), VersionRange.ANY)
          .or(() -> live(entry.getKey()).findFirst())
          .ifPresent(newest::add);
    }
    return newest;
  }

  /// What search offers: of every major version of every skill the highest release, by id, highest
  /// major first. Pre-releases are in it only where a skill has nothing else, yanked releases
  /// never.
  public List<Skill> majors() {
    List<Skill> majors = new ArrayList<>();
    for (SkillId id : releases.keySet()) {
      Map<Integer, Skill> highest = new LinkedHashMap<>();
      live(id)
          .filter(s -> VersionRange.ANY.selects(s.version()))
          .forEach(s -> highest.putIfAbsent(s.version().major(), s));
      if (highest.isEmpty()) {
        live(id).findFirst().ifPresent(majors::add);
      }
      majors.addAll(highest.values());
    }
    return majors;
  }

  /// Whether anything of the skill is or was served.
  public boolean contains(SkillId id) {
    return releases.containsKey(id) || archived.containsKey(id);
  }

  /// Every release served, yanked ones included, by id, newest first.
  public Stream<Release> releases() {
    return releases.values().stream().flatMap(List::stream);
  }

  /// Skills that are not served any more.
  public Map<SkillId, Archive> archived() {
    return archived;
  }

  Map<SkillId, Skill> archivedSkills() {
    return archivedSkills;
  }

  /// Versions served of a skill, newest first, without yanked ones; empty for an unknown skill.
  public List<Version> versions(SkillId id) {
    return live(id).map(Skill::version).toList();
  }

  /// What the name and range stand for.
  public Resolution resolve(SkillId id, VersionRange range) {
    Archive archive = archived.get(id);
    if (archive != null) {
      return new Resolution.Archived(archive);
    }
    if (!releases.containsKey(id)) {
      return new Resolution.Unknown();
    }
    Optional<Skill> found = highest(id, range);
    if (found.isPresent()) {
      return new Resolution.Found(found.get());
    }
    if (range.isExact()) {
      for (Release release : releases.get(id)) {
        if (release.yanked().isPresent() && range.contains(release.skill().version())) {
          return new Resolution.Yanked(release.skill().version(), release.yanked().get());
        }
      }
    }
    return new Resolution.NoVersion(versions(id));
  }

  /// The release a range stands for; pre-releases only when the range names one exactly.
  public Optional<Skill> highest(SkillId id, VersionRange range) {
    return live(id).filter(s -> range.selects(s.version())).findFirst();
  }

  /// The release by which access to a skill is judged when no range picks one: the one `*` stands
  /// for, else the newest, yanked or archived; empty when nothing of the skill was ever served.
  public Optional<Skill> representative(SkillId id) {
    return highest(id, VersionRange.ANY)
        .or(() -> releases.getOrDefault(id, List.of()).stream().map(Release::skill).findFirst())
        .or(() -> Optional.ofNullable(archivedSkills.get(id)));
  }

  /// Every name the sources use, in order: of skills that are served, retired, or left out for
  /// their errors. Such a name is the registry's business, and no other source can take it.
  public Set<SkillId> claimed() {
    return claimed;
  }

  /// The release of exactly this version, yanked or not.
  public Optional<Release> release(SkillId id, Version version) {
    return releases.getOrDefault(id, List.of()).stream()
        .filter(r -> r.skill().version().equals(version))
        .findFirst();
  }

  private Stream<Skill> live(SkillId id) {
    return releases.getOrDefault(id, List.of()).stream()
        .filter(r -> r.yanked().isEmpty())
        .map(Release::skill);
  }

  /// The skill's dependencies, transitively, each before what needs it; the skill itself is not in
  /// it. Two majors of one skill are both in it when both are needed.
  public List<Skill> dependencies(Skill skill) {
    SequencedMap<String, Skill> ordered = new LinkedHashMap<>();
    Deque<Open> open = new ArrayDeque<>(); // explicit: a long chain cannot overflow the call stack
    open.push(new Open(skill, skill.dependsOn().iterator()));
    while (!open.isEmpty()) {
      Open top = open.element();
      if (!top.rest().hasNext()) {
        open.pop();
        if (!open.isEmpty()) {
          ordered.putIfAbsent(top.skill().release(), top.skill());
        }
        continue;
      }
      Skill target = target(top.skill(), top.rest().next());
      if (!ordered.containsKey(target.release())) {
        open.push(new Open(target, target.dependsOn().iterator()));
      }
    }
    return List.copyOf(ordered.values());
  }

  /// A skill on the way down, with the dependencies still to follow.
  private record Open(Skill skill, Iterator<Dependency> rest) {}

  /// The builder serves nothing with an unmet dependency, and no cycles.
  private Skill target(Skill skill, Dependency dependency) {
    return highest(dependency.skill(), dependency.range())
        .orElseThrow(
            () -> new IllegalStateException(skill.id() + " lost its dependency " + dependency));
  }
}
