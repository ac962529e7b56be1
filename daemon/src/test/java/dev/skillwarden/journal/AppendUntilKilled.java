package dev.skillwarden.journal;

import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A process that appends on several threads and prints the id of each entry once it is
/// acknowledged. Started by [KillTest]. Arguments: journal directory, file of the escrow key, what
/// ids begin with, whether the device key is changed on the way.
final class AppendUntilKilled {
  private static final int THREADS = 4;

  private AppendUntilKilled() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    JournalConfig config = config(Path.of(args[0]), Path.of(args[1]));
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      for (int i = 0; i < THREADS; i++) {
        String begin = args[2] + '-' + i + '-';
        Thread.ofPlatform().start(() -> append(journal, begin, out));
      }
      if (args[3].equals("true")) {
        journal.rotateKey();
      }
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  static JournalConfig config(Path directory, Path escrow) throws IOException {
    JournalConfig defaults = JournalConfig.defaults(directory);
    return new JournalConfig(
        directory,
        defaults.minFreeBytes(),
        defaults.syncInterval(),
        defaults.appendTimeout(),
        defaults.maxWaiting(),
        defaults.sealing().sealedTo(Hpke.Recipient.parse(Files.readString(escrow))),
        defaults.space());
  }

  private static void append(ChronicleJournal journal, String begin, PrintStream out) {
    for (int i = 0; true; i++) {
      String id = begin + i;
      try {
        journal.append(Entries.full(id));
      } catch (IOException e) {
        e.printStackTrace();
        return;
      }
      out.println(id);
    }
  }
}
