package dev.skillwarden.cli;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Files of one JSON value a line.
final class JsonLines {
  /// Problems reported of one file.
  private static final int MAX_PROBLEMS = 20;

  private JsonLines() {}

  /// Reads one line's value; an [IllegalArgumentException] says what is wrong with it.
  interface Reader {
    void accept(JsonNode node);
  }

  /// @throws InvalidTextException with every bad line, up to 20
  static void read(Path file, Reader reader) throws IOException, InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new InvalidTextException(
          List.of(new Problem(file.toString(), 0, 0, "is not UTF-8: " + e.getMessage())));
    }
    for (int i = 0; i < lines.size() && problems.size() < MAX_PROBLEMS; i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        reader.accept(Json.parse(file.toString(), lines.get(i)));
      } catch (InvalidTextException e) {
        Problem problem = e.problems().getFirst();
        problems.add(new Problem(file.toString(), i + 1, problem.column(), problem.message()));
      } catch (IllegalArgumentException e) {
        problems.add(new Problem(file.toString(), i + 1, 1, String.valueOf(e.getMessage())));
      }
    }
    if (lines.stream().allMatch(String::isBlank)) {
      problems.add(
          new Problem(file.toString(), 1, 1, "is empty; one JSON object a line is wanted"));
    }
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
  }
}
