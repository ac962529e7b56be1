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
}
