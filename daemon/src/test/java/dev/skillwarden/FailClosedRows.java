package dev.skillwarden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.policy.PolicyFile.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.TestInfo;

/// What comes of each cause of failure, in a data file: a row a test, a column a mode of the
/// policy.
public final class FailClosedRows {
  private static final Path FILE = Path.of("src/test/resources/policy/fail-closed.csv");

  /// @param test class below this package, `#` and method
  public record Row(String test, String cause, String enforce, String monitor) {
    String wanted(Mode mode) {
      return switch (mode) {
        case ENFORCE -> enforce;
        case MONITOR -> monitor;
      };
    }
  }

  private FailClosedRows() {}

  /// The rows in order of the file.
  public static List<Row> all() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.split(";", -1);
        assertEquals(4, cells.length, "four cells are wanted in: " + line);
        rows.add(new Row(cells[0].strip(), cells[1].strip(), cells[2].strip(), cells[3].strip()));
      }
    }
    return rows;
  }

  /// Compares what came of the running test's cause with its row.
  public static void check(TestInfo test, Mode mode, String outcome) throws IOException {
    String name =
        name(test.getTestClass().orElseThrow(), test.getTestMethod().orElseThrow().getName());
    List<String> wanted =
        all().stream().filter(r -> r.test().equals(name)).map(r -> r.wanted(mode)).toList();
    assertEquals(wanted, List.of(outcome), name + " in mode " + mode);
  }

  static String name(Class<?> type, String method) {
    return type.getName().substring("dev.skillwarden.".length()) + "#" + method;
  }
}
