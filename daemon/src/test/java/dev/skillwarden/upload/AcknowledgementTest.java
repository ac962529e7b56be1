package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.skillwarden.upload.Acknowledgement.BadData;
import dev.skillwarden.upload.Acknowledgement.Forbidden;
import dev.skillwarden.upload.Acknowledgement.Later;
import dev.skillwarden.upload.Acknowledgement.Refused;
import dev.skillwarden.upload.Acknowledgement.Rejected;
import dev.skillwarden.upload.Acknowledgement.RetryAfter;
import dev.skillwarden.upload.Acknowledgement.Taken;
import dev.skillwarden.upload.Acknowledgement.Unknown;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgementTest {
  private static HttpHeaders headers(String... pairs) {
    Map<String, List<String>> map =
        pairs.length == 0 ? Map.of() : Map.of(pairs[0], List.of(pairs[1]));
    return HttpHeaders.of(map, (a, b) -> true);
  }

  private static Acknowledgement of(int status, String body, String... header) {
    return Acknowledgement.of(status, headers(header), body.getBytes(StandardCharsets.UTF_8));
  }

  static Stream<Arguments> table() {
    return Stream.of(
        arguments(200, "", new Taken("")),
        arguments(200, "{}", new Taken("")),
        arguments(200, "{\"partialSuccess\":{}}", new Taken("")),
        arguments(200, "{\"partialSuccess\":null}", new Taken("")),
        arguments(200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"0\"}}", new Taken("")),
        arguments(
            200,
            "{\"partialSuccess\":{\"errorMessage\":\"old\\nclient\"}}",
            new Taken("old client")),
        arguments(
            200,
            "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\",\"errorMessage\":\"no\"}}",
            new Rejected(3, "no")),
        arguments(200, "{\"partialSuccess\":{\"rejectedLogRecords\":3}}", new Rejected(3, "")),
        arguments(400, "bad", new BadData("bad")),
        arguments(401, "", new Forbidden(401, "")),
        arguments(403, "who?", new Forbidden(403, "who?")),
        arguments(404, "", new Refused(404, "")),
        arguments(408, "", new Refused(408, "")),
        arguments(413, "too large", new Refused(413, "too large")),
        arguments(500, "", new Refused(500, "")),
        arguments(501, "", new Refused(501, "")),
        arguments(429, "", new Later("status 429", Optional.empty())),
        arguments(502, "", new Later("status 502", Optional.empty())),
        arguments(503, "", new Later("status 503", Optional.empty())),
        arguments(504, "", new Later("status 504", Optional.empty())));
  }

  @ParameterizedTest
  @MethodSource("table")
  void judgesAnAnswer(int status, String body, Acknowledgement wanted) {
    assertEquals(wanted, of(status, body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"partialSuccess\":{\"rejectedLogRe",
        "<html>sign in to the hotel's network</html>",
        "[]",
        "{\"partialSuccess\":3}",
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"many\"}}",
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"-1\"}}"
      })
  void cannotTellFromASuccessThatIsNotReadable(String body) {
    assertInstanceOf(Unknown.class, of(200, body));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 201, 202, 204, 301, 302, 307})
  void cannotTellFromAStatusThatOtlpDoesNotHave(int status) {
    assertInstanceOf(Unknown.class, of(status, ""));
  }

  @Test
  void takesBothFormsOfRetryAfter() {
    assertEquals(
        new Later("status 429", Optional.of(new RetryAfter.In(Duration.ofSeconds(7)))),
        of(429, "", "Retry-After", " 7 "));
    assertEquals(
        new Later(
            "status 503", Optional.of(new RetryAfter.At(Instant.parse("2026-11-20T12:05:00Z")))),
        of(503, "", "retry-after", "Fri, 20 Nov 2026 12:05:00 GMT"));
    for (String other : List.of("soon", "-3", "1.5", "12345678901234567890")) {
      assertEquals(
          new Later("status 503", Optional.empty()), of(503, "", "Retry-After", other), other);
    }
  }

  @Test
  void readsProtobufAnswers() {
    HttpHeaders protobuf = headers("Content-Type", "application/x-protobuf");
    byte[] rejected =
        ExportLogsServiceResponse.newBuilder()
            .setPartialSuccess(
                ExportLogsPartialSuccess.newBuilder()
                    .setRejectedLogRecords(2)
                    .setErrorMessage("twice"))
            .build()
            .toByteArray();
    assertEquals(new Taken(""), Acknowledgement.of(200, protobuf, new byte[0]));
    assertEquals(new Taken(""), Acknowledgement.of(200, protobuf, new byte[] {10, 0}));
    assertEquals(new Rejected(2, "twice"), Acknowledgement.of(200, protobuf, rejected));
    assertInstanceOf(
        Unknown.class,
        Acknowledgement.of(200, protobuf, Arrays.copyOf(rejected, rejected.length - 1)));
  }

  @Test
  void cutsLongMessages() {
    assertEquals(
        new Refused(500, "x".repeat(Acknowledgement.MAX_MESSAGE)), of(500, "x".repeat(5000)));
  }
}
