package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.effect.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// docs/guard.md says of every rule what is true.
class GuardDocumentationTest {
  private static final Path DOCUMENT = Path.of("../docs/guard.md");

  private static ToolDecision decide(String command) {
    return TestCalls.bash(PolicyFile.defaults().with(EnumSet.allOf(Effect.Pack.class)), command);
  }

  @Test
  void everyRuleHasASectionWithItsDefaultAndTrueExamples() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    List<String> wrong = new ArrayList<>();
    List<String> sections = new ArrayList<>();
    int examples = 0;
    String rule = "";
    for (String line : lines) {
      if (line.startsWith("### ") && Rule.of(line.substring(4)).isPresent()) {
        rule = line.substring(4);
        sections.add(rule);
      } else if (line.startsWith("Default: ") && !rule.isEmpty()) {
        Rule known = Rule.of(rule).orElseThrow();
        String verdict =
            known.defaultVerdict() == Verdict.NONE ? "off" : known.defaultVerdict().text();
        String wanted =
            "Default: %s%s. This call %s. Instead: %s."
                .formatted(
                    verdict,
                    known.alwaysEnforced() ? ", fixed" : "",
                    known.reason(),
                    known.suggestion());
        if (!line.equals(wanted)) {
          wrong.add(rule + ": " + line + "\n  wanted " + wanted);
        }
      } else if (line.startsWith("    trips   ")) {
        examples++;
        ToolDecision decision = decide(line.substring(12));
        if (!decision.rule().equals(rule)) {
          wrong.add(rule + " does not stop " + line.strip() + ", but: " + decision.rule());
        }
      } else if (line.startsWith("    passes  ")) {
        ToolDecision decision = decide(line.substring(12));
        if (decision.verdict() != Verdict.NONE) {
          wrong.add(rule + ": " + line.strip() + " is stopped by " + decision.rule());
        }
      }
    }
    assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
    assertEquals(Arrays.stream(Rule.values()).map(Rule::id).toList(), sections);
    assertTrue(examples >= 38, "only " + examples + " examples");
  }
}
