package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EvalTriggersCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path top;

  private record Run(int exit, String out, String err) {}

  private Run eval(String... more) {
    List<String> arguments = new ArrayList<>(List.of("eval", "triggers", top.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Run(exit, out.toString(), err.toString());
  }

  private void file(String path, String text) throws Exception {
    Path file = top.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private void skill(String id, String description, String access) throws Exception {
    file(
        ".claude/skills/" + id + ".md",
        """
        ---
        name: %s
        version: 1.0.0
        description: %s
        tags: [example]
        access_level: %s
        ---
        Do it.
        """
            .formatted(id, description, access));
  }

  private void suite(String id, String... triggers) throws Exception {
    file(
        "evals/" + id + "/evals.json",
        "{\"skill_name\": \"%s\", \"triggers\": [%s]}".formatted(id, String.join(",", triggers)));
  }

  private static String trigger(String query, boolean should) {
    return "{\"query\": \"%s\", \"should_trigger\": %s}".formatted(query, should);
  }

  @BeforeEach
  void writeRepository() throws Exception {
    skill("pay/refund", "Give a customer their money back", "team");
    skill("pay/fees", "Explain a fee on the bill", "public");
    skill("ops/money", "Give money back after an outage", "team");
    suite(
        "pay/refund",
        trigger("customer wants money back", true),
        trigger("what is this fee on my bill", false));
    suite("ops/money", trigger("money back after an outage", true));
  }

  @Test
  void everySkillIsAskedForAsItsOwnCaller() {
    Run run = eval("--mode", "lexical");
    assertEquals(0, run.exit(), run.err());
    assertEquals(
        """
        SKILL       ASKED AS  TRIGGERS  PASSED  FAILED  KNOWN  EDGE
        ops/money   team ops  1         1       0       0      0
        pay/refund  team pay  2         2       0       0      0
        2 suites, 3 triggers: 3 passed, 0 failed
        """,
        run.out());
  }

  @Test
  void byMeaningToo() {
    Run run = eval();
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.out().contains("3 passed"), run.out());
  }

  @Test
  void aFailingTriggerFails() throws Exception {
    suite("pay/fees", trigger("customer wants money back", true), trigger("fee", false));
    Run run = eval("--mode", "lexical");
    assertEquals(1, run.exit());
    assertTrue(
        run.out()
            .contains(
                "evals/pay/fees/evals.json: failed: \"fee\": should not be first, is number 1"),
        run.out());
    assertTrue(run.out().contains("3 suites, 5 triggers: 3 passed, 2 failed\n"), run.out());
  }

  @Test
  void aSkillThatTakesThePlaceOfAnotherIsARegression() throws Exception {
    String results = top.resolve("results.json").toString();
    suite("pay/refund", trigger("money back", true), trigger("undo a deploy", true));
    suite("pay/fees", trigger("money back", false));
    suite("ops/money", trigger("money back", true));
    assertEquals(1, eval("--mode", "lexical", "--out", results).exit());
    Run same = eval("--mode", "lexical", "--baseline", results);
    assertEquals(0, same.exit(), same.out());
    assertTrue(same.out().contains("3 passed, 0 failed, 1 known"), same.out());

    skill("pay/fees", "Money back, money back, money back", "public");
    Run worse = eval("--mode", "lexical", "--baseline", results, "--out", results);
    assertEquals(1, worse.exit());
    assertTrue(
        worse.out().contains("evals/pay/fees/evals.json: regressed: \"money back\""), worse.out());
    assertTrue(worse.out().contains("1 failed (1 regressed), 1 known"), worse.out());
    assertEquals(0, eval("--mode", "lexical", "--baseline", results).exit());

    skill("pay/fees", "Explain a fee on the bill", "public");
    Run fixed = eval("--mode", "lexical", "--baseline", results);
    assertEquals(0, fixed.exit(), fixed.out());
    assertTrue(fixed.out().contains("3 passed (1 fixed), 0 failed, 1 known"), fixed.out());
  }

  @Test
  void aBaselineOfTheOtherModeIsRefused() {
    String results = top.resolve("results.json").toString();
    assertEquals(0, eval("--mode", "lexical", "--out", results).exit());
    Run run = eval("--baseline", results);
    assertEquals(2, run.exit());
    assertTrue(
        run.err().contains("was made with --mode lexical, and this run is hybrid"), run.err());
    assertEquals(2, eval("--baseline", top.resolve("none.json").toString()).exit());
  }

  @Test
  void jsonHasEveryTrigger() throws Exception {
    Run run = eval("--mode", "lexical", "--format", "json");
    JsonNode json = Json.parse("stdout", run.out());
    assertEquals(3, json.path("summary").path("passed").intValue());
    assertEquals(
        Json.parse(
            "expected",
            """
            {"file":"evals/ops/money/evals.json","skill":"ops/money",
             "query":"money back after an outage","should_trigger":true,"kind":"positive","k":5,
             "asked_as":"team ops","place":1,"first":"ops/money","abstained":false,"passed":true,
             "verdict":"passed"}
            """),
        json.path("triggers").get(0));
  }

  @Test
  void everythingWrongWithTheSuitesIsToldAndNothingIsAsked() throws Exception {
    file("evals/pay/refund/evals.json", "{\"skill_name\": \"pay/fees\", \"triggers\": [{}]}");
    file("evals/pay/none/evals.json", "{\"skill_name\": \"pay/none\", \"evals\": []}");
    file("evals/pay/fees.json", "{}");
    Run run = eval();
    assertEquals(2, run.exit());
    assertEquals("", run.out());
    assertEquals(
        """
        evals/pay/fees.json:1:1: is no suite where it is; its place is evals/TEAM/NAME/evals.json
        evals/pay/none/evals.json:1:1: is the suite of pay/none, which does not exist
        evals/pay/none/evals.json:1:1: evals is an empty list; leave it out
        evals/pay/refund/evals.json:1:1: skill_name wants 'pay/refund', found 'pay/fees'
        evals/pay/refund/evals.json:1:1: triggers[0].query wants text
        evals/pay/refund/evals.json:1:1: triggers[0].should_trigger wants true or false
        """,
        run.err());
  }

  @Test
  void aSkillThatLintKeepsOutHasNoSuite() throws Exception {
    skill("pay/fees", "Explain a fee", "nobody");
    suite("pay/fees", trigger("fee", true));
    Run run = eval();
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("skillwarden lint"), run.err());
    assertTrue(run.err().contains("is the suite of pay/fees, which does not exist"), run.err());
  }

  @Test
  void withoutSuitesThereIsNothingToAsk() throws Exception {
    Path empty = Files.createDirectory(top.resolve("empty"));
    Run run = run("eval", "triggers", empty.toString());
    assertEquals(2, run.exit());
    assertTrue(
        run.err().contains("no suites; a suite is evals/TEAM/NAME/evals.json below " + empty),
        run.err());
    suite("pay/refund");
    suite("ops/money");
    assertTrue(eval().err().contains("no suite has triggers"));
    assertEquals(2, run("eval", "triggers", top.resolve("nowhere").toString()).exit());
    assertEquals(2, run("eval").exit());
    assertEquals(2, eval("--mode", "dense").exit());
    assertEquals(2, eval("--out", top.resolve("no/where.json").toString()).exit());
  }

  /// What people copy must work: the suites of the reference skills, by meaning and words.
  @Test
  void theReferenceSkillsAreFoundAsTheirSuitesSay() throws Exception {
    Run run = run("eval", "triggers", "..", "--format", "json");
    assertEquals(0, run.exit(), run.out() + run.err());
    JsonNode summary = Json.parse("stdout", run.out()).path("summary");
    assertEquals(6, summary.path("suites").intValue());
    assertEquals(0, summary.path("failed").intValue());
    assertEquals(2, summary.path("edge").intValue());
  }
}
