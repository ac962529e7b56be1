package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class PolicyReplayTest {
  @TempDir private Path home;

  private record Run(int exit, String out, String err) {}

  private Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new PolicyReplayCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Run(exit, out.toString(), err.toString());
  }

  private static JournalEntry.Builder entry(JournalEntry.Kind kind, String id) {
    return JournalEntry.of(Instant.now(), id, kind, "dev");
  }

  private static JournalEntry bash(String id, String decision, String rule, String command) {
    return entry(JournalEntry.Kind.TOOL, id)
        .call("s", "Bash", "t-" + id)
        .decision(decision, rule, "")
        .command(command, List.of())
        .build();
  }

  @BeforeEach
  void record() throws IOException {
    try (ChronicleJournal journal =
        ChronicleJournal.open(JournalConfig.defaults(home.resolve("journal")))) {
      journal.append(bash("a1", "ask", "git-force-push", "git push --force"));
      journal.append(bash("a2", "none", "", "terraform destroy"));
      journal.append(bash("a3", "none", "", "ls"));
      journal.append(bash("a4", "deny", "recursive-delete-system", "rm -rf /"));
      journal.append(bash("a5", "none", "", "cat x [whole: 20000 characters, sha256:00]"));
      journal.append(bash("a6", "deny", "credential-read", "ls secret"));
      journal.append(
          entry(JournalEntry.Kind.APPEAL, "p1").decision("", "git-force-push", "mine").build());
    }
  }

  private Path policy() throws IOException {
    return Files.writeString(
        home.resolve("new.yaml"),
        "version: 2\nrules:\n  git-force-push: deny\npacks: [terraform]\n");
  }

  @Test
  void showsWhatWouldDifferAndHowOftenRulesWereAppealedAgainst() throws IOException {
    Run run = run("--home", home.toString(), "--policy", policy().toString());
    assertEquals(0, run.exit(), run.err());
    for (String wanted :
        new String[] {
          "ask git-force-push -> deny git-force-push",
          "  a1  git push --force",
          "none -> ask infra-destruction",
          "  a2  terraform destroy",
          "5 calls judged, 2 differ, 1 left out",
          "1 were decided otherwise",
          "appeals    git-force-push: 1"
        }) {
      assertTrue(run.out().contains(wanted), () -> wanted + " is missing in\n" + run.out());
    }
  }

  @Test
  void tellsProgramsTheSame() throws IOException, InvalidTextException {
    Run run = run("--home", home.toString(), "--policy", policy().toString(), "--format", "json");
    JsonNode answer = Json.parse("answer", run.out());
    assertEquals(5, answer.path("judged").intValue());
    assertEquals(2, answer.path("differ").intValue());
    assertEquals(1, answer.path("incomplete").intValue());
    assertEquals(1, answer.path("appeals").path("git-force-push").intValue());
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Run missing = run("--home", home.toString(), "--policy", home.resolve("no.yaml").toString());
    assertEquals(2, missing.exit());
    assertTrue(missing.err().contains("no.yaml"), missing.err());
    Path broken = Files.writeString(home.resolve("b.yaml"), "version: 1\nrule: {}\n");
    Run refused = run("--home", home.toString(), "--policy", broken.toString());
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("b.yaml:2"), refused.err());
    Run since =
        run("--home", home.toString(), "--policy", policy().toString(), "--since", "yesterday");
    assertEquals(2, since.exit());
  }
}
