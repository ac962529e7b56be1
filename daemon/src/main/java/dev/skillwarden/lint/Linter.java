package dev.skillwarden.lint;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs every rule over a checkout. Pure: what it looks at is in the [Checkout].
public final class Linter {
  private Linter() {}

  /// Never stops at a finding, and never throws for what is in the files.
  public static Report lint(Checkout checkout) {
    List<Finding> findings = new ArrayList<>();
    Contract contract = Contract.read(checkout.files(), findings);
    checkout.base().ifPresent(b -> Contract.compare(checkout.files(), b, findings));
    Set<String> changed = changed(checkout);
    List<Alone> alone =
        checkout.files().stream()
            .filter(f -> SkillParser.isSkillPath(f.path()))
            .sorted(java.util.Comparator.comparing(SkillFile::path))
            .toList()
            .parallelStream()
            .map(f -> Alone.check(f, contract, checkout))
            .toList();
    List<ParsedSkill> parsed = alone.stream().map(Alone::parsed).toList();
    alone.forEach(a -> findings.addAll(a.findings()));
    checkout.base().ifPresent(b -> compare(parsed, checkout, b, findings));
    RepositoryRules.check(checkout, parsed, findings);
    Set<String> names = new HashSet<>();
    parsed.forEach(p -> names.add(p.path().replace(SkillParser.ROOT, "").replaceAll("\\.md$", "")));
    SuiteRules.check(checkout.suites(), names, findings);
    return new Report(
        parsed.size(),
        parsed,
        findings.stream().distinct().sorted(Finding.ORDER).toList(),
        changed);
  }

  /// What can be seen of one file without the others.
  private record Alone(ParsedSkill parsed, List<Finding> findings) {
    static Alone check(SkillFile file, Contract contract, Checkout checkout) {
      ParsedSkill parsed = SkillParser.parse(file);
      List<Finding> findings = new ArrayList<>(parsed.findings());
      contract.check(parsed, findings);
      findings.addAll(ContentRules.check(parsed));
      parsed.skill().ifPresent(s -> VersionRules.released(parsed, s, checkout, findings));
      return new Alone(parsed, findings);
    }
  }

  private static void compare(
      List<ParsedSkill> parsed, Checkout checkout, Checkout.Base base, List<Finding> findings) {
    Map<String, SkillFile> before = new HashMap<>();
    base.files().forEach(f -> before.put(f.path(), f));
    Map<String, byte[]> contents = new HashMap<>();
    checkout.files().forEach(f -> contents.put(f.path(), f.content()));
    for (ParsedSkill file : parsed) {
      SkillFile old = before.get(file.path());
      if (old != null
          && file.skill().isPresent()
          && !Arrays.equals(old.content(), contents.get(file.path()))) {
        Skill now = file.skill().get();
        SkillParser.parse(old).skill().ifPresent(b -> VersionRules.changed(file, now, b, findings));
      }
    }
  }

  /// Paths that are new or differ from the base.
  private static Set<String> changed(Checkout checkout) {
    if (checkout.base().isEmpty()) {
      return Set.of();
    }
    Map<String, SkillFile> before = new HashMap<>();
    checkout.base().get().files().forEach(f -> before.put(f.path(), f));
    Set<String> changed = new HashSet<>();
    for (SkillFile file : checkout.files()) {
      SkillFile old = before.remove(file.path());
      if (old == null || !Arrays.equals(old.content(), file.content())) {
        changed.add(file.path());
      }
    }
    changed.addAll(before.keySet());
    return changed;
  }
}
