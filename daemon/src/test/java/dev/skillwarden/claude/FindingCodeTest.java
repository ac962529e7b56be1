package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FindingCodeTest {
  /// Whoever meets a code finds it in the table, and the table names no other.
  @Test
  void theDocumentsListEveryCodeOnce() throws IOException {
    String text = Files.readString(Path.of("..", "docs", "deploy.md"));
    int from = text.indexOf("\n### Findings\n");
    assertTrue(from > 0, "no section Findings");
    String section = text.substring(from, text.indexOf("\n## ", from));
    List<String> listed = new ArrayList<>();
    for (String line : section.lines().filter(l -> l.startsWith("| `")).toList()) {
      String first = line.substring(2, line.indexOf(" | ", 2));
      Pattern.compile("`([^`]+)`").matcher(first).results().forEach(r -> listed.add(r.group(1)));
    }
    assertEquals(
        Arrays.stream(FindingCode.values()).map(FindingCode::id).sorted().toList(),
        listed.stream().sorted().toList());
  }

  @Test
  void oneLineNamesEachCodeOnce() {
    Finding good = Finding.good(FindingCode.PORT, "well");
    Finding bad = Finding.bad(FindingCode.MANAGED_OWNER, "a", "b");
    assertEquals("healthy", Finding.oneLine(List.of(good)));
    assertEquals("unhealthy: MANAGED_OWNER", Finding.oneLine(List.of(bad, good, bad)));
  }
}
