package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.redact.SecretCorpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every command of the corpus in every text of an entry, through the journal as it runs, and then
/// every byte of every file in its directory.
class SecretsOnDiskTest {
  /// Digests, keys and times are digits of their own, in which short pieces occur by chance.
  private static final String MADE =
      "\"(hash|mac|digest|ts|id|device|install|public_key|signature|note)\":\"[^\"]*\"|\"seq\":\\d+|\"duration_us\":\\d+";

  @TempDir Path directory;

  private static JournalEntry full(String id, JournalEntry.Kind kind, String text) {
    return JournalEntry.of(Entries.NOON, id, kind, text)
        .call(text, text, text)
        .skill(text, text)
        .decision(text, text, text)
        .command(text, List.of(text, "/tmp/x; " + text))
        .outcome(text)
        .under(text, text)
        .detail(text)
        .facts(Map.of("why", text))
        .build();
  }

  @Test
  void noPieceOfASecretIsInAnyFile() throws IOException {
    List<SecretCorpus.Made> corpus = new ArrayList<>();
    List<JournalEntry.Kind> kinds =
        Stream.of(JournalEntry.Kind.values())
            .filter(k -> k != JournalEntry.Kind.RECEIPT && k != JournalEntry.Kind.KEY_ROTATION)
            .toList();
    try (ChronicleJournal journal = ChronicleJournal.open(JournalConfig.defaults(directory))) {
      for (String template : SecretCorpus.templates()) {
        SecretCorpus.Made made = SecretCorpus.made(template, 1_000 + corpus.size());
        JournalEntry.Kind kind = kinds.get(corpus.size() % kinds.size());
        journal.append(full("x" + corpus.size(), kind, made.text()));
        corpus.add(made);
      }
    }
    assertTrue(corpus.size() > 250, "templates: " + corpus.size());
    String disk = disk();
    assertEquals(corpus.size(), disk.split("\"outcome\":\"", -1).length - 1);
    TreeSet<String> left = new TreeSet<>();
    for (SecretCorpus.Made made : corpus) {
      made.pieces().filter(disk::contains).forEach(piece -> left.add(piece + " of " + made.text()));
    }
    assertEquals(new TreeSet<>(), left);
  }

  /// All that is in the directory, but for what the journal computes.
  private String disk() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".key") && !name.endsWith(".state") && !name.equals("device.json")) {
          all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return all.toString().replaceAll(MADE, "");
  }
}
