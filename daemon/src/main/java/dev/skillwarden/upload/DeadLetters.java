package dev.skillwarden.upload;

import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.journal.RawLine;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Batches that the receiver did not take and that must not be sent again as they are:
/// `rejected-FROM-TO.json`. They stay until a person removes them; until then no receipt covers
/// what is in them or after.
final class DeadLetters {
  private static final Pattern NAME = Pattern.compile("rejected-(\\d{1,19})-(\\d{1,19})\\.json");

  private final Path directory;

  DeadLetters(Path directory) {
    this.directory = directory;
  }

  /// @return name of the file
  String keep(List<RawLine> lines, String why) throws IOException {
    long from = lines.getFirst().seq();
    long to = lines.getLast().seq();
    ObjectNode json =
        Json.object().put("from", from).put("to", to).put("count", lines.size()).put("why", why);
    ArrayNode array = json.putArray("lines");
    lines.forEach(l -> array.add(l.line()));
    String name = "rejected-%d-%d.json".formatted(from, to);
    PrivateFiles.write(
        directory.resolve(name), (Json.write(json) + "\n").getBytes(StandardCharsets.UTF_8));
    return name;
  }

  /// Number of the first record in any of them.
  OptionalLong first() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(f -> NAME.matcher(String.valueOf(f.getFileName())))
          .filter(Matcher::matches)
          .mapToLong(m -> Long.parseLong(m.group(1)))
          .min();
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  /// How many files there are.
  long count() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> NAME.matcher(String.valueOf(f.getFileName())).matches()).count();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
