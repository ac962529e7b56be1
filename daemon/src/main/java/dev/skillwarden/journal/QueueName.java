package dev.skillwarden.journal;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Name of a file with entries: `20261120F.cq4`, or `20261120F.cq4.damaged-1` when it was set
/// aside.
///
/// @param day as in the name
/// @param aside number of the file set aside, [Integer#MAX_VALUE] for the one in use
record QueueName(String day, int aside) implements Comparable<QueueName> {
  private static final Pattern NAME = Pattern.compile("(\\d{8}F)\\.cq4(?:\\.damaged-(\\d{1,6}))?");

  static Optional<QueueName> of(Path file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String aside = matcher.group(2);
    return Optional.of(
        new QueueName(
            matcher.group(1), aside == null ? Integer.MAX_VALUE : Integer.parseInt(aside)));
  }

  /// Name of the file that is in use on the day of a time.
  static String ofDay(Instant time) {
    return LocalDate.ofInstant(time, ZoneOffset.UTC).format(DateTimeFormatter.BASIC_ISO_DATE)
        + "F.cq4";
  }

  @Override
  public int compareTo(QueueName other) {
    return Comparator.comparing(QueueName::day)
        .thenComparingInt(QueueName::aside)
        .compare(this, other);
  }
}
