package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class SearchEvalCommandTest {
  @TempDir private Path directory;
  private Path skills = Path.of("");
  private Path queries = Path.of("");
  private Path run = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeCorpus() throws Exception {
    run = directory.resolve("run.jsonl");
    skills =
        Files.writeString(
            directory.resolve("skills.jsonl"),
            """
            {"id":"acme/tools/Refund It!","name":"Refund It!","description":"Give a customer their money back","tags":["payments"],"body":"Look up the order."}
            {"id":"acme/other/refund-it","name":"refund it","description":"Deploy a service to production","tags":null}

            {"id":"x","name":"***","description":"Summarise a long report"}
            """);
    queries =
        Files.writeString(
            directory.resolve("queries.jsonl"),
            """
            {"qid":"q1","class":"easy","query":"give money back to a customer"}
            {"qid":"q2","query":"deploy to production"}
            {"qid":"q3","query":"xylophone"}
            """);
  }

  private int eval(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--skills",
                skills.toString(),
                "--queries",
                queries.toString(),
                "--out",
                run.toString()));
    args.addAll(List.of(more));
    return new CommandLine(new SearchEvalCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args.toArray(String[]::new));
  }

  private List<JsonNode> lines() throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run)) {
      lines.add(Json.parse("run", line));
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"lexical", "hybrid", "dense"})
  void writesOneLineAQueryWithTheIdsOfTheCorpus(String mode) throws Exception {
    assertEquals(0, eval("--mode", mode), err.toString());
    List<JsonNode> lines = lines();
    assertEquals(3, lines.size());
    assertEquals("q1", lines.get(0).path("qid").stringValue());
    assertEquals("acme/tools/Refund It!", lines.get(0).path("ids").get(0).stringValue());
    assertFalse(lines.get(0).path("abstained").booleanValue());
    assertEquals("acme/other/refund-it", lines.get(1).path("ids").get(0).stringValue());
    assertTrue(lines.get(2).path("abstained").booleanValue());
    for (JsonNode line : lines) {
      assertEquals(line.path("ids").size(), line.path("scores").size());
    }
    assertTrue(out.toString().contains(mode), out.toString());
    assertTrue(err.toString().contains("answered 3 of 3"), err.toString());
  }

  @Test
  void kLimitsTheHits() throws Exception {
    assertEquals(0, eval("--mode", "hybrid", "--k", "1"), err.toString());
    for (JsonNode line : lines()) {
      assertEquals(1, line.path("ids").size());
    }
  }

  @Test
  void keepsVectorsWhenTold() throws Exception {
    Path state = directory.resolve("state");
    assertEquals(0, eval("--state", state.toString()), err.toString());
    List<JsonNode> first = lines();
    assertTrue(Files.exists(state.resolve("vectors").resolve("vectors.bin")));
    assertEquals(0, eval("--state", state.toString()), err.toString());
    assertEquals(first, lines());
  }

  @Test
  void printsJsonForPrograms() throws Exception {
    assertEquals(0, eval("--mode", "lexical", "--format", "json"));
    JsonNode summary = Json.parse("stdout", out.toString());
    assertEquals("lexical", summary.path("mode").stringValue());
    assertEquals(3, summary.path("skills").intValue());
    assertEquals(3, summary.path("queries").intValue());
    assertTrue(summary.path("query_ms_p95").doubleValue() > 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nope | :2:",
        "{\"qid\":\"a\"} | :2:1: query wants a string, found nothing",
        "{\"qid\":7,\"query\":\"x\"} | :2:1: qid wants a string, found number",
        "{\"qid\":\"a\",\"query\":\"\"} | :2:1: query wants 1 to 2,000 characters, found 0",
        "{\"qid\":\"a\",\"query\":\"x\",\"query\":\"y\"} | :2:",
        "[] | :2:1: qid wants a string, found nothing",
      })
  void aBadQueryIsNamedWithItsLineAndNothingIsWritten(String line, String message)
      throws Exception {
    Files.writeString(run, "earlier run\n");
    Files.writeString(queries, "{\"qid\":\"q\",\"query\":\"x\"}\n" + line + "\n");
    assertEquals(2, eval("--mode", "lexical"));
    assertTrue(err.toString().contains(queries + message), err.toString());
    assertEquals("earlier run\n", Files.readString(run));
  }

  @Test
  void everyBadSkillIsNamed() throws Exception {
    Files.writeString(
        skills,
        """
        {"id":"a","name":"b","description":"d"}
        {"id":"a","name":"c","description":"d"}
        {"id":"c","name":"b","description":"d","tags":"x"}
        {"id":"d","name":"b"}
        """);
    assertEquals(2, eval("--mode", "lexical"));
    assertTrue(err.toString().contains(":2:1: the id 'a' is used twice"), err.toString());
    assertTrue(err.toString().contains(":3:1: tags wants a list of strings"), err.toString());
    assertTrue(err.toString().contains(":4:1: description wants a string"), err.toString());
  }

  @Test
  void missingFilesAndFoldersAreNamedBeforeTheWorkStarts() throws Exception {
    skills = directory.resolve("none.jsonl");
    assertEquals(2, eval());
    assertTrue(err.toString().contains("no such file: " + skills), err.toString());
    writeCorpus();
    run = directory.resolve("none").resolve("run.jsonl");
    assertEquals(2, eval());
    assertTrue(err.toString().contains("no such directory: " + run.getParent()), err.toString());
    assertFalse(err.toString().contains("embedded"), err.toString());
  }

  @Test
  void anEmptyFileIsNothingToCheck() throws Exception {
    Files.writeString(queries, "\n");
    assertEquals(2, eval("--mode", "lexical"));
    assertTrue(err.toString().contains("is empty"), err.toString());
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertEquals(2, eval("--k", "51"));
    assertTrue(err.toString().contains("--k wants 1 to 50, found 51"), err.toString());
    assertEquals(2, eval("--mode", "magic"));
    assertTrue(err.toString().contains("hybrid, lexical, dense"), err.toString());
  }

  private void writeGrades() throws Exception {
    Files.writeString(
        queries,
        """
        {"qid":"q1","class":"easy","query":"give money back to a customer","relevant":{"acme/tools/Refund It!":2}}
        {"qid":"q2","class":"hard","query":"summarise a long report","relevant":{"acme/other/refund-it":2,"x":1}}
        {"qid":"q3","class":"no-answer","query":"xylophone","relevant":{}}
        {"qid":"q4","query":"not judged"}
        """);
  }

  @Test
  void gradedQueriesAreJudgedByClass() throws Exception {
    writeGrades();
    assertEquals(0, eval("--mode", "lexical"), err.toString());
    String text = out.toString();
    List<String> lines = text.substring(text.indexOf("class")).lines().toList();
    assertEquals(
        List.of(
            "class  queries  nDCG@5  recall@5  MRR@10  P@1",
            "easy   1        1.0000  1.0000    1.0000  1.0000",
            "hard   1        0.2754  0.5000    1.0000  0.0000", // 1 / (3 + 0.63093)
            "all    2        0.6377  0.7500    1.0000  0.5000",
            "without an answer (1): AUC of the top score 1.000, abstained 1.000; with one:"
                + " abstained 0.000"),
        lines);
  }

  @Test
  void jsonHasAllFigures() throws Exception {
    writeGrades();
    assertEquals(0, eval("--mode", "lexical"), err.toString());
    Path before = directory.resolve("before.jsonl");
    Files.copy(run, before);
    out.getBuffer().setLength(0);
    assertEquals(0, eval("--mode", "lexical", "--format", "json", "--compare", before.toString()));
    JsonNode json = Json.parse("stdout", out.toString());
    assertEquals(
        List.of("easy", "hard", "all"),
        json.path("metrics").valueStream().map(m -> m.path("class").stringValue()).toList());
    assertEquals(0.75, json.path("metrics").get(2).path("recall_5").doubleValue(), 1e-12);
    assertEquals(1, json.path("no_answer").path("auc").doubleValue());
    assertEquals(10_000, json.path("compared").path("resamples").intValue());
    assertEquals(
        "{\"class\":\"easy\",\"queries\":1,\"before\":1.0,\"now\":1.0,\"change\":0.0,\"low\":0.0,\"high\":0.0}",
        Json.write(json.path("compared").path("classes").get(0)));
  }

  @Test
  void comparesWithAnEarlierRunAndFailsWhenSurelyWorse() throws Exception {
    writeGrades();
    Path before = directory.resolve("before.jsonl");
    Files.writeString(
        before,
        """
        {"qid":"q1","ids":["acme/tools/Refund It!"]}
        {"qid":"q2","ids":["acme/other/refund-it","x"],"scores":[0.5,0.4]}
        {"qid":"q3","ids":[]}
        {"qid":"q4","ids":[]}
        {"qid":"dropped","ids":["x"]}
        """);
    String[] compare = {"--mode", "lexical", "--compare", before.toString()};
    assertEquals(0, eval(compare), err.toString());
    assertTrue(
        out.toString()
            .contains(
                """
                class  queries  nDCG@5 before  now     change   95 % from  to
                easy   1        1.0000         1.0000  +0.0000  +0.0000    +0.0000
                hard   1        1.0000         0.2754  -0.7246  -0.7246    -0.7246
                all    2        1.0000         0.6377  -0.3623  -0.7246    +0.0000
                """),
        out.toString());
    assertEquals(0, eval("--mode", "lexical", "--compare", before.toString(), "--fail-if-worse"));
    Files.writeString(
        queries,
        """
        {"qid":"q2","query":"summarise","relevant":{"acme/other/refund-it":2,"x":1}}
        """);
    assertEquals(1, eval("--mode", "lexical", "--compare", before.toString(), "--fail-if-worse"));
    assertTrue(err.toString().contains("worse than before by 0.7246"), err.toString());
  }

  @Test
  void failsBelowAFloorAfterWritingTheRun() throws Exception {
    writeGrades();
    assertEquals(0, eval("--mode", "lexical", "--fail-below", "0.63"), err.toString());
    Files.delete(run);
    assertEquals(1, eval("--mode", "lexical", "--fail-below", "0.64"));
    assertTrue(
        err.toString().contains("nDCG@5 over all queries is 0.6377, below --fail-below 0.64"),
        err.toString());
    assertTrue(Files.exists(run));
  }

  @Test
  void aGateWithoutGradesIsNothingToJudge() throws Exception {
    assertEquals(2, eval("--mode", "lexical", "--fail-below", "0.5"));
    assertTrue(err.toString().contains("no query has grades"), err.toString());
    assertFalse(Files.exists(run));
    assertEquals(2, eval("--fail-below", "68"));
    assertTrue(err.toString().contains("--fail-below wants 0 to 1, found 68.0"), err.toString());
    assertEquals(2, eval("--fail-below", "NaN"));
    assertEquals(2, eval("--fail-if-worse"));
    assertTrue(err.toString().contains("--fail-if-worse wants --compare"), err.toString());
  }

  @Test
  void aRunOverOtherQueriesOrSkillsIsNotCompared() throws Exception {
    writeGrades();
    Path before = directory.resolve("before.jsonl");
    Files.writeString(before, "{\"qid\":\"q1\",\"ids\":[\"x\"]}\n");
    assertEquals(2, eval("--compare", before.toString()));
    assertTrue(
        err.toString()
            .contains(
                before
                    + ": answers 1 queries and not 3 of the 4 asked, the first is 'q2'; compare"
                    + " with a run over the same queries"),
        err.toString());
    Files.writeString(before, "{\"qid\":\"q1\",\"ids\":[\"y\"]}\n{\"qid\":\"q1\"}\n");
    assertEquals(2, eval("--compare", before.toString()));
    assertTrue(
        err.toString().contains(before + ":1:1: ids names 'y', which is none of the 3 skills"),
        err.toString());
    assertTrue(err.toString().contains(before + ":2:1: ids wants"), err.toString());
    assertEquals(2, eval("--compare", directory.resolve("none").toString()));
    assertTrue(err.toString().contains("no such file"), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"relevant\":{\"nobody\":2}|relevant names 'nobody', which is none of the 3 skills",
        "\"relevant\":{\"x\":3}|the grade of 'x' wants 0 to 2, found 3",
        "\"relevant\":{\"x\":\"2\"}|the grade of 'x' wants 0 to 2, found \"2\"",
        "\"relevant\":[\"x\"]|relevant wants an object of grades by id, found array",
        "\"relevant\":{\"x\":2},\"class\":\"all\"|class 'all' stands for all queries together",
        "\"relevant\":{\"x\":2},\"class\":\"no-answer\"|has class no-answer and relevant ids",
      })
  void aBadGradeIsNamedWithItsLine(String keys, String message) throws Exception {
    Files.writeString(queries, "{\"qid\":\"q\",\"query\":\"x\",%s}\n".formatted(keys));
    assertEquals(2, eval("--mode", "lexical"));
    assertTrue(err.toString().contains(queries + ":1:1: " + message), err.toString());
  }

  @Test
  void aQidIsAskedOnce() throws Exception {
    Files.writeString(
        queries, "{\"qid\":\"q\",\"query\":\"x\"}\n{\"qid\":\"q\",\"query\":\"y\"}\n");
    assertEquals(2, eval("--mode", "lexical"));
    assertTrue(err.toString().contains(":2:1: the qid 'q' is used twice"), err.toString());
  }
}
