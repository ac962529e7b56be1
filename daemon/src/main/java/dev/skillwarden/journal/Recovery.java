package dev.skillwarden.journal;

import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Looks at what the last owner left, before anything is appended. A damaged newest file is
/// renamed, never changed or deleted, and stays part of the journal for readers.
///
/// @param lastSeq number of the last readable record, -1 when there is none
/// @param lastHash its hash, empty when the journal has no chain yet
/// @param unreadable records found after it
/// @param segment the file it is in
/// @param keySeq number of the last record of that file that names a device key, -1 when none does
/// @param keyLine that record
/// @param keyFacts what it says
record Recovery(
    long lastSeq,
    byte[] lastHash,
    long unreadable,
    Segment segment,
    long keySeq,
    String keyLine,
    Map<String, String> keyFacts) {
  private static final Logger LOG = System.getLogger(Recovery.class.getName());

  /// How records of version 1 begin, which have no hash.
  private static final byte[] UNCHAINED = "{\"v\":1,".getBytes(StandardCharsets.US_ASCII);

  /// Whether the last record is chained.
  boolean isChained() {
    return lastHash.length > 0;
  }

  static Recovery of(Path directory) throws IOException {
    List<Path> files = JournalReader.files(directory);
    long unreadable = 0;
    for (Path file : files.reversed()) {
      Scan scan = new Scan();
      new QueueFile(file).read(0, scan);
      unreadable += scan.unreadable;
      boolean newest = file.equals(files.getLast());
      if (newest && !Files.isWritable(file)) {
        throw new AccessDeniedException(
            file.toString(), null, "not writable; give it to the account of the daemon");
      }
      boolean inUse = QueueName.of(file).orElseThrow().aside() == Integer.MAX_VALUE;
      Path now = file;
      if (newest && inUse && (scan.damaged || !scan.started)) {
        now = setAside(file);
      }
      if (scan.records > 0) {
        return scan.recovery(String.valueOf(now.getFileName()), unreadable);
      }
    }
    return new Recovery(-1, new byte[0], unreadable, Segment.EMPTY, -1, "", Map.of());
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

  private static Path setAside(Path file) throws IOException {
    if (Files.size(file) == 0) {
      Files.delete(file);
      return file;
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
    return aside;
  }

  /// Finds the last record, without decoding more than it must.
  private static final class Scan implements QueueFile.Visitor {
    private long first;
    private long seq = -1;
    private byte[] hash = new byte[0];
    private long records;
    private long unreadable;
    private long keySeq = -1;
    private String keyLine = "";
    private Map<String, String> keyFacts = Map.of();
    private boolean damaged;
    private boolean started;

    Recovery recovery(String file, long unreadableAfter) {
      return new Recovery(
          seq,
          hash,
          unreadableAfter,
          new Segment(file, first, seq, records, hash),
          keySeq,
          keyLine,
          keyFacts);
    }

    @Override
    public void start(boolean sound) {
      started = sound;
    }

    @Override
    public void entry(long position, byte[] line) {
      long found = seqOf(line);
      byte[] itsHash = Chain.hashOf(line);
      boolean unchained = hash.length == 0 && startsWith(line, UNCHAINED);
      if (found < 0 || (itsHash.length == 0 && !unchained)) {
        unreadable++;
        damaged = true;
        return;
      }
      first = records == 0 ? found : first;
      records++;
      seq = found;
      hash = itsHash;
      unreadable = 0;
      rememberKey(line);
    }

    private static boolean startsWith(byte[] line, byte[] begin) {
      return line.length >= begin.length
          && Arrays.equals(line, 0, begin.length, begin, 0, begin.length);
    }

    /// Records of this kind are few; all others are passed over by their beginning.
    private void rememberKey(byte[] line) {
      String begin = new String(line, 0, Math.min(line.length, 256), StandardCharsets.UTF_8);
      if (!begin.contains("\"kind\":\"enroll\"") && !begin.contains("\"kind\":\"key-rotation\"")) {
        return;
      }
      try {
        StoredEntry stored = EntryCodec.decode("journal", line);
        keySeq = stored.seq();
        keyLine = new String(line, StandardCharsets.UTF_8);
        keyFacts = stored.entry().facts();
      } catch (InvalidTextException e) {
        LOG.log(Level.WARNING, "a record of a device key cannot be read", e);
      }
    }

    @Override
    public void damage(long from, long to, String what) {
      damaged = true;
    }
  }

  /// Number of a stored line, -1 when it has none.
  static long seqOf(byte[] line) {
    String begin = new String(line, 0, Math.min(line.length, 48), StandardCharsets.UTF_8);
    int key = begin.indexOf("\"seq\":");
    int end = begin.indexOf(',', key);
    if (key < 0 || end < 0) {
      return -1;
    }
    try {
      return Long.parseLong(begin.substring(key + 6, end));
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
