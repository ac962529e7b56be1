package dev.skillwarden.lint;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Whether `evals/TEAM/NAME/evals.json` can be run and asks enough (format of agentskills.io).
final class SuiteRules {
  private static final int MIN_TRIGGERS = 3;
  private static final Pattern PATH = Pattern.compile("evals/([^/]+/[^/]+)/evals\\.json");

  private final SkillFile file;
  private final List<Finding> findings;

  private SuiteRules(SkillFile file, List<Finding> findings) {
    this.file = file;
    this.findings = findings;
  }

  static void check(List<SkillFile> suites, Set<String> skills, List<Finding> findings) {
    for (SkillFile file : suites) {
      new SuiteRules(file, findings).check(skills);
    }
  }

  private void check(Set<String> skills) {
    JsonNode suite;
    try {
      suite = Json.parse(file.path(), file.content());
    } catch (InvalidTextException e) {
      e.problems().forEach(p -> findings.add(new Finding(SkillRule.SUITE_INVALID, p)));
      return;
    }
    Matcher path = PATH.matcher(file.path());
    String expected = path.matches() ? path.group(1) : "";
    String name = suite.path("skill_name").asString("");
    if (!skills.contains(expected)) {
      invalid("is the suite of %s, which does not exist".formatted(expected));
    } else if (!name.equals(expected)
        && !name.equals(expected.substring(expected.indexOf('/') + 1))) {
      invalid("skill_name wants '%s', found '%s'".formatted(expected, name));
    }
    evals(suite.path("evals"));
    triggers(suite.path("triggers"));
  }

  private void evals(JsonNode evals) {
    if (!evals.isMissingNode() && !evals.isArray()) {
      invalid("evals wants a list");
      return;
    }
    Set<String> ids = new HashSet<>();
    int index = 0;
    for (JsonNode eval : evals) {
      String at = "evals[%d]".formatted(index++);
      text(eval, at, "prompt");
      if (eval.has("id") && !ids.add(eval.path("id").asString(""))) {
        invalid("%s.id '%s' is used twice".formatted(at, eval.path("id").asString("")));
      }
      if (eval.has("assertions") && eval.has("expectations")) {
        invalid(at + " has assertions and expectations; they are one thing, keep one");
      }
      Optional<JsonNode> assertions =
          Optional.of(
                  eval.has("expectations") ? eval.path("expectations") : eval.path("assertions"))
              .filter(n -> !n.isMissingNode());
      if (assertions.isPresent() && !assertions.get().isArray()) {
        invalid(at + ".assertions wants a list");
      }
      for (JsonNode name : eval.path("files")) {
        String path = name.asString("");
        if (path.startsWith("/") || path.contains("..") || path.isEmpty()) {
          invalid("%s.files wants paths below the suite's folder, found '%s'".formatted(at, path));
        }
      }
    }
  }

  private void triggers(JsonNode triggers) {
    int positive = 0;
    int negative = 0;
    int index = 0;
    for (JsonNode trigger : triggers) {
      String at = "triggers[%d]".formatted(index++);
      text(trigger, at, "query");
      if (!trigger.path("should_trigger").isBoolean()) {
        invalid(at + ".should_trigger wants true or false");
      } else if (trigger.path("should_trigger").booleanValue()) {
        positive++;
      } else {
        negative++;
      }
    }
    if (positive + negative < MIN_TRIGGERS || positive == 0 || negative == 0) {
      findings.add(
          new Finding(
              SkillRule.FEW_TRIGGERS,
              new Problem(
                  file.path(),
                  1,
                  1,
                  "has %d triggers that should match and %d that should not; at least %d, both kinds, are wanted"
                      .formatted(positive, negative, MIN_TRIGGERS))));
    }
  }

  private void text(JsonNode node, String at, String key) {
    if (!node.path(key).isString() || node.path(key).asString("").isBlank()) {
      invalid("%s.%s wants text".formatted(at, key));
    }
  }

  private void invalid(String message) {
    findings.add(new Finding(SkillRule.SUITE_INVALID, new Problem(file.path(), 1, 1, message)));
  }
}
