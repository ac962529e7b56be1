package dev.skillwarden.lint;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.InputSchema;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.skill.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether a change of a skill's content goes with the right change of its version.
final class VersionRules {
  private VersionRules() {}

  /// Against what is released under tags: the same version with other content, or a version below.
  static void released(ParsedSkill parsed, Skill skill, Checkout checkout, List<Finding> findings) {
    Map<Version, String> versions = checkout.released().getOrDefault(skill.id(), Map.of());
    String same = versions.get(skill.version());
    if (same != null) {
      if (!same.isEmpty() && !same.equals(skill.sha256())) {
        findings.add(
            new Finding(
                SkillRule.TAG_OF_OTHER_CONTENT,
                parsed.at(
                    "version",
                    "version %s is released as %s with other content"
                        .formatted(skill.version(), skill.release()))));
      }
      return; // the released state itself may lie below later hotfixes
    }
    versions.keySet().stream()
        .filter(v -> v.major() == skill.version().major() && !v.isPrerelease())
        .max(Comparator.naturalOrder())
        .filter(v -> v.compareTo(skill.version()) > 0)
        .ifPresent(v ->
            findings.add(
                new Finding(
                    SkillRule.VERSION_TOO_LOW,
                    parsed.at(
                        "version",
                        "version %s is below %s, which is released"
                            .formatted(skill.version(), v)))));
  }

  /// Against the state before the change.
  static void changed(ParsedSkill parsed, Skill now, Skill before, List<Finding> findings) {
    if (now.sha256().equals(before.sha256())) {
      return;
    }
    if (now.version().compareTo(before.version()) <= 0) {
      boolean lower = now.version().compareTo(before.version()) < 0;
      findings.add(
          new Finding(
              SkillRule.VERSION_NOT_RAISED,
              parsed.at(
                  "version",
                  lower
                      ? "version goes down from %s to %s; the content changed, so raise it"
                          .formatted(before.version(), now.version())
                      : "version is still %s, but the content changed".formatted(now.version()))));
    }
    List<String> breaks = breaks(before, now);
    if (!breaks.isEmpty() && !isBreakingStep(before.version(), now.version())) {
      findings.add(
          new Finding(
              SkillRule.BREAKING_CHANGE,
              parsed.at(
                  "version",
                  "version goes from %s to %s, but callers break: %s"
                      .formatted(before.version(), now.version(), String.join("; ", breaks)))));
    }
  }

  /// As semver.org has it: below 1.0.0 the minor is what callers pin.
  private static boolean isBreakingStep(Version before, Version now) {
    return now.major() > before.major()
        || (now.major() == 0 && before.major() == 0 && now.minor() > before.minor());
  }

  /// What a caller of the old release could do and cannot any more.
  static List<String> breaks(Skill before, Skill now) {
    List<String> breaks = new ArrayList<>();
    access(before, now, breaks);
    if (now.inputs().isPresent()) {
      List<InputSchema.Narrowing> narrower =
          before.inputs().isPresent()
              ? before.inputs().get().narrowedBy(now.inputs().get())
              : InputSchema.requirements(now.inputs().get());
      narrower.forEach(n -> breaks.add("the payload now: " + n));
    }
    Map<SkillId, Dependency> after = new HashMap<>();
    now.dependsOn().forEach(d -> after.put(d.skill(), d));
    for (Dependency dependency : before.dependsOn()) {
      Dependency next = after.get(dependency.skill());
      Optional<Integer> old = dependency.range().major();
      if (next != null
          && !next.range().major().equals(old)
          && !Objects.equals(next.range(), dependency.range())) {
        breaks.add("depends on %s instead of %s".formatted(next, dependency));
      }
    }
    return breaks;
  }

  private static void access(Skill before, Skill now, List<String> breaks) {
    if (now.accessLevel().compareTo(before.accessLevel()) > 0) {
      breaks.add(
          "access_level goes from %s to %s"
              .formatted(before.accessLevel().text(), now.accessLevel().text()));
    } else if (now.accessLevel() == AccessLevel.ROLE_RESTRICTED
        && before.accessLevel() == AccessLevel.ROLE_RESTRICTED) {
      Set<String> lost = new HashSet<>(before.allowedRoles());
      lost.removeAll(now.allowedRoles());
      if (!lost.isEmpty()) {
        breaks.add(
            "these roles lose access: " + lost.stream().sorted().collect(Collectors.joining(", ")));
      }
    } else if (now.accessLevel() == AccessLevel.TEAM
        && before.accessLevel() == AccessLevel.ROLE_RESTRICTED) {
      breaks.add("access_level goes from role-restricted to team: roles outside the team lose it");
    } else if (now.accessLevel() == AccessLevel.ROLE_RESTRICTED
        && before.accessLevel() == AccessLevel.SENSITIVE) {
      breaks.add("access_level goes from sensitive to role-restricted: the team loses it");
    }
  }
}
