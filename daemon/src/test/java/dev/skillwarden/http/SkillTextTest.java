package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.gate.Invocation;
import dev.skillwarden.gate.TestGate;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import java.util.List;
import org.junit.jupiter.api.Test;

class SkillTextTest {
  private static Invocation of(String body) {
    Skill skill = TestGate.skill("ops/restart", "Restarts", AccessLevel.PUBLIC);
    Skill longer =
        new Skill(
            skill.id(),
            skill.version(),
            skill.description(),
            skill.tags(),
            skill.accessLevel(),
            skill.allowedRoles(),
            skill.dependsOn(),
            skill.owners(),
            skill.inputs(),
            skill.deprecated(),
            Instructions.of(body),
            skill.path(),
            skill.sha256());
    return new Invocation(longer, List.of(), "", List.of(), "id");
  }

  @Test
  void shortInstructionsAreOnePageWithoutAWord() {
    Invocation invocation = of("Do it.\n");
    assertEquals(invocation.text(), SkillText.page(invocation, 1));
    assertThrows(IllegalArgumentException.class, () -> SkillText.page(invocation, 2));
  }

  @Test
  void longOnesComeInPagesThatTogetherAreAllOfIt() {
    StringBuilder body = new StringBuilder();
    for (int i = 0; body.length() < 100_000; i++) {
      body.append("line ").append(i).append(" of the instructions\n");
    }
    Invocation invocation = of(body.toString());
    StringBuilder all = new StringBuilder();
    for (int page = 1; page <= 3; page++) {
      String text = SkillText.page(invocation, page);
      assertTrue(text.length() <= SkillText.PAGE + 200, "page has " + text.length());
      int hint = text.indexOf("\n> This is page ");
      assertEquals(page < 3, hint >= 0);
      if (page < 3) {
        assertTrue(
            text.endsWith(
                "invoke ops/restart again with version_constraint 1.2.0 and page %d before you begin.\n"
                    .formatted(page + 1)));
      }
      all.append(hint >= 0 ? text.substring(0, hint) : text);
    }
    assertEquals(invocation.text(), all.toString());
  }

  @Test
  void oneEndlessLineIsCutToo() {
    Invocation invocation = of("x".repeat(200_000));
    assertTrue(SkillText.page(invocation, 1).length() <= SkillText.PAGE + 200);
    assertEquals(invocation.text().length(), lengths(invocation, 5));
  }

  private static int lengths(Invocation invocation, int pages) {
    int sum = 0;
    for (int page = 1; page <= pages; page++) {
      String text = SkillText.page(invocation, page);
      int hint = text.indexOf("\n> This is page ");
      sum += hint >= 0 ? hint : text.length();
    }
    return sum;
  }
}
