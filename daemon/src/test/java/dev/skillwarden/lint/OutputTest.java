package dev.skillwarden.lint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.skillwarden.skill.Finding.Severity;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OutputTest {
  private static SkillFile broken(String path, int mistakes) {
    StringBuilder text = new StringBuilder("---\nname: team/skill\n");
    for (int i = 0; i < mistakes; i++) {
      text.append("extra_").append(i).append(": 1\n");
    }
    return new SkillFile(path, true, (text + "---\nDo it.\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Output output(SkillFile... files) {
    return new Output(Linter.lint(Checkout.of(List.of(files))), Duration.ofMillis(410));
  }

  @Test
  void textHasOneLineAFindingAndASummary() {
    String text = output(broken(".claude/skills/team/skill.md", 1)).text();
    assertEquals(6, text.lines().count());
    assertTrue(
        text.contains(
            ".claude/skills/team/skill.md:3:1: warning SK008 unknown-key: unknown key 'extra_0'."
                + " Correct its spelling, remove it, or declare it in"
                + " .claude/skills/_schema.yaml.\n"),
        text);
    assertTrue(text.endsWith("1 skill: 4 errors, 1 warning, 0 notes in 0.41 s\n"), text);
  }

  @Test
  void jsonNamesEveryFieldAndFingerprintsSurviveMovedLines() {
    JsonNode first = output(broken(".claude/skills/team/skill.md", 1)).json().path("findings");
    JsonNode moved = output(broken(".claude/skills/team/skill.md", 2)).json().path("findings");
    JsonNode unknown = first.get(first.size() - 1);
    assertEquals(
        "[\"rule\",\"name\",\"level\",\"file\",\"line\",\"col\",\"endLine\",\"endCol\",\"skill\",\"message\",\"hint\",\"fingerprint\"]",
        names(unknown));
    assertEquals("SK008", unknown.path("rule").asString(""));
    assertEquals("team/skill", unknown.path("skill").asString(""));
    Set<String> prints = new HashSet<>();
    moved.forEach(f -> assertTrue(prints.add(f.path("fingerprint").asString(""))));
    assertTrue(prints.contains(unknown.path("fingerprint").asString("")));
  }

  private static String names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.propertyNames().forEach(n -> names.add("\"" + n + "\""));
    return "[" + String.join(",", names) + "]";
  }

  @Test
  void annotationsAreSortedCappedAndEscaped() {
    List<SkillFile> files = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      files.add(broken(".claude/skills/team/a,b%d.md".formatted(i), 2));
    }
    Report report = Linter.lint(Checkout.of(files));
    Output output = new Output(report, Duration.ZERO);
    List<String> lines = output.github().lines().toList();
    assertEquals(10, lines.stream().filter(l -> l.startsWith("::error ")).count());
    assertEquals(10, lines.stream().filter(l -> l.startsWith("::warning ")).count());
    assertTrue(lines.getFirst().startsWith("::error file=.claude/skills/team/a%2Cb0.md,line="));
    long hidden = report.count(Severity.ERROR) - 10 + (report.count(Severity.WARNING) - 10);
    assertTrue(lines.contains("::notice::and %,d more - see the step summary".formatted(hidden)));
    assertEquals("a%25b%0Ac:d,e", Output.data("a%b\nc:d,e"));
    assertEquals("a%25b%3Ac%2Cd", Output.property("a%b:c,d"));
    String summary = output.summaryMarkdown();
    assertEquals(report.findings().size() + 6, summary.lines().count());
  }

  @Test
  void changedFilesComeFirstAmongAnnotations() {
    SkillFile old = broken(".claude/skills/team/a.md", 11);
    SkillFile changed = broken(".claude/skills/team/z.md", 1);
    Report report =
        Linter.lint(
            new Checkout(
                List.of(old, changed),
                List.of(),
                Optional.empty(),
                Map.of(),
                Map.of(),
                Optional.of(new Checkout.Base("main", List.of(old)))));
    String first =
        new Output(report, Duration.ZERO)
            .github()
            .lines()
            .filter(l -> l.startsWith("::warning"))
            .findFirst()
            .orElseThrow();
    assertTrue(first.contains("team/z.md"), first);
  }

  @Test
  void theSummaryStaysBelowWhatGitHubTakes() {
    List<SkillFile> files = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      files.add(broken(".claude/skills/team/skill-%d.md".formatted(i), 3));
    }
    Output output = output(files.toArray(SkillFile[]::new));
    String summary = output.summaryMarkdown();
    assertTrue(summary.getBytes(StandardCharsets.UTF_8).length < Output.MAX_SUMMARY);
    assertTrue(summary.strip().endsWith("more are not shown."));
  }

  @Test
  void sarifIsValidAgainstItsSchema() throws IOException {
    ObjectNode sarif =
        output(
                broken(".claude/skills/team/skill.md", 3),
                broken(".claude/skills/team/ü b.md", 1),
                new SkillFile(".claude/skills/team/link.md", false, new byte[0]))
            .sarif("0.1.0");
    try (InputStream schema =
        OutputTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      assertNotNull(schema);
      String text = new String(schema.readAllBytes(), StandardCharsets.UTF_8);
      com.networknt.schema.Schema compiled =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(text, InputFormat.JSON);
      assertEquals(List.of(), compiled.validate(sarif));
      ObjectNode damaged = sarif.deepCopy();
      damaged.put("version", "1.0");
      assertFalse(compiled.validate(damaged).isEmpty(), "the check itself must be able to fail");
    }
    JsonNode run = sarif.path("runs").get(0);
    for (JsonNode result : run.path("results")) {
      JsonNode rule =
          run.path("tool").path("driver").path("rules").get(result.path("ruleIndex").asInt());
      assertEquals(rule.path("id"), result.path("ruleId"));
    }
    assertTrue(Json.write(sarif).contains(".claude/skills/team/%C3%BC%20b.md"));
  }
}
