package dev.skillwarden.journal;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.node.StringNode;

/// Reads a journal, whether or not a daemon is writing it. Opens files for reading only and takes
/// no lock. What cannot be read is counted and reported; reading goes on behind it.
public final class JournalReader {
  private static final int PAGE_BYTES = 4 << 20;

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
  ///
  /// @param accounts only of these, empty for all
  public Optional<StoredEntry> find(String id, Set<String> accounts) throws IOException {
    return newest(
        Set.of(id),
        entry ->
            entry.id().equals(id) && (accounts.isEmpty() || accounts.contains(entry.account())));
  }

  /// What came of a tool call, by the account and the client's id of it; of several results the
  /// newest. An id alone is not enough: any account can use the id of another's call.
  public Optional<StoredEntry> resultOf(JournalEntry call) throws IOException {
    return call.toolUseId().isEmpty()
        ? Optional.empty()
        : newest(
            Set.of(call.toolUseId()),
            entry ->
                entry.kind() == JournalEntry.Kind.TOOL_RESULT
                    && entry.account().equals(call.account())
                    && entry.toolUseId().equals(call.toolUseId()));
  }

  /// The newest denial of somebody.
  ///
  /// @param accounts what the journal may call him
  public Optional<StoredEntry> lastDenied(Set<String> accounts) throws IOException {
    return newest(
        accounts,
        entry ->
            accounts.contains(entry.account())
                && JournalFilter.isDenied(entry)
                && !entry.session().equals(JournalFilter.PROBE_SESSION));
  }

  /// Some of the wanted entries.
  ///
  /// @param entries newest first
  /// @param next the number below which to go on; empty when there are no more
  public record Page(List<StoredEntry> entries, OptionalLong next) {
    public Page {
      entries = List.copyOf(entries);
    }
  }

  /// The newest wanted entries below a number.
  ///
  /// @param before number that theirs are below
  /// @param limit most entries; fewer, but one, when they are over 4 MiB together
  /// @param budget time after which no further file is begun
  public Page newest(JournalFilter filter, long before, int limit, Duration budget)
      throws IOException {
    long end = System.nanoTime() + budget.toNanos();
    List<StoredEntry> page = new ArrayList<>();
    int bytes = 0;
    for (Path file : files(directory).reversed()) {
      Newest found = new Newest(filter, before, limit - page.size(), PAGE_BYTES - bytes);
      new QueueFile(file).read(0, found);
      page.addAll(found.newestFirst(page.isEmpty()));
      bytes += found.bytes;
      if (page.size() == limit || found.dropped) {
        return new Page(page, OptionalLong.of(page.getLast().seq()));
      }
      if (System.nanoTime() - end > 0 && found.first > 1 && found.first < before) {
        return new Page(page, OptionalLong.of(found.first));
      }
    }
    return new Page(page, OptionalLong.empty());
  }

  /// Keeps the newest wanted entries of one file. Only lines that can be wanted are read whole.
  private static final class Newest implements QueueFile.Visitor {
    private final JournalFilter filter;
    private final List<byte[]> words;
    private final long before;
    private final int limit;
    private final int room;
    private final Deque<StoredEntry> kept = new ArrayDeque<>();
    private final Deque<Integer> sizes = new ArrayDeque<>();
    private int bytes;
    private boolean dropped;

    /// Number of the first entry of the file, 0 when none could be read.
    private long first;

    Newest(JournalFilter filter, long before, int limit, int room) {
      this.filter = filter;
      this.words = words(filter.accounts());
      this.before = before;
      this.limit = limit;
      this.room = room;
    }

    @Override
    public void entry(long position, byte[] line) {
      if (first != 0 && !holdsOne(line, words)) {
        return;
      }
      Optional<StoredEntry> stored = read(line);
      if (stored.isEmpty()) {
        return; // told by whoever reads the journal as a whole
      }
      first = first == 0 ? stored.get().seq() : first;
      if (stored.get().seq() < before
          && !filter.passesOver(stored.get().entry())
          && filter.wants(stored.get().entry())) {
        keep(stored.get(), line.length);
      }
    }

    private void keep(StoredEntry stored, int size) {
      kept.addLast(stored);
      sizes.addLast(size);
      bytes += size;
      while (kept.size() > limit || (bytes > room && kept.size() > 1)) {
        drop();
      }
    }

    private void drop() {
      kept.removeFirst();
      bytes -= sizes.removeFirst();
      dropped = true;
    }

    /// @param alone whether the page has none yet, and takes one of any size
    List<StoredEntry> newestFirst(boolean alone) {
      while (bytes > room && !alone && !kept.isEmpty()) {
        drop();
      }
      return List.copyOf(kept).reversed();
    }

    @Override
    public void damage(long from, long to, String what) {
      // told by whoever reads the journal as a whole
    }

    /// A file that begins at or after the wanted ones has none of them.
    @Override
    public boolean more() {
      return first < before;
    }
  }

  private static Optional<StoredEntry> read(byte[] line) {
    try {
      return Optional.of(EntryCodec.decode("an entry", line));
    } catch (InvalidTextException e) {
      return Optional.empty();
    }
  }

  /// The texts as they stand in a line: a line without any of them need not be read whole.
  private static List<byte[]> words(Set<String> texts) {
    return texts.stream()
        .map(t -> Json.write(StringNode.valueOf(t)).getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  private static boolean holdsOne(byte[] line, List<byte[]> words) {
    if (words.isEmpty()) {
      return true;
    }
    for (byte[] word : words) {
      for (int at = 0; at + word.length <= line.length; at++) {
        if (line[at] == word[0]
            && Arrays.equals(line, at, at + word.length, word, 0, word.length)) {
          return true;
        }
      }
    }
    return false;
  }

  /// @param texts one of which every wanted entry holds
  private Optional<StoredEntry> newest(Set<String> texts, Predicate<JournalEntry> wanted)
      throws IOException {
    List<byte[]> words = words(texts);
    for (Path file : files(directory).reversed()) {
      List<StoredEntry> found = new ArrayList<>(1);
      new QueueFile(file)
          .read(
              0,
              line -> {
                if (holdsOne(line, words)) {
                  read(line)
                      .filter(stored -> wanted.test(stored.entry()))
                      .ifPresent(stored -> {
                        found.clear();
                        found.add(stored);
                      });
                }
              });
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
