package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.Pseudonyms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class JournalCommandTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @TempDir Path home;

  private record Result(int exit, String out, String err) {}

  private CommandLine command(StringWriter out, StringWriter err) {
    return new JournalCommand(InstantSource.fixed(NOON), "alice")
        .commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err));
  }

  private Result run(String line) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments = (line + " --home " + home).split(" ");
    return new Result(command(out, err).execute(arguments), out.toString(), err.toString());
  }

  private void write() throws IOException {
    try (ChronicleJournal journal =
        ChronicleJournal.open(JournalConfig.defaults(home.resolve("journal")))) {
      journal.append(entry("d-1", "alice", "deny", "remote-code-pipe", "curl x | sh", 180));
      journal.append(entry("d-2", "bob", "deny", "disk", "dd\u001b[31m of=/dev/sda\n", 60));
      journal.append(entry("d-3", "alice", "none", "", "ls", 1));
    }
  }

  private static JournalEntry entry(
      String id, String account, String decision, String rule, String command, int minutesAgo) {
    return JournalEntry.of(
            NOON.minus(Duration.ofMinutes(minutesAgo)), id, JournalEntry.Kind.TOOL, account)
        .call("s", "Bash", "t")
        .decision(decision, rule, "")
        .command(command, List.of())
        .build();
  }

  private static List<String> ids(String out) {
    return out.lines().map(line -> line.replaceAll(".*(d-\\d).*", "$1")).toList();
  }

  @Test
  void showsOneLineAnEntry() throws IOException {
    write();
    assertEquals(
        new Result(
            0,
            """
            2026-11-20T09:00:00Z  d-1       alice       tool           Bash        deny   remote-code-pipe      curl x | sh
            2026-11-20T11:00:00Z  d-2       bob         tool           Bash        deny   disk                  dd\\u{1b}[31m of=/dev/sda\\n
            2026-11-20T11:59:00Z  d-3       alice       tool           Bash        none                         ls
            """,
            ""),
        run("show"));
  }

  @ParameterizedTest
  @CsvSource({
    "show, d-1 d-2 d-3",
    "show --mine, d-1 d-3",
    "show --denied, d-1 d-2",
    "show --since 2h, d-2 d-3",
    "show --since 2026-11-20T11:30:00Z, d-3",
    "show --since 2026-11-20, d-1 d-2 d-3",
    "show --mine --denied --since 1d, d-1",
    "show --limit 0, d-1 d-2 d-3",
    "show --format json, d-1 d-2 d-3"
  })
  void filters(String line, String expected) throws IOException {
    write();
    Result result = run(line);
    assertEquals(List.of(expected.split(" ")), ids(result.out()));
    assertEquals("", result.err());
    assertEquals(0, result.exit());
  }

  @Test
  void aLimitKeepsTheNewestAndSaysSo() throws IOException {
    write();
    Result result = run("show --limit 2");
    assertEquals(List.of("d-2", "d-3"), ids(result.out()));
    assertEquals("Newest 2 of 3; --limit 0 shows all.\n", result.err());
  }

  @Test
  void countsAsTextAndAsJson() throws IOException {
    write();
    Result text = run("stats");
    assertTrue(text.out().startsWith("3 entries\n"), text.out());
    assertTrue(text.out().contains("2026-11-20  3        2\n"), text.out());
    Result json = run("stats --since 2h --format json");
    assertTrue(json.out().contains("\"top_denied\" : {\n    \"disk\" : 1\n  }"), json.out());
  }

  @Test
  void countsOnesOwn() throws IOException {
    write();
    assertTrue(run("stats --mine").out().startsWith("2 entries\n"), run("stats --mine").out());
  }

  @Test
  void anEmptyJournalIsNoError() throws IOException {
    Files.createDirectory(home.resolve("journal"));
    Result empty = new Result(0, "", "The journal is empty: nothing was decided yet.\n");
    assertEquals(empty, run("show"));
    assertEquals(empty, run("stats"));
  }

  @Test
  void nothingThatMatchesIsNoError() throws IOException {
    write();
    assertEquals(new Result(0, "", "None of 3 entries matches.\n"), run("show --since 10s"));
  }

  @Test
  void aMissingJournalSaysWhatToDo() {
    Result result = run("show");
    assertEquals(2, result.exit());
    assertTrue(
        result.err().contains(home.resolve("journal").toString())
            && result.err().contains("skillwarden start")
            && result.err().contains("--home"),
        result.err());
  }

  @ParameterizedTest
  @CsvSource({
    "show --since yesterday, a span such as 30m",
    "show --since 2026-13-45, a span such as 30m",
    "show --limit -1, 0 (all) or more",
    "show --format xml, xml",
    "--help-me, --help-me"
  })
  void refusesWrongUsage(String line, String message) throws IOException {
    write();
    Result result = run(line);
    assertEquals(2, result.exit());
    assertTrue(result.err().contains(message), result.err());
  }

  @Test
  void warnsOfDamage() throws IOException {
    write();
    Path file = home.resolve("journal");
    try (java.util.stream.Stream<Path> files = Files.list(file)) {
      file = files.filter(path -> path.toString().endsWith(".cq4")).findAny().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    String raw = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    bytes[raw.indexOf("\"d-2\"")] = 'x';
    Files.write(file, bytes);
    Result result = run("show");
    assertEquals(List.of("d-1", "d-3"), ids(result.out()));
    assertTrue(result.err().contains("1 unreadable"), result.err());
    assertEquals(0, result.exit());
  }

  @Test
  void findsOnesOwnEntriesUnderAPseudonymToo() throws IOException {
    write();
    Pseudonyms pseudonyms =
        Pseudonyms.open(
            home.resolve("journal").resolve(Pseudonyms.KEY_FILE), name -> Path.of("/home", name));
    try (ChronicleJournal journal =
        ChronicleJournal.open(
            JournalConfig.defaults(home.resolve("journal")), Optional.of(pseudonyms))) {
      journal.append(entry("d-4", "alice", "deny", "disk", "ls /home/alice", 0));
      journal.append(entry("d-5", "bob", "deny", "disk", "ls", 0));
    }
    assertEquals(List.of("d-1", "d-3", "d-4"), ids(run("show --mine").out()));
    String name = pseudonyms.of("alice");
    assertTrue(run("show --mine").out().contains("ls /home/" + name), run("show --mine").out());
    assertEquals(new Result(0, name + "\n", ""), run("pseudonym"));
    assertEquals(new Result(0, pseudonyms.of("bob") + "\n", ""), run("pseudonym bob"));
  }

  @Test
  void saysThatThereAreNoPseudonyms() {
    assertEquals(
        new Result(
            2,
            "",
            """
            There is no key of pseudonyms at %s/journal/pseudonym.key.
            The daemon makes it when it starts with journal.pseudonyms: true.
            """
                .formatted(home)),
        run("pseudonym"));
  }
}
