package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalVerifyCommandTest {
  private static final String GOLDEN = "src/test/resources/journal/golden/";

  @TempDir Path home;

  private record Result(int exit, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("verify"));
    all.addAll(List.of(arguments));
    int exit =
        new JournalCommand(InstantSource.fixed(Instant.EPOCH), "alice")
            .commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(new String[0]));
    return new Result(exit, out.toString(), err.toString());
  }

  @Test
  void saysSoundAndWhatItDidNotCheck() {
    Result result = run(GOLDEN + "ratchet");
    assertEquals(0, result.exit(), result.toString());
    assertTrue(result.out().startsWith("Sound: 11 records, 1 to 11\n"), result.out());
    assertTrue(result.out().contains("not checked: no escrow key given"), result.out());
    assertTrue(result.out().contains("only a receiver sees that"), result.out());
    assertEquals("", result.err());
  }

  @Test
  void saysWhereTheDamageIs() {
    Result result = run(GOLDEN + "lost");
    assertEquals(1, result.exit());
    assertTrue(
        result.out().startsWith("Damaged: first at 20261120F.cq4 byte ")
            && result.out().contains("(seq 6): lost: numbers 6 to 9 were lost"),
        result.out());
  }

  @Test
  void writesJson() {
    Result result = run(GOLDEN + "lost", "--format", "json");
    assertEquals(1, result.exit());
    assertTrue(
        result.out().contains("\"sound\" : false") && result.out().contains("\"kind\" : \"lost\""),
        result.out());
  }

  @Test
  void showsAtMostTwentyFindings() throws IOException {
    Path file = home.resolve("e.jsonl");
    Files.writeString(file, "{\"v\":2,\"seq\":1}\n{\"v\":1,\"seq\":1}\n".repeat(100));
    Result result = run(file.toString());
    assertEquals(1, result.exit());
    assertTrue(result.out().lines().count() < 50, result.out());
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() throws IOException {
    Path file = home.resolve("e.jsonl");
    Files.writeString(file, "x\n");
    Files.writeString(home.resolve("e.jsonl.checkpoint"), "{\"first\":1,\"\u001b[31m\":}");
    assertTrue(run(file.toString()).out().indexOf('\u001b') < 0);
  }

  @Test
  void theHomesJournalIsTheDefault() {
    Result result = run("--home", home.toString());
    assertEquals(2, result.exit());
    assertEquals(
        "Nothing to verify: " + home.resolve("journal") + " does not exist\n", result.err());
  }

  @ParameterizedTest
  @CsvSource({"--key, no Ed25519 public key", "--escrow, no PRIVATE KEY"})
  void aKeyThatIsNoneIsRefused(String option, String message) throws IOException {
    Path key = Files.writeString(home.resolve("key"), "nothing");
    Result result = run(GOLDEN + "ratchet", option, key.toString());
    assertEquals(2, result.exit());
    assertTrue(result.err().contains(message), result.err());
    assertTrue(run(GOLDEN + "plain", option, "none").err().contains("there is no such file"));
  }

  @Test
  void helpTeaches() {
    Result result = run("--help");
    assertEquals(0, result.exit());
    assertTrue(
        result.out().contains("Examples:") && result.out().contains("0 sound"), result.out());
  }
}
