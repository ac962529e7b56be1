package dev.skillwarden.lint;

import dev.skillwarden.catalog.DependencyRules;
import dev.skillwarden.policy.Audience;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What can only be seen with all skills at hand: names, teams, dependencies, audiences.
final class RepositoryRules {
  /// Instructions with those of all dependencies, in characters: from here on an agent gets them in
  /// pages.
  static final int LONG = 45_000;

  /// From here on no agent can be expected to follow them.
  static final int TOO_LONG = 400_000;

  private static final Pattern PATH = Pattern.compile("\\.claude/skills/([^/]+)/([^/]+)\\.md");

  private final Checkout checkout;
  private final List<ParsedSkill> parsed;
  private final List<Finding> findings;
  private final Map<SkillId, Skill> skills = new TreeMap<>();
  private final Map<SkillId, ParsedSkill> sources = new HashMap<>();
  private final Set<SkillId> named = new HashSet<>();

  private RepositoryRules(Checkout checkout, List<ParsedSkill> parsed, List<Finding> findings) {
    this.checkout = checkout;
    this.parsed = parsed;
    this.findings = findings;
    for (ParsedSkill file : parsed) {
      SkillParser.named(file.path()).ifPresent(named::add);
      file.skill()
          .ifPresent(s -> {
            skills.put(s.id(), s);
            sources.put(s.id(), file);
          });
    }
    named.addAll(checkout.released().keySet());
  }

  static void check(Checkout checkout, List<ParsedSkill> parsed, List<Finding> findings) {
    RepositoryRules rules = new RepositoryRules(checkout, parsed, findings);
    rules.caseClashes();
    rules.teams();
    rules.owners();
    rules.shortNames();
    rules.dependencies();
    rules.cycles();
    rules.lengths();
  }

  private void caseClashes() {
    Map<String, String> folded = new HashMap<>();
    for (ParsedSkill file : parsed) {
      String earlier = folded.putIfAbsent(file.path().toLowerCase(Locale.ROOT), file.path());
      if (earlier != null) {
        findings.add(
            new Finding(
                SkillRule.CASE_CLASH,
                new Problem(file.path(), 0, 0, "differs from %s in case only".formatted(earlier))));
      }
    }
  }

  private void teams() {
    if (checkout.organization().isEmpty()) {
      return;
    }
    Set<String> teams = checkout.organization().get().teams();
    for (ParsedSkill file : parsed) {
      Matcher path = PATH.matcher(file.path());
      if (path.matches() && !teams.contains(path.group(1))) {
        findings.add(
            new Finding(
                SkillRule.UNKNOWN_TEAM,
                file.at(
                    "name",
                    "team '%s' is not in the organization%s"
                        .formatted(
                            path.group(1),
                            dev.skillwarden.text.Suggest.nearest(path.group(1), teams)))));
      }
    }
  }

  private void owners() {
    for (Skill skill : skills.values()) {
      if (skill.owners().isEmpty()) {
        findings.add(
            new Finding(
                SkillRule.NO_OWNERS, source(skill).at("name", skill.id() + " has no owners")));
      }
    }
  }

  private void shortNames() {
    Map<String, List<Skill>> byName = new TreeMap<>();
    skills
        .values()
        .forEach(s -> byName.computeIfAbsent(s.id().name(), n -> new ArrayList<>()).add(s));
    for (List<Skill> same : byName.values()) {
      for (Skill skill : same) {
        same.stream()
            .filter(o -> !o.id().equals(skill.id()))
            .findFirst()
            .ifPresent(other ->
                findings.add(
                    new Finding(
                        SkillRule.SAME_SHORT_NAME,
                        source(skill)
                            .at(
                                "name",
                                "%s: '%s'; %s: '%s'"
                                    .formatted(
                                        skill.id(),
                                        skill.description(),
                                        other.id(),
                                        other.description())))));
      }
    }
  }

  private ParsedSkill source(Skill skill) {
    ParsedSkill source = sources.get(skill.id());
    if (source == null) {
      throw new IllegalStateException(skill.id() + " has no file");
    }
    return source;
  }

  private void dependencies() {
    Known known = new Known();
    Audience audience = checkout.organization().map(Audience::of).orElseGet(Audience::byLevel);
    for (Skill skill : skills.values()) {
      ParsedSkill source = source(skill);
      findings.addAll(DependencyRules.unmet(source, skill, known));
      for (Dependency dependency : skill.dependsOn()) {
        stability(source, dependency);
        retired(source, dependency);
      }
      for (Skill dependency : reach(skill)) {
        audience
            .gap(skill, dependency)
            .ifPresent(who ->
                findings.add(
                    new Finding(
                        SkillRule.NARROWER_DEPENDENCY,
                        source.atDependency(
                            dependency.id(),
                            "%s may use %s (%s) but not %s (%s)"
                                .formatted(
                                    who,
                                    skill.id(),
                                    skill.accessLevel().text(),
                                    dependency.id(),
                                    dependency.accessLevel().text())))));
      }
    }
  }

