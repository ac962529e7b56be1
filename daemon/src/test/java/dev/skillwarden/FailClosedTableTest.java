package dev.skillwarden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/// The rows of the data file, the tests and the table of docs/security.md are the same.
class FailClosedTableTest {
  private static final Path DOCUMENT = Path.of("../docs/security.md");
  private static final String HEAD = "| cause | `mode: enforce` | `mode: monitor` |";

  private static List<String> tests(String type) throws ClassNotFoundException {
    Class<?> loaded = Class.forName("dev.skillwarden." + type);
    return Arrays.stream(loaded.getDeclaredMethods())
        .filter(FailClosedTableTest::isRun)
        .map(m -> FailClosedRows.name(loaded, m.getName()))
        .toList();
  }

  private static boolean isRun(Method method) {
    return !method.isAnnotationPresent(Disabled.class)
        && (method.isAnnotationPresent(Test.class)
            || method.isAnnotationPresent(ParameterizedTest.class));
  }

  @Test
  void everyRowHasItsTestAndEveryTestItsRow() throws Exception {
    List<String> listed = new ArrayList<>();
    Set<String> types = new TreeSet<>();
    for (FailClosedRows.Row row : FailClosedRows.all()) {
      listed.add(row.test());
      types.add(row.test().substring(0, row.test().indexOf('#')));
    }
    List<String> there = new ArrayList<>();
    for (String type : types) {
      there.addAll(tests(type));
    }
    assertEquals(listed.stream().sorted().toList(), there.stream().sorted().toList());
  }

  @Test
  void theDocumentedTableIsTheDataFile() throws IOException {
    List<String> wanted =
        FailClosedRows.all().stream()
            .map(r -> "| %s | %s | %s |".formatted(r.cause(), r.enforce(), r.monitor()))
            .toList();
    List<String> documented =
        Files.readAllLines(DOCUMENT).stream()
            .dropWhile(line -> !line.equals(HEAD))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertEquals(String.join("\n", wanted), String.join("\n", documented));
  }
}
