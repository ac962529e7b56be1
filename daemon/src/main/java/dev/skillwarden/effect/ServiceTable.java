package dev.skillwarden.effect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The rows of `services.tsv`, which says itself how they are read.
final class ServiceTable {
  /// @param words that must stand in order, see the file
  record Row(Effect.Pack pack, List<Word> words, String what) {}

  /// @param patterns alternatives, in lower case
  /// @param where what the word's first character says of its place
  record Word(List<String> patterns, Place where) {
    boolean matches(String text) {
      String folded = text.toLowerCase(Locale.ROOT);
      return patterns.stream()
          .anyMatch(p -> p.indexOf('*') < 0 ? p.equals(folded) : Glob.matches(p, folded));
    }
  }

  enum Place {
    NEXT,
    NEAR,
    ANYWHERE,
    NOWHERE
  }

  private static final Map<String, List<Row>> ROWS = read();

  private ServiceTable() {}

  static List<Row> of(String program) {
    return ROWS.getOrDefault(program, List.of());
  }

  static Set<String> programs() {
    return ROWS.keySet();
  }

  private static Map<String, List<Row>> read() {
    Map<String, List<Row>> rows = new HashMap<>();
    try (InputStream in = ServiceTable.class.getResourceAsStream("services.tsv")) {
      if (in == null) {
        throw new IllegalStateException("services.tsv is missing from the program");
      }
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          add(line, rows);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("services.tsv cannot be read", e);
    }
    return rows;
  }

  private static void add(String line, Map<String, List<Row>> rows) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 4) {
      throw new IllegalStateException("services.tsv wants four fields, found '" + line + "'");
    }
    List<Word> words =
        Arrays.stream(fields[2].split(" ", -1))
            .filter(w -> !w.isEmpty())
            .map(ServiceTable::word)
            .toList();
    Row row = new Row(Effect.Pack.valueOf(fields[0].toUpperCase(Locale.ROOT)), words, fields[3]);
    for (String program : fields[1].split("\\|", -1)) {
      rows.computeIfAbsent(ShellAnalyzer.base(program), p -> new ArrayList<>()).add(row);
    }
  }

  private static Word word(String text) {
    Place place =
        switch (text.charAt(0)) {
          case '~' -> Place.NEAR;
          case '+' -> Place.ANYWHERE;
          case '!' -> Place.NOWHERE;
          default -> Place.NEXT;
        };
    String bare = place == Place.NEXT ? text : text.substring(1);
    return new Word(Arrays.asList(bare.toLowerCase(Locale.ROOT).split("\\|", -1)), place);
  }
}
