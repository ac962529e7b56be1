package dev.skillwarden.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// When a file ends, as it says itself with `valid_until`.
public final class ValidUntil {
  private ValidUntil() {}

  /// The first instant at which the file holds no longer. A date means the end of that day, UTC.
  ///
  /// @throws IllegalArgumentException saying what is wanted
  public static Instant parse(String text) {
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant()
          : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "wants a time like 2027-01-31T12:00:00Z or a day like 2027-01-31, found '" + text + "'",
          e);
    }
  }
}
