package dev.skillwarden.catalog;

import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Suggest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What is wrong with dependencies: missing, out of range, in a circle. The same for the daemon,
/// which leaves such releases out, and for lint, which reports them.
public final class DependencyRules {
  private DependencyRules() {}

  /// What there is to depend on.
  public interface Available {
    /// Whether the skill exists at all, readable or not.
    boolean exists(SkillId id);

    /// Versions that may be used, in any order; empty when all are unreadable or withdrawn.
    List<Version> versions(SkillId id);

    /// Names for a did-you-mean.
    Collection<SkillId> all();
  }

  /// Dependencies of one skill that are missing or have no release in the range.
  public static List<Finding> unmet(ParsedSkill parsed, Skill skill, Available available) {
    List<Finding> findings = new ArrayList<>();
    for (Dependency dependency : skill.dependsOn()) {
      List<Version> versions = available.versions(dependency.skill());
      if (!available.exists(dependency.skill())) {
        List<String> names =
            available.all().stream()
                .filter(s -> !s.equals(skill.id()))
                .map(SkillId::toString)
                .toList();
        findings.add(
            new Finding(
                SkillRule.UNKNOWN_DEPENDENCY,
                parsed.atDependency(
                    dependency.skill(),
                    "depends on %s, which does not exist%s"
                        .formatted(
                            dependency, Suggest.nearest(dependency.skill().toString(), names)))));
      } else if (!versions.isEmpty() && versions.stream().noneMatch(dependency.range()::selects)) {
        findings.add(
            new Finding(
                SkillRule.UNSATISFIABLE_RANGE,
                parsed.atDependency(
                    dependency.skill(),
                    "depends on %s, but the releases are %s"
                        .formatted(dependency, shown(versions)))));
      }
    }
    return findings;
  }

  private static String shown(List<Version> versions) {
    return versions.stream()
        .sorted(java.util.Comparator.reverseOrder())
        .limit(5)
        .map(Version::toString)
        .collect(Collectors.joining(", ", "", versions.size() > 5 ? ", …" : ""));
  }

  /// Every release that is part of a circle, with the shortest circle through it: its first is also
  /// its last.
  ///
  /// @param next what a release's dependencies resolve to; what does not resolve is left out
  public static Map<Skill, List<Skill>> cycles(
      Collection<Skill> all, Function<Skill, List<Skill>> next) {
    Components components = new Components(next);
    all.forEach(components::visit);
    Map<Skill, List<Skill>> cycles = new LinkedHashMap<>();
    for (Skill skill : all) {
      components.shortestCircle(skill).ifPresent(circle -> cycles.put(skill, circle));
    }
    return cycles;
  }

  /// `a@1.0.0 -> b@1.2.0 -> a@1.0.0`.
  public static String shownCycle(List<Skill> cycle) {
    return cycle.stream().map(Skill::release).collect(Collectors.joining(" -> "));
  }

  /// Strongly connected components (Tarjan 1972), with an explicit stack, so that a long chain
  /// cannot overflow the call stack. Releases are told apart by `team/name@version`.
  private static final class Components {
    private final Function<Skill, List<Skill>> next;
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> low = new HashMap<>();
    private final Map<String, Integer> component = new HashMap<>();
    private final List<String> open = new ArrayList<>();

    Components(Function<Skill, List<Skill>> next) {
      this.next = next;
    }

    private record Frame(Skill skill, Iterator<Skill> rest) {}

    void visit(Skill start) {
      if (index.containsKey(start.release())) {
        return;
      }
      List<Frame> frames = new ArrayList<>();
      enter(start, frames);
      while (!frames.isEmpty()) {
        Frame top = frames.getLast();
        String name = top.skill().release();
        if (top.rest().hasNext()) {
          Skill target = top.rest().next();
          if (!index.containsKey(target.release())) {
            enter(target, frames);
          } else if (!component.containsKey(target.release())) {
            lower(name, index.getOrDefault(target.release(), 0));
          }
          continue;
        }
        frames.removeLast();
        int lowest = low.getOrDefault(name, 0);
        if (!frames.isEmpty()) {
          lower(frames.getLast().skill().release(), lowest);
        }
        if (lowest == index.getOrDefault(name, -1)) {
          String member;
          do {
            member = open.removeLast();
            component.put(member, lowest);
          } while (!member.equals(name));
        }
      }
    }

    private void enter(Skill skill, List<Frame> frames) {
      index.put(skill.release(), index.size());
      low.put(skill.release(), index.size() - 1);
      open.add(skill.release());
      frames.add(new Frame(skill, next.apply(skill).iterator()));
    }

    private void lower(String name, int value) {
      low.merge(name, value, Math::min);
    }

    /// Breadth first, inside the component only.
    Optional<List<Skill>> shortestCircle(Skill start) {
      Map<String, Skill> cameFrom = new HashMap<>();
      Deque<Skill> queue = new ArrayDeque<>(List.of(start));
      while (!queue.isEmpty()) {
        Skill at = queue.remove();
        for (Skill target : next.apply(at)) {
          if (target.release().equals(start.release())) {
            List<Skill> circle = new ArrayList<>(List.of(start));
            for (Skill s = at; !s.release().equals(start.release()); ) {
              circle.addFirst(s);
              s = cameFrom.getOrDefault(s.release(), start);
            }
            circle.addFirst(start);
            return Optional.of(circle);
          }
          boolean inside =
              java.util.Objects.equals(
                  component.get(target.release()), component.get(start.release()));
          if (inside && !cameFrom.containsKey(target.release())) {
            cameFrom.put(target.release(), at);
            queue.add(target);
          }
        }
      }
      return Optional.empty();
    }
  }
}
