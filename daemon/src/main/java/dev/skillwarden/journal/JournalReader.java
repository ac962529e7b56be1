package dev.skillwarden.journal;

import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Reads a journal, whether or not a daemon is writing it. Opens files for reading only and takes
/// no lock. What cannot be read is counted and reported; reading goes on behind it.
public final class JournalReader {
  private final Path directory;

  private JournalReader(Path directory) {
    this.directory = directory;
  }

  /// @throws NoSuchFileException when there is no such directory
  /// @throws NotDirectoryException when it is something else
  public static JournalReader open(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    return new JournalReader(directory);
  }

  /// Hands over every wanted entry, oldest first.
  public ReadReport forEach(JournalFilter filter, Consumer<StoredEntry> consumer)
      throws IOException {
    Pass pass = new Pass(filter, consumer);
    pass.readOn();
    return pass.report();
  }

  /// As [#forEach], then goes on with what is appended until the thread is interrupted, which it
  /// leaves set.
  ///
  /// @param poll time between looks
  public ReadReport follow(JournalFilter filter, Duration poll, Consumer<StoredEntry> consumer)
      throws IOException {
    Pass pass = new Pass(filter, consumer);
    while (!Thread.currentThread().isInterrupted()) {
      pass.readOn();
      try {
        Thread.sleep(poll);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return pass.report();
  }

  /// The entry with this id; of several the newest.
  public Optional<JournalEntry> find(String id) throws IOException {
    return newest(entry -> entry.id().equals(id));
  }

  /// What came of a tool call, by the client's id of it; of several results the newest.
  public Optional<JournalEntry> resultOf(JournalEntry call) throws IOException {
    return call.toolUseId().isEmpty()
        ? Optional.empty()
        : newest(entry ->
            entry.kind() == JournalEntry.Kind.TOOL_RESULT
                && entry.toolUseId().equals(call.toolUseId()));
  }

  /// The newest denial of somebody.
  ///
  /// @param accounts what the journal may call him
  public Optional<JournalEntry> lastDenied(Set<String> accounts) throws IOException {
    return newest(entry ->
        accounts.contains(entry.account())
            && JournalFilter.isDenied(entry)
            && !entry.session().equals(JournalFilter.PROBE_SESSION));
  }

  private Optional<JournalEntry> newest(Predicate<JournalEntry> wanted) throws IOException {
    for (Path file : files(directory).reversed()) {
      List<JournalEntry> found = new ArrayList<>(1);
      Pass pass =
          new Pass(
              JournalFilter.ALL,
              stored -> {
                if (wanted.test(stored.entry())) {
                  found.clear();
                  found.add(stored.entry());
                }
              });
      pass.read(file);
      if (!found.isEmpty()) {
        return Optional.of(found.getFirst());
      }
    }
    return Optional.empty();
  }

  /// Every file with entries, oldest first. A file that was set aside as damaged comes before the
  /// one that took its place.
  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> QueueName.of(file).isPresent())
          .sorted((a, b) -> QueueName.of(a).orElseThrow().compareTo(QueueName.of(b).orElseThrow()))
          .toList();
    }
  }

  /// One reading, which can be continued.
  private final class Pass implements QueueFile.Visitor {
    private final JournalFilter filter;
    private final Consumer<StoredEntry> consumer;
    private final List<String> problems = new ArrayList<>();
    private String file = "";
    private long position;
    private long entries;
    private long unreadable;
    private long missing;
    private long lastSeq = -1;
    private long unreadableSinceLast;

    Pass(JournalFilter filter, Consumer<StoredEntry> consumer) {
      this.filter = filter;
      this.consumer = consumer;
    }

    /// Files are listed before any is read: only the last of the list can still grow.
    void readOn() throws IOException {
      List<Path> files = files(directory);
      int first = 0;
      for (int i = 0; i < files.size(); i++) {
        if (name(files.get(i)).equals(file)) {
          first = i;
        }
      }
      for (Path next : files.subList(first, files.size())) {
        read(next);
      }
    }

    void read(Path next) throws IOException {
      if (!name(next).equals(file)) {
        file = name(next);
        position = 0;
      }
      position = new QueueFile(next).read(position, this);
    }

    private static String name(Path path) {
      return String.valueOf(path.getFileName());
    }

    @Override
    public void entry(long at, byte[] line) {
      StoredEntry stored;
      try {
        stored = EntryCodec.decode(file + " at byte " + at, line);
      } catch (InvalidTextException e) {
        unreadable++;
        unreadableSinceLast++;
        problem(String.valueOf(e.getMessage()));
        return;
      }
      checkOrder(stored.seq(), at);
      if (filter.passesOver(stored.entry())) {
        return;
      }
      entries++;
      if (filter.wants(stored.entry())) {
        consumer.accept(stored);
      }
    }

    /// Records that could not be read had numbers too, and account for as many.
    private void checkOrder(long seq, long at) {
      long absent = seq - lastSeq - 1 - unreadableSinceLast;
      if (lastSeq >= 0 && seq <= lastSeq) {
        problem("%s at byte %d: entry %d comes after %d".formatted(file, at, seq, lastSeq));
      } else if (lastSeq >= 0 && absent > 0) {
        missing += absent;
        problem(
            "%s at byte %d: %d entries between %d and %d are missing"
                .formatted(file, at, absent, lastSeq, seq));
      }
      lastSeq = Math.max(seq, lastSeq);
      unreadableSinceLast = 0;
    }

    @Override
    public void damage(long from, long to, String what) {
      problem("%s: bytes %d to %d are damaged: %s".formatted(file, from, to, what));
    }

    private void problem(String text) {
      if (problems.size() < ReadReport.MAX_PROBLEMS) {
        problems.add(text);
      }
    }

    ReadReport report() {
      return new ReadReport(entries, unreadable, missing, problems);
    }
  }
}
