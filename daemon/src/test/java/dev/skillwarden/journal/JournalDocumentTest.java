package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whoever is recorded can read what is recorded: docs/journal.md lists it all, and nothing else.
class JournalDocumentTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static String document() throws IOException {
    return Files.readString(Path.of("../docs/journal.md"));
  }

  private static List<String> codes(Stream<String> texts) {
    return texts
        .flatMap(text -> CODE.matcher(text).results())
        .map((MatchResult code) -> code.group(1))
        .toList();
  }

  @Test
  void listsEveryKeyInItsOrder() throws IOException {
    List<String> actual =
        List.copyOf(EntryCodec.toJson(new StoredEntry(1, Entries.full("d-1"))).propertyNames());
    String table = document().substring(document().indexOf("| key | what |"));
    List<String> documented =
        codes(
            table
                .lines()
                .takeWhile(line -> line.startsWith("|"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1)[1]));
    assertEquals(actual, documented);
  }

  @Test
  void listsEveryKind() throws IOException {
    String kinds = document().substring(document().indexOf("Kinds: "));
    assertEquals(
        Stream.of(JournalEntry.Kind.values()).map(EntryCodec::kind).toList(),
        codes(Stream.of(kinds.substring(0, kinds.indexOf('.')))));
  }
}
