package dev.skillwarden.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A process that appends and prints each number once it is acknowledged. Started by [KillTest].
final class AppendUntilKilled {
  private AppendUntilKilled() {}

  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (ChronicleJournal journal =
        ChronicleJournal.open(JournalConfig.defaults(Path.of(args[0])))) {
      while (true) {
        long seq = journal.append(Entries.full("e"));
        out.println(seq);
      }
    }
  }
}
