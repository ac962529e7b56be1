package dev.skillwarden.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads the lines of a journal in the order of their numbers, from any number on, again and again:
/// it remembers where each file begins and where it stopped, so that going on costs only what is
/// new. Beside the writer or without one. Not for several threads at once.
///
/// Files are ordered by their first number, not by name: after the clock was set back, a file of a
/// later day holds earlier records.
public final class JournalLines {
  private static final System.Logger LOG = System.getLogger(JournalLines.class.getName());

  private final Path directory;
  private final Map<String, Long> firsts = new HashMap<>();
  private Place stopped = new Place("", 0, Long.MAX_VALUE);
  private long unreadable;

  /// @param position byte of a file where the record `seq`, or the next one there is, begins
  private record Place(String file, long position, long seq) {}

  private record Begun(Path path, String identity, long first) {}

  /// Receives lines.
  @FunctionalInterface
  public interface Visitor {
    /// @return whether it wants another one
    boolean line(RawLine line);
  }

  /// @param directory of the journal
  public JournalLines(Path directory) {
    this.directory = directory;
  }

  /// Records met so far that are no entries, damaged for example. They are passed over.
  public long unreadable() {
    return unreadable;
  }

  /// Hands over every line with this number or a higher one, numbers rising, until the visitor has
  /// enough or the journal ends. Numbers may be missing.
  public void from(long seq, Visitor visitor) throws IOException {
    Pass pass = new Pass(seq, visitor);
    for (Begun file : since(seq)) {
      boolean known = file.identity().equals(stopped.file()) && stopped.seq() <= seq;
      pass.position = known ? stopped.position() : 0;
      try {
        pass.position = new QueueFile(file.path()).read(pass.position, pass);
      } catch (NoSuchFileException e) {
        continue; // retention has just deleted it
      }
      stopped = new Place(file.identity(), pass.position, pass.next);
      if (!pass.wanted) {
        return;
      }
    }
  }

  /// The line with exactly this number.
  public Optional<RawLine> at(long seq) throws IOException {
    List<RawLine> found = new ArrayList<>(1);
    new JournalLines(directory)
        .from(
            seq,
            line -> {
              if (line.seq() == seq) {
                found.add(line);
              }
              return false;
            });
    return found.stream().findFirst();
  }

  /// The first line there is.
  public Optional<RawLine> first() throws IOException {
    List<RawLine> found = new ArrayList<>(1);
    new JournalLines(directory)
        .from(
            0,
            line -> {
              found.add(line);
              return false;
            });
    return found.stream().findFirst();
  }

  /// The files from the one that may hold this number on.
  private List<Begun> since(long seq) throws IOException {
    List<Begun> begun = new ArrayList<>();
    for (Path file : JournalReader.files(directory)) {
      try {
        String identity = identity(file);
        OptionalLong first = first(file, identity);
        if (first.isPresent()) {
          begun.add(new Begun(file, identity, first.getAsLong()));
        }
      } catch (NoSuchFileException e) {
        LOG.log(Level.DEBUG, "renamed or deleted since it was listed", e);
      }
    }
    begun.sort(Comparator.comparingLong(Begun::first));
    int from = 0;
    for (int i = 0; i < begun.size(); i++) {
      if (begun.get(i).first() <= seq) {
        from = i;
      }
    }
    return begun.subList(from, begun.size());
  }

  private OptionalLong first(Path file, String identity) throws IOException {
    Long known = firsts.get(identity);
    if (known != null) {
      return OptionalLong.of(known);
    }
    First visitor = new First();
    new QueueFile(file).read(0, visitor);
    visitor.seq.ifPresent(s -> firsts.put(identity, s));
    return visitor.seq;
  }

  /// Name and number of the file: when one is set aside as damaged, another takes its name.
  private static String identity(Path path) throws IOException {
    return path.getFileName()
        + String.valueOf(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
  }

  private static final class First implements QueueFile.Visitor {
    private OptionalLong seq = OptionalLong.empty();

    @Override
    public void entry(long position, byte[] line) {
      RawLine.of(line).ifPresent(raw -> seq = OptionalLong.of(raw.seq()));
    }

    @Override
    public void damage(long from, long to, String what) {
      // the pass over the file counts it
    }

    @Override
    public boolean more() {
      return seq.isEmpty();
    }
  }

  private final class Pass implements QueueFile.Visitor {
    private final Visitor visitor;
    private long next;
    private long position;
    private boolean wanted = true;

    Pass(long seq, Visitor visitor) {
      this.next = seq;
      this.visitor = visitor;
    }

    @Override
    public void entry(long at, byte[] bytes) {
      Optional<RawLine> line = RawLine.of(bytes);
      if (line.isEmpty()) {
        unreadable++;
      } else if (line.get().seq() >= next) {
        next = line.get().seq() + 1;
        wanted = visitor.line(line.get());
      }
    }

    @Override
    public void damage(long from, long to, String what) {
      unreadable++;
    }

    @Override
    public boolean more() {
      return wanted;
    }
  }
}
