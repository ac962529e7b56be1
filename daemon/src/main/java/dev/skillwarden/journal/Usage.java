package dev.skillwarden.journal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// How much of its disk cap the journal has used, and how much of that each account. What was there
/// at the start is counted beside the work; until then nothing is refused.
final class Usage {
  private static final Logger LOG = System.getLogger(Usage.class.getName());
  private static final int PERCENT = 100;

  private final JournalConfig.Space space;
  private final Map<String, Long> byAccount = new HashMap<>();
  private long total;

  Usage(JournalConfig.Space space) {
    this.space = space;
  }

  /// Bytes of all records.
  synchronized long total() {
    return total;
  }

  /// Used part of the cap.
  int percent() {
    return (int) Math.min(PERCENT, total() * PERCENT / space.maxBytes());
  }

  /// Why an account may not append this much, empty when it may.
  synchronized Optional<String> refusal(String account, long bytes) {
    if (total + bytes > space.maxBytes()) {
      return Optional.of(
          "the journal has used its %d MiB (journal.max-mib); raise it, or see with `skillwarden upload status` why nothing leaves"
              .formatted(space.maxBytes() >> 20));
    }
    long share = space.maxBytes() / PERCENT * space.accountPercent();
    if (byAccount.getOrDefault(account, 0L) + bytes > share) {
      return Optional.of(
          "account %s has used its share of the journal, %d MiB (journal.account-percent)"
              .formatted(account, share >> 20));
    }
    return Optional.empty();
  }

  synchronized void add(String account, long bytes) {
    total += bytes;
    byAccount.merge(account, bytes, Long::sum);
  }

  /// Counts what these files hold, up to a record.
  ///
  /// @param last number of the last record that is not counted elsewhere
  void count(Iterable<Path> files, long last) throws IOException {
    for (Path file : files) {
      new QueueFile(file)
          .read(
              0,
              line -> {
                if (Recovery.seqOf(line) <= last) {
                  add(accountOf(line), line.length);
                }
              });
    }
  }

  /// A file is about to be deleted.
  void remove(Path file) throws IOException {
    try {
      new QueueFile(file).read(0, line -> add(accountOf(line), -line.length));
    } catch (NoSuchFileException e) {
      LOG.log(Level.WARNING, "{0} is gone already", file);
    }
  }

  /// Every record has it among its first keys, as the system's login name: no escapes.
  private static String accountOf(byte[] line) {
    String begin = new String(line, 0, Math.min(line.length, 1024), StandardCharsets.UTF_8);
    String key = "\"account\":\"";
    int from = begin.indexOf(key) + key.length();
    int to = begin.indexOf('"', from);
    return from < key.length() || to < 0 ? "" : begin.substring(from, to);
  }
}
