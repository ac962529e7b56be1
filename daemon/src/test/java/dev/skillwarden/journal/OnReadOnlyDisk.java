package dev.skillwarden.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Tries to open a journal on a file system that is read-only. Started by [SmallDiskTest].
final class OnReadOnlyDisk {
  private OnReadOnlyDisk() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    JournalConfig config =
        AppendUntilKilled.config(Path.of(args[0]).resolve("journal"), Path.of(args[1]));
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      out.println("opened, last " + journal.lastSeq());
    } catch (IOException e) {
      out.println("refused: " + e);
    }
  }
}
