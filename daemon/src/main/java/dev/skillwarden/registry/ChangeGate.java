package dev.skillwarden.registry;

import dev.skillwarden.lint.Checkout;
import dev.skillwarden.lint.Report;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The verdict on a change, as far as it needs no usage data: is every changed skill sound, what
/// depends on it, who has to look at it.
///
/// @param rows one a changed skill, in the order of names
/// @param others findings in files of the change that are no skills
public record ChangeGate(List<Row> rows, List<Finding> others) {
  public ChangeGate {
    rows = List.copyOf(rows);
    others = List.copyOf(others);
  }

  /// How a skill changed.
  public enum Kind {
    ADDED,
    CHANGED,
    REMOVED
  }

  /// One changed skill.
  ///
  /// @param from version before, empty when added or unreadable
  /// @param to version now, empty when removed or unreadable
  /// @param findings about its file
  /// @param dependants skills that resolve to it, directly or through others
  /// @param reviewers owners of the skill, and of its dependants when its major changes or it goes
  public record Row(
      String skill,
      Kind kind,
      Optional<String> from,
      Optional<String> to,
      List<Finding> findings,
      List<SkillId> dependants,
      Set<String> reviewers) {
    public Row {
      findings = List.copyOf(findings);
      dependants = List.copyOf(dependants);
      reviewers = java.util.Collections.unmodifiableSet(new TreeSet<>(reviewers));
    }

    public boolean passes() {
      return findings.stream().noneMatch(Finding::isError);
    }
  }

  public boolean passes() {
    return rows.stream().allMatch(Row::passes) && others.stream().noneMatch(Finding::isError);
  }

  public Set<String> reviewers() {
    Set<String> all = new TreeSet<>();
    rows.forEach(r -> all.addAll(r.reviewers()));
    return all;
  }

  /// @param checkout has a base
  public static ChangeGate of(Checkout checkout, Report report) {
    Map<String, Skill> before = new HashMap<>();
    checkout
        .base()
        .ifPresent(b -> {
          for (SkillFile file : b.files()) {
            if (report.changed().contains(file.path()) && SkillParser.isSkillPath(file.path())) {
              SkillParser.parse(file).skill().ifPresent(s -> before.put(file.path(), s));
            }
          }
        });
    Map<String, ParsedSkill> now = new HashMap<>();
    report.parsed().forEach(p -> now.put(p.path(), p));
    Map<SkillId, Set<SkillId>> dependants = dependants(report);
    List<Row> rows = new ArrayList<>();
    Set<String> skillPaths = new HashSet<>();
    for (String path : new TreeSet<>(report.changed())) {
      if (SkillParser.isSkillPath(path)) {
        skillPaths.add(path);
        rows.add(row(path, before.get(path), now.get(path), report, dependants));
      }
    }
    Set<String> changedDependants = new TreeSet<>();
    rows.forEach(r -> r.dependants().forEach(d -> changedDependants.add(d.toString())));
    List<Finding> others =
        report.findings().stream()
            .filter(f -> !skillPaths.contains(f.at().file()))
            .filter(f ->
                report.changed().contains(f.at().file())
                    || changedDependants.contains(name(f.at().file())))
            .toList();
    return new ChangeGate(rows, others);
  }

  private static String name(String path) {
    return path.startsWith(SkillParser.ROOT) && path.endsWith(".md")
        ? path.substring(SkillParser.ROOT.length(), path.length() - 3)
        : path;
  }

  private static Row row(
      String path,
      @org.jspecify.annotations.Nullable Skill before,
      @org.jspecify.annotations.Nullable ParsedSkill now,
      Report report,
      Map<SkillId, Set<SkillId>> dependants) {
    Optional<Skill> old = Optional.ofNullable(before);
    Optional<Skill> fresh = Optional.ofNullable(now).flatMap(ParsedSkill::skill);
    Kind kind = now == null ? Kind.REMOVED : before == null ? Kind.ADDED : Kind.CHANGED;
    Set<SkillId> needing =
        fresh.or(() -> old).map(s -> dependants.getOrDefault(s.id(), Set.of())).orElse(Set.of());
    boolean farReaching =
        kind == Kind.REMOVED
            || (old.isPresent()
                && fresh.isPresent()
                && old.get().version().major() != fresh.get().version().major());
    Set<String> reviewers = new TreeSet<>();
    fresh.or(() -> old).ifPresent(s -> reviewers.addAll(s.owners()));
    old.ifPresent(s -> reviewers.addAll(s.owners())); // who changes the owners needs the old ones
    if (farReaching) {
      for (ParsedSkill parsed : report.parsed()) {
        parsed
            .skill()
            .filter(s -> needing.contains(s.id()))
            .ifPresent(s -> reviewers.addAll(s.owners()));
      }
    }
    return new Row(
        name(path),
        kind,
        old.map(s -> s.version().toString()),
        fresh.map(s -> s.version().toString()),
        report.findings().stream().filter(f -> f.at().file().equals(path)).toList(),
        needing.stream().sorted().toList(),
        reviewers);
  }

  /// Skill to everything that needs it, directly or through others.
  private static Map<SkillId, Set<SkillId>> dependants(Report report) {
    Map<SkillId, Set<SkillId>> direct = new TreeMap<>();
    for (ParsedSkill parsed : report.parsed()) {
      parsed
          .skill()
          .ifPresent(s -> {
            for (Dependency dependency : s.dependsOn()) {
              direct.computeIfAbsent(dependency.skill(), id -> new TreeSet<>()).add(s.id());
            }
          });
    }
    Map<SkillId, Set<SkillId>> all = new TreeMap<>();
    for (SkillId id : direct.keySet()) {
      Set<SkillId> reached = new TreeSet<>();
      List<SkillId> open = new ArrayList<>(direct.getOrDefault(id, Set.of()));
      while (!open.isEmpty()) {
        SkillId next = open.removeLast();
        if (!next.equals(id) && reached.add(next)) {
          open.addAll(direct.getOrDefault(next, Set.of()));
        }
      }
      all.put(id, reached);
    }
    return all;
  }
}
