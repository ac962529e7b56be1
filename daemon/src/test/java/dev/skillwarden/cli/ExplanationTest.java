package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.Verdict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ExplanationTest {
  private static final String COMMAND = "cd x && git push --force origin 'a b'";
  private static final Explanation PUSH =
      new Explanation(
          "Bash",
          COMMAND,
          new ToolDecision(
              Verdict.ASK,
              "git-force-push",
              "This call overwrites history on the remote.",
              "git push --force origin 'a b'",
              "git push",
              List.of("git force push"),
              List.of()),
          Instant.parse("2026-11-25T12:00:00Z"));

  @Test
  void tellsAPersonEverything() {
    StringWriter out = new StringWriter();
    PUSH.print(new PrintWriter(out));
    assertEquals(
        """
        decision   ask
        rule       git-force-push
        why        This call overwrites history on the remote.
        matched    cd x && git push --force origin 'a b'
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        instead    git push
        effects    git force push
        parse      command: cd x
                   command: git push --force origin 'a b'
        policy     allowances:
                     - rule: git-force-push
                       command: 'cd x && git push --force origin ''a b'''
                       reason: WHY
                       expires: 2026-12-25T00:00:00Z
                   # or for every call:
                   rules:
                     git-force-push: off
        more       docs/guard.md#git-force-push
        """,
        out.toString());
  }

  @Test
  void tellsProgramsWhereTheMatchStands() {
    ObjectNode json = PUSH.json();
    assertEquals(8, json.path("span_start").intValue());
    assertEquals(COMMAND.length(), json.path("span_end").intValue());
    assertEquals("docs/guard.md#git-force-push", json.path("documentation").stringValue());
    assertEquals(2, json.path("parse").size());
  }

  @Test
  void aFixedRuleHasNoWayAround() {
    Explanation fixed =
        new Explanation(
            "Bash",
            "skillwarden stop",
            new ToolDecision(Verdict.DENY, "policy-tampering", "r", "", "s", List.of(), List.of()),
            Instant.EPOCH);
    assertEquals(List.of("nothing in policy.yaml softens this rule"), fixed.change());
  }
}
