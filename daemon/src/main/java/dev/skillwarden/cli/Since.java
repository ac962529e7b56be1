package dev.skillwarden.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The value of `--since`: a time span back from now, a day in UTC, or a time with its zone.
final class Since {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})([smhdw])");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  private Since() {}

  /// @throws IllegalArgumentException when it is none of these; the message says what is wanted
  static Instant parse(String text, InstantSource clock) {
    return parse("--since", text, clock);
  }

  /// @param option named in the message
  static Instant parse(String option, String text, InstantSource clock) {
    Matcher span = SPAN.matcher(text);
    if (span.matches()) {
      Duration unit = UNITS.getOrDefault(span.group(2), Duration.ZERO);
      return clock.instant().minus(unit.multipliedBy(Long.parseLong(span.group(1))));
    }
    try {
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "%s is '%s'; wanted is a span such as 30m, 2h or 7d, a day such as 2026-11-20, or a time such as 2026-11-20T09:00:00Z"
              .formatted(option, text),
          e);
    }
  }
}
