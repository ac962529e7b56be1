package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryDocumentationTest {
  private static final Path DOCUMENT = Path.of("../docs/registry.md");

  @Test
  void documentsEveryRuleAsItIs() throws IOException {
    List<String> documented =
        Files.readAllLines(DOCUMENT).stream().filter(l -> l.startsWith("| `SK")).toList();
    List<String> rules =
        Arrays.stream(SkillRule.values())
            .map(r ->
                "| `%s` | %s | %s | %s |"
                    .formatted(r.id(), r.slug(), r.severity().text(), r.summary()))
            .toList();
    assertEquals(String.join("\n", rules), String.join("\n", documented));
  }

  @Test
  void idsAreGivenOnceAndHintsAreSentences() {
    assertEquals(
        SkillRule.values().length,
        Arrays.stream(SkillRule.values()).map(SkillRule::id).distinct().count());
    for (SkillRule rule : SkillRule.values()) {
      assertTrue(rule.hint().endsWith(".") && rule.summary().endsWith("."), rule.id());
    }
  }
}
