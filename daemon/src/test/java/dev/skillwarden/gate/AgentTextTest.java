package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.policy.Rule;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AgentTextTest {
  private static ToolDecision decision(Rule rule, Verdict verdict, String span) {
    return new ToolDecision(
        verdict,
        rule.id(),
        "This call " + rule.reason() + ".",
        span,
        rule.suggestion(),
        List.of(),
        List.of());
  }

  @Test
  void saysWhyAndWhatToDoInstead() {
    assertEquals(
        "Blocked by Skillwarden (rule fork-bomb, id abcd1234): This call starts copies of itself"
            + " without end. Matched: `:(){ :|:& };:`. Instead: use a loop with an end. Do not work"
            + " around this. The user can run it in a terminal, or see `skillwarden explain"
            + " abcd1234`; mistakes: `skillwarden appeal abcd1234`.",
        AgentText.of(decision(Rule.FORK_BOMB, Verdict.DENY, ":(){ :|:& };:"), "abcd1234"));
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void isShort(Rule rule) {
    String denied = AgentText.of(decision(rule, Verdict.DENY, "x".repeat(200)), "abcd1234");
    assertTrue(denied.length() <= 520, () -> denied.length() + ": " + denied);
  }

  /// Without a person to ask, the client denies.
  @Test
  void anAskSaysThatItMayBeADenial() {
    String text =
        AgentText.of(decision(Rule.GIT_FORCE_PUSH, Verdict.ASK, "git push -f"), "abcd1234");
    assertTrue(
        text.startsWith("Skillwarden asks for confirmation")
            && text.contains("Instead: git push")
            && text.contains("nobody is there to confirm, this is a denial"),
        text);
  }
}
