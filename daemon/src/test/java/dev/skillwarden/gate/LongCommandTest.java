package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A command that is too long to be kept is kept where a rule objected.
class LongCommandTest {
  @Test
  void theEntryHasWhatTheRuleWasAbout() {
    TestGate test = new TestGate(Duration.ofSeconds(20));
    String filler = "echo " + "x".repeat(195) + "\n";
    String command = filler.repeat(500) + "rm   -rf ~/\n" + filler.repeat(500);
    GateAnswer answer =
        test.gateWithoutSearch()
            .tool(
                TestGate.ANA,
                new ToolRequest(
                    "s",
                    "t",
                    "",
                    "Bash",
                    Json.object().put("command", command),
                    Path.of("/home/ana")));
    assertEquals(Verdict.DENY, answer.verdict());
    JournalEntry entry = test.entries().getLast();
    assertEquals(command, entry.command());
    assertEquals(
        "rm   -rf ~/",
        command.substring(entry.matched().start(), entry.matched().end()),
        entry.rule());
    assertTrue(command.length() > 200_000, "length " + command.length());
  }
}
