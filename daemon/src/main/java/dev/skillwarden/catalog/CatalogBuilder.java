package dev.skillwarden.catalog;

import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.Suggest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Builds a snapshot from the files of one commit. What is bad is left out and reported, with
/// everything that depends on it; the rest is served.
public final class CatalogBuilder implements CatalogReader {
  @Override
  public CatalogSnapshot read(String commit, List<SkillFile> files) {
    List<Finding> findings = new ArrayList<>();
    Map<SkillId, Skill> skills = new TreeMap<>();
    for (SkillFile file : files) {
      if (SkillParser.isSkillPath(file.path())) {
        ParsedSkill parsed = SkillParser.parse(file);
        findings.addAll(parsed.findings());
        parsed.skill().ifPresent(s -> add(s, skills, findings));
      }
    }
    Set<SkillId> known = Set.copyOf(skills.keySet());
    leaveOutCycles(skills, findings);
    leaveOutUnmet(skills, known, findings);
    return new CatalogSnapshot(commit, skills.values(), findings);
  }

  /// The name equals the path, so two skills of one name can only come from one path given twice.
  private static void add(Skill skill, Map<SkillId, Skill> skills, List<Finding> findings) {
    Skill earlier = skills.putIfAbsent(skill.id(), skill);
    if (earlier != null) {
      findings.add(
          error(
              "SK020",
              skill,
              "has the name %s, and so has %s; rename one".formatted(skill.id(), earlier.path())));
    }
  }

  /// Repeats until nothing more falls out: what needs a skill that is left out is left out too.
  private static void leaveOutUnmet(
      Map<SkillId, Skill> skills, Set<SkillId> parsed, List<Finding> findings) {
    Map<SkillId, List<SkillId>> neededBy = new HashMap<>();
    List<SkillId> open = new ArrayList<>();
    for (Skill skill : skills.values()) {
      skill
          .dependsOn()
          .forEach(
              d -> neededBy.computeIfAbsent(d.skill(), k -> new ArrayList<>()).add(skill.id()));
      open.add(skill.id());
    }
    while (!open.isEmpty()) {
      SkillId id = open.removeLast();
      Skill skill = skills.get(id);
      if (skill == null) {
        continue;
      }
      Optional<String> unmet = unmet(skill, skills, parsed);
      if (unmet.isPresent()) {
        skills.remove(id);
        findings.add(error("SK022", skill, unmet.get()));
        open.addAll(neededBy.getOrDefault(id, List.of()));
      }
    }
  }

  private static Optional<String> unmet(
      Skill skill, Map<SkillId, Skill> skills, Set<SkillId> parsed) {
    for (Dependency dependency : skill.dependsOn()) {
      Skill target = skills.get(dependency.skill());
      if (target == null) {
        List<String> names =
            skills.keySet().stream()
                .filter(s -> !s.equals(skill.id()))
                .map(SkillId::toString)
                .toList();
        return Optional.of(
            parsed.contains(dependency.skill())
                ? "depends on %s, which is left out; mend that first".formatted(dependency)
                : "depends on %s, which does not exist or has errors%s"
                    .formatted(dependency, Suggest.nearest(dependency.skill().toString(), names)));
      }
      if (!dependency.range().selects(target.version())) {
        return Optional.of(
            "depends on %s, but the version here is %s; widen the range or migrate"
                .formatted(dependency, target.version()));
      }
    }
    return Optional.empty();
  }

  private static void leaveOutCycles(Map<SkillId, Skill> skills, List<Finding> findings) {
    Set<SkillId> done = new HashSet<>();
    for (SkillId start : List.copyOf(skills.keySet())) {
      List<SkillId> cycle = cycle(start, skills, done);
      if (!cycle.isEmpty()) {
        String shown = cycle.stream().map(SkillId::toString).collect(Collectors.joining(" -> "));
        for (SkillId id : cycle) { // its first is also its last
          Skill skill = skills.remove(id);
          if (skill != null) {
            findings.add(
                error(
                    "SK023",
                    skill,
                    "is part of the dependency cycle %s; break it".formatted(shown)));
          }
        }
      }
    }
  }

  /// Depth-first with an explicit stack, so that a long chain cannot overflow the call stack.
  private static List<SkillId> cycle(SkillId start, Map<SkillId, Skill> skills, Set<SkillId> done) {
    LinkedHashMap<SkillId, java.util.Iterator<Dependency>> path = new LinkedHashMap<>();
    List<SkillId> stack = new ArrayList<>();
    if (!skills.containsKey(start) || done.contains(start)) {
      return List.of();
    }
    stack.add(start);
    path.put(start, skills.get(start).dependsOn().iterator());
    while (!stack.isEmpty()) {
      SkillId top = stack.getLast();
      java.util.Iterator<Dependency> rest = path.get(top);
      if (rest == null || !rest.hasNext()) {
        done.add(top);
        path.remove(top);
        stack.removeLast();
        continue;
      }
      SkillId next = rest.next().skill();
      if (path.containsKey(next)) {
        List<SkillId> cycle = new ArrayList<>(stack.subList(stack.indexOf(next), stack.size()));
        cycle.add(next);
        return cycle;
      }
      Skill target = skills.get(next);
      if (target != null && !done.contains(next)) {
        stack.add(next);
        path.put(next, target.dependsOn().iterator());
      }
    }
    return List.of();
  }

  private static Finding error(String rule, Skill skill, String message) {
    return new Finding(rule, Finding.Severity.ERROR, new Problem(skill.path(), 0, 0, message));
  }
}
