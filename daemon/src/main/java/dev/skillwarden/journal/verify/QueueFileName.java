package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Name of a file with records, or of the stub of one that was deleted, in the order of reading.
///
/// @param name of the file itself
/// @param file without the suffix of a stub
/// @param aside number of a file set aside, else above all of them
/// @param stub whether it is a stub
record QueueFileName(String name, String file, String day, int aside, boolean stub)
    implements Comparable<QueueFileName> {
  private static final Pattern NAME =
      Pattern.compile(
          "((\\d{8})F\\.cq4(?:\\.damaged-(\\d{1,6}))?)("
              + Pattern.quote(JournalFormat.STUB)
              + ")?");

  private static final Comparator<QueueFileName> ORDER =
      Comparator.comparing(QueueFileName::day)
          .thenComparingInt(QueueFileName::aside)
          .thenComparing(QueueFileName::stub);

  static Optional<QueueFileName> of(Path path) {
    String name = String.valueOf(path.getFileName());
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String aside = matcher.group(3);
    return Optional.of(
        new QueueFileName(
            name,
            matcher.group(1),
            matcher.group(2),
            aside == null ? Integer.MAX_VALUE : Integer.parseInt(aside),
            matcher.group(4) != null));
  }

  @Override
  public int compareTo(QueueFileName other) {
    return ORDER.compare(this, other);
  }
}
