package dev.skillwarden.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class SuiteReaderTest {
  private static final String PATH = "evals/a/x/evals.json";
  private static final String GOOD =
      """
      {"skill_name": "a/x", "schema_version": 1, "min_score": 0.8, "runs": 3, "k": 3, "note": "mine",
       "triggers": [{"query": "q", "should_trigger": true},
                    {"query": "r", "should_trigger": false, "kind": "negative", "k": 1},
                    {"query": "s", "should_trigger": true, "kind": "edge"}],
       "evals": [{"id": 1, "prompt": "p", "files": ["files/a.json"], "tags": ["t"], "critical": true,
                  "assertions": ["says so", {"type": "regex", "pattern": "a", "weight": 2}]}]}
      """;

  private static SkillFile file(String path, String text) {
    return new SkillFile(path, true, text.getBytes(StandardCharsets.UTF_8));
  }

  private static SuiteReader.Suites read(SkillFile... files) {
    return SuiteReader.read(List.of(files), Set.of("a/x", "a/y"));
  }

  private static List<String> problems(SkillFile... files) {
    return read(files).problems().stream().map(Problem::message).toList();
  }

  @Test
  void readsTriggersWithTheirDefaults() {
    assertEquals(
        new SuiteReader.Suites(
            List.of(
                new Suite(
                    SkillId.parse("a/x"),
                    PATH,
                    List.of(
                        new Trigger("q", true, Trigger.Kind.POSITIVE, 3),
                        new Trigger("r", false, Trigger.Kind.NEGATIVE, 1),
                        new Trigger("s", true, Trigger.Kind.EDGE, 3)))),
            List.of()),
        read(file(PATH, GOOD)));
    assertEquals(
        5,
        read(file(
                ".claude/evals/a/x/evals.json", trigger("\"query\":\"q\",\"should_trigger\":true")))
            .suites()
            .getFirst()
            .triggers()
            .getFirst()
            .k());
  }

  @Test
  void theNameMayBeWithoutItsTeam() {
    assertEquals(List.of(), problems(file(PATH, GOOD.replace("a/x", "x"))));
  }

  private static String trigger(String inside) {
    return "{\"skill_name\":\"a/x\",\"triggers\":[{%s}]}".formatted(inside);
  }

  private static String eval(String inside) {
    return "{\"skill_name\":\"a/x\",\"evals\":[{\"id\":1,\"prompt\":\"p\",%s}]}".formatted(inside);
  }

  /// Reader and schema file refuse the same.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|wants an object {…}",
        "{\"skill_name\":\"a/x\"}|has neither triggers nor evals",
        "{\"triggers\":[]}|skill_name wants 'a/x', found ''",
        "{\"skill_name\":\"a/x\",\"evals\":[]}|evals is an empty list; leave it out",
        "{\"skill_name\":\"a/x\",\"triggers\":{}}|triggers wants a list",
        "{\"skill_name\":\"a/x\",\"triggers\":[],\"schema_version\":2}|schema_version wants 1,"
            + " found 2",
        "{\"skill_name\":\"a/x\",\"triggers\":[],\"min_score\":2}|min_score wants a number 0..1,"
            + " found 2",
        "{\"skill_name\":\"a/x\",\"triggers\":[],\"runs\":0}|runs wants a whole number 1..50, found"
            + " 0",
        "{\"skill_name\":\"a/x\",\"triggers\":[],\"k\":21}|k wants a whole number 1..20, found 21",
        "{\"skill_name\":\"a/x\",\"triggers\":[7]}|triggers[0] wants an object {…}",
        "T\"should_trigger\":true|triggers[0].query wants text",
        "T\"query\":\" \",\"should_trigger\":true|triggers[0].query wants text",
        "T\"query\":\"q\"|triggers[0].should_trigger wants true or false",
        "T\"query\":\"q\",\"should_trigger\":\"yes\"|triggers[0].should_trigger wants true or"
            + " false",
        "T\"query\":\"q\",\"should_trigger\":true,\"knd\":\"edge\"|triggers[0] has an unknown key"
            + " 'knd' (did you mean 'kind'?)",
        "T\"query\":\"q\",\"should_trigger\":true,\"kind\":\"odd\"|triggers[0].kind wants one of"
            + " [positive, negative, edge], found 'odd'",
        "T\"query\":\"q\",\"should_trigger\":true,\"kind\":\"negative\"|triggers[0].kind is"
            + " negative and should_trigger is true; change one",
        "T\"query\":\"q\",\"should_trigger\":false,\"kind\":\"positive\"|triggers[0].kind is"
            + " positive and should_trigger is false; change one",
        "T\"query\":\"q\",\"should_trigger\":true,\"k\":\"5\"|triggers[0].k wants a whole number"
            + " 1..20, found \"5\"",
        "{\"skill_name\":\"a/x\",\"evals\":[3]}|evals[0] wants an object {…}",
        "{\"skill_name\":\"a/x\",\"evals\":[{\"prompt\":\"p\"}]}|evals[0].id wants text or a whole"
            + " number",
        "{\"skill_name\":\"a/x\",\"evals\":[{\"id\":1}]}|evals[0].prompt wants text",
        "E\"name\":1|evals[0].name wants text",
        "E\"expected_output\":[]|evals[0].expected_output wants text",
        "E\"critical\":\"yes\"|evals[0].critical wants true or false",
        "E\"tags\":\"t\"|evals[0].tags wants a list",
        "E\"files\":[\"/etc/passwd\"]|evals[0].files wants paths below the suite's folder, found"
            + " '/etc/passwd'",
        "E\"files\":[\"../x\"]|evals[0].files wants paths below the suite's folder, found '../x'",
        "E\"files\":[3]|evals[0].files wants text, found 3",
        "E\"assertions\":[],\"expectations\":[]|evals[0] has assertions and expectations; they are"
            + " one thing, keep one",
        "E\"assertions\":[\"\"]|evals[0].assertions[0] wants text, or an object with a type",
        "E\"assertions\":\"x\"|evals[0].assertions wants a list",
        "E\"expectations\":[{\"type\":\"regexp\"}]|evals[0].expectations[0].type wants one of"
            + " contains, equals, file_exists, json_path, llm, max_words, regex, tool_order,"
            + " tool_used, found 'regexp' (did you mean 'regex'?)",
        "E\"assertions\":[{\"type\":\"llm\",\"weight\":0}]|evals[0].assertions[0].weight wants a"
            + " number above 0, found 0",
        "E\"assertions\":[{\"type\":\"llm\",\"critical\":1}]|evals[0].assertions[0].critical wants"
            + " true or false",
        "E\"assertions\":[{\"type\":\"llm\",\"name\":1}]|evals[0].assertions[0].name wants text",
      })
  void aBadSuiteIsRefused(String written, String problem) throws Exception {
    String text =
        switch (written.charAt(0)) {
          case 'T' -> trigger(written.substring(1));
          case 'E' -> eval(written.substring(1));
          default -> written;
        };
    List<String> found = problems(file(PATH, text));
    assertTrue(found.contains(problem), found.toString());
    assertFalse(schema().validate(Json.parse("suite", text)).isEmpty(), text);
  }

  private static JsonNode schemaFile() throws IOException, InvalidTextException {
    return Json.parse(
        "schema", Files.readAllBytes(Path.of("..", "config", "eval-suite.schema.json")));
  }

  private static Schema schema() throws IOException, InvalidTextException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(schemaFile());
  }

  @Test
  void theSchemaFileTakesWhatTheReaderTakesAndNamesTheSame() throws Exception {
    assertEquals(List.of(), schema().validate(Json.parse("suite", GOOD)));
    JsonNode schema = schemaFile();
    JsonNode triggers = schema.path("properties").path("triggers");
    assertEquals(SuiteReader.MAX_TRIGGERS, triggers.path("maxItems").intValue());
    assertEquals(
        Set.copyOf(SuiteReader.TRIGGER_KEYS),
        Set.copyOf(triggers.path("items").path("properties").propertyNames()));
    JsonNode definitions = schema.path("$defs");
    assertEquals(Trigger.MAX_K, definitions.path("k").path("maximum").intValue());
    assertEquals(Trigger.DEFAULT_K, definitions.path("k").path("default").intValue());
    Set<String> checks = new TreeSet<>();
    definitions
        .path("check")
        .path("properties")
        .path("type")
        .path("enum")
        .forEach(n -> checks.add(n.stringValue()));
    assertEquals(Set.copyOf(SuiteReader.CHECKS), checks);
  }

  @Test
  void everyProblemOfEveryFileIsTold() {
    assertEquals(
        List.of(
            "is no suite where it is; its place is evals/TEAM/NAME/evals.json",
            "is the suite of a/z, which does not exist (did you mean 'a/x'?)",
            "triggers[1].query is the same as that of triggers[0]",
            "skill_name wants 'a/y', found 'a/x'",
            "evals[1].id '1' is used twice"),
        problems(
            file("evals/a/x.json", "{}"),
            file(
                "evals/a/z/evals.json",
                """
                {"skill_name": "a/z", "triggers": [{"query": "q", "should_trigger": true},
                 {"query": "q", "should_trigger": false}]}
                """),
            file(
                "evals/a/y/evals.json",
                """
                {"skill_name": "a/x", "evals": [{"id": 1, "prompt": "p"}, {"id": "1", "prompt": "q"}]}
                """),
            file("evals/a/x/files/case.json", "no suite"),
            file("evals/README.md", "no suite")));
  }

  @Test
  void whatCannotBeReadIsTold() {
    assertEquals(
        List.of("is larger than 1,048,576 bytes"),
        problems(file(PATH, GOOD + " ".repeat(SuiteReader.MAX_FILE))));
    assertEquals(
        List.of("wants a plain file: no link, not executable"),
        problems(new SkillFile(PATH, false, new byte[0])));
    assertTrue(problems(file(PATH, "{\"a\":1,\"a\":2}")).getFirst().contains("uplicate"));
    assertEquals(
        List.of("triggers wants at most 1,000, found 1,001"),
        problems(
            file(PATH, "{\"skill_name\":\"a/x\",\"triggers\":[" + "1,".repeat(1_000) + "1]}")));
    assertEquals(
        List.of("triggers[0].query wants at most 2,000 characters, found 2,001"),
        problems(
            file(
                PATH,
                trigger("\"query\":\"%s\",\"should_trigger\":true".formatted("q".repeat(2_001))))));
  }
}