  private void stability(ParsedSkill source, Dependency dependency) {
    if (dependency.range().takesUnstable()) {
      findings.add(
          new Finding(
              SkillRule.UNSTABLE_PIN,
              source.atDependency(
                  dependency.skill(), "depends on %s, a 0.x version".formatted(dependency))));
    }
  }

  private void retired(ParsedSkill source, Dependency dependency) {
    Optional<String> release = selected(dependency).map(v -> dependency.skill() + "@" + v);
    Skill here = skills.get(dependency.skill());
    boolean deprecatedHere =
        here != null
            && here.deprecated().isPresent()
            && release.equals(Optional.of(here.release()));
    Checkout.Retired retired =
        deprecatedHere
            ? Checkout.Retired.DEPRECATED
            : release.map(checkout.retired()::get).orElse(null);
    Optional<String> yanked =
        retired == null && release.isEmpty() && dependency.range().isExact()
            ? exactYanked(dependency)
            : Optional.empty();
    if (retired == null && yanked.isEmpty()) {
      return;
    }
    boolean gone = retired != Checkout.Retired.DEPRECATED;
    findings.add(
        new Finding(
            SkillRule.RETIRED_DEPENDENCY,
            gone ? Finding.Severity.ERROR : Finding.Severity.WARNING,
            source.atDependency(
                dependency.skill(),
                "depends on %s, which is %s"
                    .formatted(
                        release.or(() -> yanked).orElse(""),
                        retired == null ? "yanked" : retired.name().toLowerCase(Locale.ROOT)))));
  }

  private Optional<String> exactYanked(Dependency dependency) {
    return checkout.retired().keySet().stream()
        .filter(r -> r.startsWith(dependency.skill() + "@"))
        .filter(r -> dependency.range().contains(Version.parse(r.substring(r.indexOf('@') + 1))))
        .findFirst();
  }

  private Optional<Version> selected(Dependency dependency) {
    return new Known()
        .versions(dependency.skill()).stream()
            .filter(dependency.range()::selects)
            .max(java.util.Comparator.naturalOrder());
  }

  /// Dependencies that are in this checkout, transitively; a circle ends where it began.
  private Set<Skill> reach(Skill skill) {
    Set<Skill> reached = new java.util.LinkedHashSet<>();
    List<Skill> open = new ArrayList<>(here(skill));
    while (!open.isEmpty()) {
      Skill next = open.removeLast();
      if (!next.id().equals(skill.id()) && reached.add(next)) {
        open.addAll(here(next));
      }
    }
    return reached;
  }

  /// What the dependencies resolve to as far as it is in this checkout.
  private List<Skill> here(Skill skill) {
    return skill.dependsOn().stream()
        .filter(d -> {
          Skill target = skills.get(d.skill());
          return target != null && d.range().selects(target.version());
        })
        .map(d -> skills.get(d.skill()))
        .toList();
  }

  private void cycles() {
    DependencyRules.cycles(skills.values(), this::here)
        .forEach((skill, cycle) ->
            findings.add(
                new Finding(
                    SkillRule.CYCLE,
                    source(skill)
                        .atDependency(
                            cycle.get(1).id(),
                            "is part of the dependency circle "
                                + DependencyRules.shownCycle(cycle)))));
  }

  private void lengths() {
    for (Skill skill : skills.values()) {
      long length = skill.instructions().length();
      for (Skill dependency : reach(skill)) {
        length += dependency.instructions().length();
      }
      if (length > LONG) {
        findings.add(
            new Finding(
                SkillRule.LONG_INVOCATION,
                length > TOO_LONG ? Finding.Severity.ERROR : Finding.Severity.WARNING,
                source(skill)
                    .at(
                        "name",
                        "%,d characters with all dependencies; up to %,d are one page, over %,d are refused"
                            .formatted(length, LONG, TOO_LONG))));
      }
    }
  }

  /// This checkout and everything released.
  private final class Known implements DependencyRules.Available {
    @Override
    public boolean exists(SkillId id) {
      return named.contains(id);
    }

    @Override
    public List<Version> versions(SkillId id) {
      List<Version> versions = new ArrayList<>();
      Skill here = skills.get(id);
      if (here != null) {
        versions.add(here.version());
      }
      for (Version released : checkout.released().getOrDefault(id, Map.of()).keySet()) {
        Checkout.Retired retired = checkout.retired().get(id + "@" + released);
        if (retired == null || retired == Checkout.Retired.DEPRECATED) {
          versions.add(released);
        }
      }
      return versions;
    }

    @Override
    public Collection<SkillId> all() {
      return named;
    }
  }
}
