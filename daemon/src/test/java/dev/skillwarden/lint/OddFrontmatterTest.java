package dev.skillwarden.lint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What authors get wrong, one kind a row: what it is, the file, the findings as `line:column
/// rule`.
class OddFrontmatterTest {
  private static final Path TABLE = Path.of("src/test/resources/lint/odd-frontmatters.tsv");

  @Test
  void everyKindGetsItsFindings() throws IOException {
    List<String> expected = Files.readAllLines(TABLE);
    List<String> actual = new ArrayList<>();
    for (String row : expected) {
      String[] cells = row.split("\t", -1);
      actual.add(cells[0] + "\t" + cells[1] + "\t" + findings(unescaped(cells[1])));
    }
    assertEquals(String.join("\n", expected), String.join("\n", actual));
  }

  /// `\n`, `\r`, `\t`, `\\` and `u` with four hex digits, so that a row shows what cannot be seen.
  private static String unescaped(String cell) {
    Matcher unicode = Pattern.compile("\\\\u([0-9a-f]{4})").matcher(cell);
    return unicode
        .replaceAll(m -> String.valueOf((char) Integer.parseInt(m.group(1), 16)))
        .translateEscapes();
  }

  private static String findings(String text) {
    SkillFile file =
        new SkillFile(".claude/skills/team/skill.md", true, text.getBytes(StandardCharsets.UTF_8));
    return Linter.lint(Checkout.of(List.of(file))).findings().stream()
        .map(f -> f.at().line() + ":" + f.at().column() + " " + f.rule().id() + mark(f))
        .collect(Collectors.joining(", "));
  }

  private static String mark(Finding finding) {
    return switch (finding.severity()) {
      case ERROR -> "";
      case WARNING -> "w";
      case INFO -> "i";
    };
  }
}
