package dev.skillwarden.journal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Looks at what the last owner left, before anything is appended. A damaged newest file is
/// renamed, never changed or deleted, and stays part of the journal for readers.
///
/// @param lastSeq highest sequence number found, 0 for an empty journal
record Recovery(long lastSeq) {
  private static final Logger LOG = System.getLogger(Recovery.class.getName());

  static Recovery of(Path directory) throws IOException {
    List<Path> files = JournalReader.files(directory);
    long lastSeq = 0;
    for (Path file : files.reversed()) {
      Scan scan = new Scan();
      new QueueFile(file).read(0, scan);
      lastSeq = Math.max(lastSeq, scan.seq + scan.unknown);
      boolean newest = file.equals(files.getLast());
      if (newest && !Files.isWritable(file)) {
        throw new AccessDeniedException(
            file.toString(), null, "not writable; give it to the account of the daemon");
      }
      boolean inUse = QueueName.of(file).orElseThrow().aside() == Integer.MAX_VALUE;
      if (newest && inUse && (scan.damaged || !scan.started)) {
        setAside(file);
      }
      if (scan.seq > 0) {
        break;
      }
    }
    return new Recovery(lastSeq);
  }

  /// Files of days to come were begun while the clock was wrong. The queue would write to the file
  /// of today beside them, and the order of the files would no longer be that of the entries. So
  /// all from today on are set aside under the name of today, in their order.
  static void setAsideFuture(Path directory, LocalDate today) throws IOException {
    String day = today.format(DateTimeFormatter.BASIC_ISO_DATE) + "F";
    List<Path> files = JournalReader.files(directory);
    boolean future =
        files.stream().anyMatch(f -> QueueName.of(f).orElseThrow().day().compareTo(day) > 0);
    if (!future) {
      return;
    }
    for (Path file : files) {
      QueueName name = QueueName.of(file).orElseThrow();
      int order = name.day().compareTo(day);
      if (order > 0 || (order == 0 && name.aside() == Integer.MAX_VALUE)) {
        Path aside = free(directory.resolve(day + ".cq4"));
        Files.move(file, aside);
        LOG.log(
            Level.WARNING,
            "the clock was set back: " + file + " goes on as " + aside.getFileName());
      }
    }
  }

  /// The next unused name for a file set aside.
  private static Path free(Path file) {
    int number = 1;
    while (Files.exists(file.resolveSibling(file.getFileName() + ".damaged-" + number))) {
      number++;
    }
    return file.resolveSibling(file.getFileName() + ".damaged-" + number);
  }

  /// Renames the newest file, so that a new one is begun.
  static void setAsideNewest(Path directory) throws IOException {
    List<Path> files = JournalReader.files(directory);
    if (!files.isEmpty()
        && QueueName.of(files.getLast()).orElseThrow().aside() == Integer.MAX_VALUE) {
      setAside(files.getLast());
    }
  }

  private static void setAside(Path file) throws IOException {
    if (Files.size(file) == 0) {
      Files.delete(file);
      return;
    }
    Path aside = free(file);
    Files.move(file, aside);
    LOG.log(
        Level.WARNING,
        "journal file "
            + file
            + " is damaged and was set aside as "
            + aside.getFileName()
            + "; its readable entries stay in the journal");
  }

  /// Finds the highest sequence number without decoding entries.
  private static final class Scan implements QueueFile.Visitor {
    private long seq;
    private long unknown;
    private boolean damaged;
    private boolean started;

    @Override
    public void start(boolean sound) {
      started = sound;
    }

    @Override
    public void entry(long position, byte[] line) {
      long found = seqOf(line);
      if (found > 0) {
        seq = Math.max(seq, found);
        unknown = 0;
      } else {
        unknown++;
        damaged = true;
      }
    }

    @Override
    public void damage(long from, long to, String what) {
      damaged = true;
    }

    private static long seqOf(byte[] line) {
      String begin = new String(line, 0, Math.min(line.length, 48), StandardCharsets.UTF_8);
      int key = begin.indexOf("\"seq\":");
      int end = begin.indexOf(',', key);
      if (key < 0 || end < 0) {
        return 0;
      }
      try {
        return Long.parseLong(begin.substring(key + 6, end));
      } catch (NumberFormatException e) {
        return 0;
      }
    }
  }
}
