package dev.skillwarden.lint;

import dev.skillwarden.eval.Suite;
import dev.skillwarden.eval.SuiteReader;
import dev.skillwarden.eval.Trigger;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.Problem;
import java.util.List;
import java.util.Set;

/// Whether `evals/TEAM/NAME/evals.json` can be run and asks enough.
final class SuiteRules {
  private static final int MIN_TRIGGERS = 3;

  private SuiteRules() {}

  static void check(List<SkillFile> files, Set<String> skills, List<Finding> findings) {
    SuiteReader.Suites read = SuiteReader.read(files, skills);
    read.problems().forEach(p -> findings.add(new Finding(SkillRule.SUITE_INVALID, p)));
    for (Suite suite : read.suites()) {
      long positive = suite.triggers().stream().filter(Trigger::shouldTrigger).count();
      long negative = suite.triggers().size() - positive;
      if (positive + negative < MIN_TRIGGERS || positive == 0 || negative == 0) {
        findings.add(
            new Finding(
                SkillRule.FEW_TRIGGERS,
                new Problem(
                    suite.file(),
                    1,
                    1,
                    "has %d triggers that should match and %d that should not; at least %d, both kinds, are wanted"
                        .formatted(positive, negative, MIN_TRIGGERS))));
      }
    }
  }
}
