package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyTest {
  private static final Pseudonyms PSEUDONYMS =
      new Pseudonyms(new KeyedDigest(new byte[32]), account -> Path.of("/home", account));

  private static final String ANA = PSEUDONYMS.of("ana");

  @TempDir Path directory;

  private static JournalEntry command(String command) {
    return JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.TOOL, "ana")
        .command(command, List.of())
        .build();
  }

  private static JournalEntry stored(JournalEntry entry) {
    return EntryCodec.bounded(entry, Entries.PRIVACY);
  }

  private static JournalEntry pseudonymous(JournalEntry entry) {
    return EntryCodec.bounded(
        entry, new Privacy(Entries.PRIVACY.digest(), Optional.of(PSEUDONYMS)));
  }

  /// HMAC-SHA-256 under 32 zero bytes, as `openssl dgst -sha256 -mac HMAC` has it.
  @Test
  void hasADigestOfACommandThatItDoesNotHaveTheWholeOf() {
    JournalEntry stored = stored(command("mysql -phunter2"));
    assertEquals("mysql -p[redacted:password]", stored.command());
    assertEquals("1562d13e3c72d07491c571cee197d6c9", stored.digest());
    assertEquals(stored.digest(), stored(command("mysql -phunter2")).digest());
    assertNotEquals(stored.digest(), stored(command("mysql -phunter3")).digest());
    assertEquals("", stored(command("ls")).digest());
    assertEquals(32, stored(command("a".repeat(20_000))).digest().length());
  }

  /// Whoever has a plain digest of a command can try all short passwords.
  @Test
  void hasNothingThatCanBeMadeWithoutTheKey() throws IOException {
    String called = "echo " + "a".repeat(20_000) + "; mysql -phunter2";
    String line = new String(EntryCodec.encode(1, stored(command(called))), StandardCharsets.UTF_8);
    assertFalse(line.contains(Sha256.of(called.getBytes(StandardCharsets.UTF_8))), line);
    assertTrue(line.contains("[whole: 20022 characters]"), line);
  }

  @Test
  void keepsWhatMatchedOfALongCommand() {
    String called = "a ".repeat(50_000) + "rm -rf /precious " + "b ".repeat(50_000);
    JournalEntry entry =
        JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.TOOL, "ana")
            .command(called, List.of())
            .matched(new JournalEntry.Span(100_000, 100_016))
            .build();
    JournalEntry stored = stored(entry);
    assertTrue(stored.command().contains("a a rm -rf /precious b b"), stored.command());
    assertEquals(JournalEntry.Span.NONE, stored.matched());
    assertTrue(pseudonymous(entry).command().contains("a a rm -rf /precious b b"));
  }

  @Test
  void makesItsKeyOnceForItsOwnerOnly() throws IOException {
    String first = Privacy.open(directory, Optional.empty()).digest("a", "");
    Path file = directory.resolve(Privacy.KEY_FILE);
    assertEquals(first, Privacy.open(directory, Optional.empty()).digest("a", ""));
    assertTrue(Files.readString(file).matches("[0-9a-f]{64}\n"));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertNotEquals(
        first, Privacy.open(directory.resolve("other"), Optional.empty()).digest("a", ""));
  }

  /// What tells equal commands is worth less than the journal.
  @Test
  void worksWithAKeyThatIsDamaged() throws IOException {
    Path file = Files.writeString(directory.resolve(Privacy.KEY_FILE), "short");
    assertEquals(32, Privacy.open(directory, Optional.empty()).digest("a", "").length());
    assertEquals("short", Files.readString(file));
  }

  @Test
  void refusesAPseudonymKeyThatIsDamaged() throws IOException {
    Path file = Files.writeString(directory.resolve("k"), "short");
    IOException e = assertThrows(IOException.class, () -> Pseudonyms.open(file, Path::of));
    assertEquals(
        file
            + " has 5 characters that are no key, 64 hexadecimal digits are wanted; restore it, or"
            + " remove it to have a new one made",
        e.getMessage());
  }

  @Test
  void hasThePseudonymsOfItsKey() throws IOException {
    assertEquals("u-aa50888b6abcd3a0", ANA);
    assertEquals(Optional.empty(), Pseudonyms.read(directory.resolve("k")));
    Pseudonyms made = Pseudonyms.open(directory.resolve("k"), Path::of);
    assertEquals(made.of("ana"), Pseudonyms.read(directory.resolve("k")).orElseThrow().of("ana"));
    assertNotEquals(ANA, made.of("ana"));
  }

  @ParameterizedTest
  @CsvSource({
    "rm -rf /home/ana/x, rm -rf /home/U/x",
    "ls /home/ana, ls /home/U",
    "ls /home/ana. /home/ana.bak /home/anabel /home/ana-2, ls /home/U. /home/ana.bak /home/anabel"
        + " /home/ana-2",
    "cd '/home/ana' && scp ana@h:x /srv/home/ana, cd '/home/U' && scp ana@h:x /srv/home/ana",
    "cat /home/bob/x, cat /home/bob/x",
  })
  void namesTheCallersHomeByThePseudonym(String called, String expected) {
    assertEquals(expected.replace("U", ANA), pseudonymous(command(called)).command());
  }

  @Test
  void namesTheCallerNowhereInWhatItSays() {
    JournalEntry entry =
        JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.INVOKE, "ana")
            .decision("deny", "ACL_DENIED", "account ana is not in team banana.")
            .command("cat a", List.of("/home/ana/.ssh/id", "/home/ana"))
            .detail("asked by ana")
            .facts(Map.of("why", "x"))
            .build();
    JournalEntry stored = pseudonymous(entry);
    assertEquals(ANA, stored.account());
    assertEquals("account %s is not in team banana.".formatted(ANA), stored.reason());
    assertEquals(List.of("/home/%s/.ssh/id".formatted(ANA), "/home/" + ANA), stored.paths());
    assertEquals("asked by " + ANA, stored.detail());
    assertEquals("", stored.digest());
    assertEquals("ana", stored(entry).account());
  }

  @Test
  void leavesReceiptsAsTheyAreSigned() {
    String note = "origin\n1\nkey=q1W2e3R4t5Y6u7I8o9P0a1S2d3F4\n";
    JournalEntry receipt =
        JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.RECEIPT, "a")
            .facts(Map.of("note", note))
            .build();
    assertEquals(Map.of("note", note), stored(receipt).facts());
    JournalEntry rejected =
        JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.DELIVERY_REJECTED, "a")
            .facts(Map.of("message", "no: https://u:hunter2@h/"))
            .build();
    assertEquals(
        Map.of("message", "no: https://u:[redacted:url-password]@h/"), stored(rejected).facts());
  }
}
