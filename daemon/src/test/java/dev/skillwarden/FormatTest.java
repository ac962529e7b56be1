package dev.skillwarden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// google-java-format decides the layout. `mvn test -Dtest=FormatTest -Dformat.fix=true` rewrites
/// the files instead of failing.
class FormatTest {
  @Test
  void sourcesAreFormatted() throws IOException, FormatterException {
    Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    boolean fix = Boolean.getBoolean("format.fix");
    List<Path> wrong = new ArrayList<>();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      sources = files.filter(f -> f.toString().endsWith(".java")).toList();
    }
    for (Path file : sources) {
      String source = Files.readString(file);
      String unused = RemoveUnusedImports.removeUnusedImports(source);
      String formatted =
          formatter.formatSource(
              ImportOrderer.reorderImports(unused, JavaFormatterOptions.Style.GOOGLE));
      if (!formatted.equals(source)) {
        if (fix) {
          Files.writeString(file, formatted);
        } else {
          wrong.add(file);
        }
      }
    }
    assertEquals(List.of(), wrong, "run: mvn test -Dtest=FormatTest -Dformat.fix=true");
  }
}
