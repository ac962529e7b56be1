package dev.skillwarden.journal.verify;

import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// How many records a second the verifier reads: chain, a checkpoint every 100 records, with and
/// without the ratchet key. Makes its journal in a temporary directory; the argument is the number
/// of records.
public final class VerifyLoad {
  private static final int ROUNDS = 5;

  private VerifyLoad() {}

  public static void main(String[] args) throws IOException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 300_000;
    Path directory = Files.createTempDirectory("verify-load");
    ReferenceJournal journal = new ReferenceJournal("first").enroll(true).checkpoint("start");
    journal.many(count).save(directory);
    Path export = directory.resolve("export.otlp.jsonl");
    journal.export(export, Files.newOutputStream(export), true, 1, journal.next - 1);
    VerifyOptions escrow =
        new VerifyOptions(
            Optional.empty(),
            Optional.of(Hpke.Opener.parse(ReferenceJournal.escrowPem("escrow"))),
            Optional.empty());
    for (int round = 0; round < ROUNDS; round++) {
      measure("directory", directory, VerifyOptions.none());
      measure("directory, ratchet", directory, escrow);
      measure("otlp-jsonl, ratchet", export, escrow);
    }
  }

  private static void measure(String name, Path path, VerifyOptions options) throws IOException {
    PrintStream out = System.out;
    long begun = System.nanoTime();
    Verdict verdict = JournalVerifier.verify(path, options, Progress.NONE);
    double seconds = (System.nanoTime() - begun) / 1e9;
    out.printf(
        Locale.ROOT,
        "%-20s %,d records %s, %.2f s, %,.0f/s%n",
        name,
        verdict.records(),
        verdict.sound() ? "sound" : verdict.findings().toString(),
        seconds,
        verdict.records() / seconds);
  }
}
