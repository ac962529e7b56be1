package dev.skillwarden.upload;

import dev.skillwarden.journal.JournalLines;
import dev.skillwarden.journal.RawLine;
import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.otlp.Identity;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The journal as its reader here sees it: lines, and whose they are.
public final class Journal {
  private final Path directory;
  private final JournalLines lines;

  /// @param directory of the journal
  public Journal(Path directory) {
    this.directory = directory;
    this.lines = new JournalLines(directory);
  }

  public JournalLines lines() {
    return lines;
  }

  /// Whose journal it is, by its `enroll` record, which is the first one; of a journal whose first
  /// files are deleted, by their stubs. Empty when there is none.
  ///
  /// @throws IOException when the journal or a stub cannot be read
  public Optional<Identity> identity() throws IOException {
    try {
      for (Stub stub : Stub.all(directory)) {
        for (String key : stub.keys()) {
          Optional<Identity> found = Identity.of(key);
          if (found.isPresent()) {
            return found;
          }
        }
      }
      return lines
          .first()
          .filter(line -> isKey(line.kind()))
          .flatMap(line -> Identity.of(line.line()));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // nothing was journaled yet
    }
  }

  /// Whether records of this kind say which keys hold.
  public static boolean isKey(String kind) {
    return kind.equals(JournalFormat.Kinds.ENROLL) || kind.equals(JournalFormat.Kinds.KEY_ROTATION);
  }

  /// Stubs of deleted files, oldest first.
  public List<Stub> stubs() throws IOException {
    return Stub.all(directory);
  }

  /// The line with exactly this number.
  public Optional<RawLine> at(long seq) throws IOException {
    return lines.at(seq);
  }
}
