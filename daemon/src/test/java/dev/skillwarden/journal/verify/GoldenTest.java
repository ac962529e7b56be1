package dev.skillwarden.journal.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Journals that are kept as files: what was sound once stays sound, and the script for auditors
/// agrees with the verifier. `-Dgolden.write=true` writes them anew.
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/journal/golden");
  private static final Path SCRIPT = Path.of("../installer/collector/verify_journal.py");

  @TempDir Path temporary;

  /// What a golden journal is, and what is to be said of it.
  private record Expected(long records, long first, long last, Verdict.Ratchet ratchet, int macs) {}

  private static Map<String, Expected> expected() {
    Map<String, Expected> all = new TreeMap<>();
    all.put("plain", new Expected(9, 1, 9, Verdict.Ratchet.OFF, 0));
    all.put("ratchet", new Expected(11, 1, 11, Verdict.Ratchet.VERIFIED, 10));
    all.put("rotation", new Expected(13, 1, 13, Verdict.Ratchet.VERIFIED, 12));
    all.put("lost", new Expected(10, 1, 14, Verdict.Ratchet.VERIFIED, 9));
    all.put("retention", new Expected(9, 11, 19, Verdict.Ratchet.VERIFIED, 9));
    all.put("version-1-prefix", new Expected(6, 5, 10, Verdict.Ratchet.VERIFIED, 5));
    return all;
  }

  private static ReferenceJournal make(String name) throws IOException {
    ReferenceJournal journal = new ReferenceJournal(name);
    return switch (name) {
      case "plain" ->
          journal
              .enroll(false)
              .checkpoint("start")
              .tools(3)
              .newFile("20261121F.cq4")
              .tools(2)
              .checkpoint("stop");
      case "ratchet" -> journal.enroll(true).checkpoint("start").tools(8).checkpoint("stop");
      case "rotation" ->
          journal
              .enroll(true)
              .checkpoint("start")
              .tools(3)
              .rotate("device-2", true)
              .checkpoint("rotation")
              .tools(5)
              .checkpoint("stop");
      case "lost" ->
          journal
              .enroll(true)
              .checkpoint("start")
              .tools(3)
              .lose(4, "disk")
              .tools(3)
              .checkpoint("stop");
      case "retention" -> {
        journal.enroll(true).checkpoint("start").tools(3);
        byte[] zeros = new byte[32];
        journal.rotate("device-2", true).checkpoint("rotation").tools(2).checkpoint("time");
        journal.newFile("20261121F.cq4").tools(3).retire(zeros).tools(3).checkpoint("stop");
        yield journal;
      }
      case "version-1-prefix" ->
          journal.unchained(4).enroll(true).checkpoint("start").tools(3).checkpoint("stop");
      default -> throw new AssertionError(name);
    };
  }

  private static String firstKey(String name) throws IOException {
    String first = make(name).firstKey;
    return name.equals("retention") ? dev.skillwarden.text.Sha256.of("second " + first) : first;
  }

  static Stream<String> names() {
    return expected().keySet().stream();
  }

  private static VerifyOptions options() throws IOException {
    return new VerifyOptions(
        Optional.of(Ed25519.publicKeys(ReferenceJournal.publicPem("device-1")).getFirst()),
        Optional.of(Hpke.Opener.parse(ReferenceJournal.escrowPem("escrow"))),
        Optional.empty());
  }

  @ParameterizedTest
  @MethodSource("names")
  void isStillSound(String name) throws IOException {
    Path directory = GOLDEN.resolve(name);
    if (Boolean.getBoolean("golden.write")) {
      make(name).save(directory);
    }
    Verdict verdict = JournalVerifier.verify(directory, options(), Progress.NONE);
    Expected wanted = expected().get(name);
    assertEquals(
        wanted,
        new Expected(
            verdict.records(),
            verdict.first(),
            verdict.last(),
            verdict.ratchet(),
            (int) verdict.macs()),
        verdict.toString());
    assertEquals(
        name.equals("lost") ? Set.of(Finding.Kind.LOST) : Set.of(),
        Set.copyOf(verdict.findings().stream().map(Finding::kind).toList()),
        verdict.toString());
  }

  @ParameterizedTest
  @MethodSource("names")
  void theScriptSaysTheSame(String name) throws Exception {
    Script.Result result =
        Script.run(GOLDEN.resolve(name).toString(), "--first-key", firstKey(name));
    assertEquals(name.equals("lost") ? 1 : 0, result.exit(), result.output());
    assertTrue(
        result
            .output()
            .contains(
                java.util.Objects.requireNonNull(expected().get(name)).records() + " records"),
        result.output());
  }

  /// Rows of the attack table that concern what the script looks at.
  static Stream<AttackTest.Row> attacks() {
    Set<String> beyond =
        Set.of(
            "cut tail",
            "cut a whole file",
            "state deleted",
            "state zeroed",
            "re-hash the tail",
            "empty file",
            "truncated mid-record",
            "wrong verify key",
            "wrong escrow key",
            "unchained: all of version 1",
            "record marked bookkeeping",
            "delete the first file",
            "empty first file");
    return AttackTest.attacks()
        .filter(row -> row.with().equals("none") && !beyond.contains(row.name()));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void theScriptFindsAttacks(AttackTest.Row row) throws Exception {
    Path at = temporary.resolve("journal");
    AttackTest.prepare(row, at);
    Script.Result result = Script.run(at.toString());
    assertEquals(row.kind().isPresent() ? 1 : 0, result.exit(), result.output());
  }

  @Test
  void theScriptChecksMacs() throws Exception {
    ReferenceJournal journal = AttackTest.journal();
    journal.rewrite(24, (seq, hash) -> ReferenceJournal.hmac(new byte[32], hash));
    Path at = journal.save(temporary.resolve("journal"));
    assertEquals(0, Script.run(at.toString()).exit());
    Script.Result result = Script.run(at.toString(), "--first-key", journal.firstKey);
    assertEquals(1, result.exit());
    assertTrue(result.output().contains("seq 24: mac"), result.output());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 6, 12, 13})
  void theScriptReadsExports(long from) throws Exception {
    Path file = temporary.resolve("export.jsonl");
    AttackTest.journal().export(file, Files.newOutputStream(file), false, from, 25);
    Script.Result sound = Script.run(file.toString());
    assertEquals(0, sound.exit(), sound.output());
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.removeLast();
    Files.write(file, lines);
    assertTrue(Script.run(file.toString()).output().contains("seq 25: tail"));
  }

  @Test
  void theScriptSaysWhenThereIsNothing() throws Exception {
    assertEquals(2, Script.run(temporary.resolve("none").toString()).exit());
    assertEquals(2, Script.run().exit());
  }

  /// Runs the script.
  private static final class Script {
    record Result(int exit, String output) {}

    static Result run(String... arguments) throws IOException, InterruptedException {
      assumeTrue(present(), "python3 is not here: the script for auditors is not tested");
      List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString()));
      command.addAll(List.of(arguments));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      return new Result(process.exitValue(), output);
    }

    private static boolean present() {
      return Stream.of(
              System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1))
          .anyMatch(directory -> Files.isExecutable(Path.of(directory, "python3")));
    }
  }
}
