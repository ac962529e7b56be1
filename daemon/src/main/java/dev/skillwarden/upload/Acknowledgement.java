package dev.skillwarden.upload;

import dev.skillwarden.otlp.ExportResponse;
import dev.skillwarden.text.InvalidTextException;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// What an answer of the receiver means for the batch that was sent: the table of docs/journal.md,
/// "Upload". A lost connection is [Later] too, made where it is noticed.
sealed interface Acknowledgement {
  /// Everything was taken.
  ///
  /// @param message words of warning, mostly empty
  record Taken(String message) implements Acknowledgement {}

  /// Some records were not taken. The answer does not say which, and the same request must not be
  /// sent again.
  record Rejected(long count, String message) implements Acknowledgement {}

  /// It cannot be told whether the records were taken: the same bytes are sent again. OTLP lets a
  /// client that has no answer it can read send again, and makes duplicates the receiver's to
  /// remove, while a batch given up here might be in no other place. A page of a hotel's network
  /// with status 200 is one of these.
  record Unknown(String why) implements Acknowledgement {}

  /// The receiver is busy or away: the same bytes are sent again.
  record Later(String why, Optional<RetryAfter> after) implements Acknowledgement {}

  /// The receiver does not understand something in it, or finds it too large: some receivers answer
  /// 400 where 413 is meant.
  record BadData(String message) implements Acknowledgement {}

  /// The receiver does not take it and must not be sent it again.
  record Refused(int status, String message) implements Acknowledgement {}

  /// The receiver does not know us.
  record Forbidden(int status, String message) implements Acknowledgement {}

  /// When to come back.
  sealed interface RetryAfter {
    record In(Duration delay) implements RetryAfter {}

    record At(Instant time) implements RetryAfter {}
  }

  /// Longest message of a receiver that is kept.
  int MAX_MESSAGE = 300;

  static Acknowledgement of(int status, HttpHeaders headers, byte[] body) {
    return switch (status) {
      case 200 -> success(headers, body);
      case 400 -> new BadData(message(headers, body));
      case 401, 403 -> new Forbidden(status, message(headers, body));
      case 429, 502, 503, 504 -> new Later("status " + status, retryAfter(headers));
      default ->
          status >= 400
              ? new Refused(status, message(headers, body))
              : new Unknown(
                  "status %d is no answer of an OTLP receiver, which says 200".formatted(status));
    };
  }

  private static Acknowledgement success(HttpHeaders headers, byte[] body) {
    try {
      ExportResponse response = ExportResponse.parse(protobuf(headers), body);
      return response.rejected() > 0
          ? new Rejected(response.rejected(), cut(response.message()))
          : new Taken(cut(response.message()));
    } catch (InvalidTextException e) {
      return new Unknown("status 200 with a body that " + cut(String.valueOf(e.getMessage())));
    }
  }

  private static boolean protobuf(HttpHeaders headers) {
    return headers
        .firstValue("content-type")
        .map(t -> t.toLowerCase(Locale.ROOT).startsWith("application/x-protobuf"))
        .orElse(false);
  }

  /// Seconds or an HTTP date. Anything else is as if it were not there.
  private static Optional<RetryAfter> retryAfter(HttpHeaders headers) {
    Optional<String> value = headers.firstValue("retry-after").map(String::strip);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get().matches("\\d{1,9}")) {
      return Optional.of(new RetryAfter.In(Duration.ofSeconds(Long.parseLong(value.get()))));
    }
    try {
      return Optional.of(
          new RetryAfter.At(
              ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /// The first words of a text body. Protobuf is a `google.rpc.Status`, of which nobody needs more
  /// than the status code.
  private static String message(HttpHeaders headers, byte[] body) {
    return protobuf(headers)
        ? ""
        : cut(
            new String(
                body,
                0,
                Math.min(body.length, MAX_MESSAGE),
                java.nio.charset.StandardCharsets.UTF_8));
  }

  private static String cut(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "…";
  }
}
