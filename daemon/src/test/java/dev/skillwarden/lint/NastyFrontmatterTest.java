package dev.skillwarden.lint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Every finding about real odd frontmatters, as `line rule` in the table beside this test. The
/// texts belong to others and are not part of the project: with `-Dskillwarden.corpora=DIR` they
/// are read from `DIR/skills/nasty-frontmatters.jsonl`. Made-up ones of every kind are in
/// [OddFrontmatterTest], which always runs.
class NastyFrontmatterTest {
  private static final Path TABLE = Path.of("src/test/resources/lint/nasty-frontmatters.tsv");

  @Test
  void everyEntryGetsItsFindings() throws IOException, InvalidTextException {
    String corpora = System.getProperty("skillwarden.corpora", "");
    assumeTrue(
        !corpora.isEmpty(), "no -Dskillwarden.corpora=DIR: the texts are not in the project");
    List<String> actual = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(corpora, "skills/nasty-frontmatters.jsonl"))) {
      actual.add(row(Json.parse("corpus", line)));
    }
    assertEquals(String.join("\n", Files.readAllLines(TABLE)), String.join("\n", actual));
  }

  private static String row(JsonNode entry) throws IOException {
    String categories = entry.path("categories").toString();
    boolean symlink = categories.contains("symlink");
    String path = ".claude/skills/team/skill.md";
    Report report =
        Linter.lint(Checkout.of(List.of(new SkillFile(path, !symlink, content(entry)))));
    String findings =
        report.findings().stream()
            .map(f -> f.at().line() + " " + f.rule().id() + mark(f))
            .distinct()
            .collect(Collectors.joining(", "));
    return entry.path("id").asString("")
        + "\t"
        + entry.path("advice").asString("")
        + "\t"
        + entry.path("picked_for").asString("")
        + "\t"
        + findings;
  }

  /// Errors stand alone, `w` is a warning and `i` a note.
  private static String mark(Finding finding) {
    return switch (finding.severity()) {
      case ERROR -> "";
      case WARNING -> "w";
      case INFO -> "i";
    };
  }

  /// The corpus keeps the frontmatter without its fences where it has them, and as decoded text.
  private static byte[] content(JsonNode entry) throws IOException {
    String text = entry.path("text").asString("");
    String categories = entry.path("categories").toString();
    boolean whole = entry.path("snakeyaml_2_5").path("kind").asString("").equals("no-frontmatter");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (categories.contains("bom")) {
      out.write(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
    }
    if (categories.contains("not-utf8")) {
      out.write(new byte[] {'-', '-', '-', '\n', (byte) 0xE9, '\n'});
    }
    String shown =
        whole ? text : "---\n" + text + (text.endsWith("\n") ? "" : "\n") + "---\nBody.\n";
    out.write(shown.getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }
}
