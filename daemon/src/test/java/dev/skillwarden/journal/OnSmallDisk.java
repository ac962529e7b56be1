package dev.skillwarden.journal;

import dev.skillwarden.journal.verify.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Appends on a file system that is small until it is full, makes room, goes on, and says what it
/// found. Started by [SmallDiskTest] in a mount namespace of its own. Arguments: a directory on the
/// file system, file of the escrow key, file of its private half.
final class OnSmallDisk {
  private static final int BALLAST = 1 << 20;

  private OnSmallDisk() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Path disk = Path.of(args[0]);
    Path journal = disk.resolve("journal");
    Path ballast = disk.resolve("ballast");
    Files.write(ballast, new byte[BALLAST]);
    List<String> acknowledged = new ArrayList<>();
    JournalConfig config = AppendUntilKilled.config(journal, Path.of(args[1]));
    try (ChronicleJournal open =
        // the limit on free space is out of the way, so that the disk is really full
        ChronicleJournal.open(
            config,
            path -> path.toFile().getUsableSpace() + (1L << 40),
            ChronicleStore::open,
            java.time.InstantSource.system())) {
      String failure = fill(open, acknowledged);
      out.println("failed: " + failure);
      Files.delete(ballast);
      Thread.sleep(500);
      for (int i = 0; i < 50; i++) {
        open.append(Entries.full("after-" + i));
        acknowledged.add("after-" + i);
      }
    }
    Set<String> missing = new TreeSet<>(acknowledged);
    JournalReader.open(journal)
        .forEach(JournalFilter.ALL, stored -> missing.remove(stored.entry().id()));
    out.println("acknowledged: " + (acknowledged.size() > 100));
    out.println("missing: " + missing);
    Verdict verdict = Verifying.verify(journal, Path.of(args[2]));
    out.println("findings: " + verdict.findings());
  }

  private static String fill(ChronicleJournal journal, List<String> acknowledged) {
    for (int i = 0; true; i++) {
      try {
        journal.append(Entries.full("e-" + i));
        acknowledged.add("e-" + i);
      } catch (IOException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }
}
