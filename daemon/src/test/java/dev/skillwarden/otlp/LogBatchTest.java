package dev.skillwarden.otlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import dev.skillwarden.text.Json;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogBatchTest {
  private static final Path FILES = Path.of("src/test/resources/dev/skillwarden/otlp");
  private static final Instant OBSERVED = Instant.parse("2026-11-20T12:00:01.000000001Z");
  private static final Origin ORIGIN =
      new Origin(new Identity("device-1", "install-1"), "1.2.3", "linux", "payments");

  private static LogBatch batch(List<String> lines) {
    LogBatch batch = new LogBatch(ORIGIN);
    for (int i = 0; i < lines.size(); i++) {
      assertTrue(batch.add(i + 1, lines.get(i), OBSERVED));
    }
    return batch;
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(FILES.resolve("journal.jsonl"));
  }

  /// Run with -Dgolden=write to write it anew; then look at the difference.
  private static void golden(String name, String text) throws IOException {
    Path file = FILES.resolve(name);
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(file, text);
    }
    assertEquals(Files.readString(file), text, name);
  }

  @Test
  void spellsRecordsAsDocumented() throws Exception {
    LogBatch batch = batch(lines());
    golden("request.json", Json.pretty(Json.parse("request", batch.json())) + "\n");
    golden("request.txt", ExportLogsServiceRequest.parseFrom(batch.protobuf()).toString());
  }

  @Test
  void bothSpellingsAreTheSameToTheOfficialClasses() throws Exception {
    LogBatch batch = batch(lines());
    ExportLogsServiceRequest.Builder json = ExportLogsServiceRequest.newBuilder();
    JsonFormat.parser().merge(new String(batch.json(), StandardCharsets.UTF_8), json);
    ExportLogsServiceRequest protobuf = ExportLogsServiceRequest.parseFrom(batch.protobuf());
    assertEquals(protobuf, json.build());
    List<String> bodies =
        protobuf.getResourceLogs(0).getScopeLogs(0).getLogRecordsList().stream()
            .map(r -> r.getBody().getStringValue())
            .toList();
    assertEquals(lines(), bodies, "the body is the whole line");
  }

  @Test
  void sixtyFourBitNumbersAreText() {
    String line =
        "{\"v\":2,\"seq\":9007199254740993,\"ts\":\"2026-11-20T12:00:00.123456Z\",\"id\":\"i\",\"kind\":\"start\",\"account\":\"d\"}";
    String json = new String(batch(List.of(line)).json(), StandardCharsets.UTF_8);
    assertTrue(json.contains("\"intValue\":\"9007199254740993\""), json);
    assertTrue(json.contains("\"timeUnixNano\":\"1795176000123456000\""), json);
    assertTrue(json.contains("\"observedTimeUnixNano\":\"1795176001000000001\""), json);
    assertTrue(json.contains("\"severityNumber\":9,"), json);
  }

  @ParameterizedTest
  @CsvSource({
    "deny, '', 13, denied",
    "none, '', 9, ''",
    "ask, '', 9, ''",
    "ACL_DENIED, '', 9, ACL_DENIED",
    "'', failed, 9, _OTHER",
    "'', ok, 9, ''"
  })
  void errorsHaveAType(String decision, String outcome, int severity, String type) {
    String line =
        "{\"v\":2,\"seq\":1,\"ts\":\"2026-11-20T12:00:00Z\",\"kind\":\"tool\",\"decision\":\"%s\",\"outcome\":\"%s\"}"
            .formatted(decision, outcome);
    LogRecord record = OtlpRecord.of(1, line, OBSERVED);
    assertEquals(severity, record.getSeverityNumberValue());
    assertEquals(
        type,
        record.getAttributesList().stream()
            .filter(a -> a.getKey().equals("error.type"))
            .map(a -> a.getValue().getStringValue())
            .findAny()
            .orElse(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"v\":2,\"seq\":7,broken",
        "{\"v\":2,\"seq\":7,\"ts\":\"yesterday\",\"kind\":\"tool\"}",
        "{\"v\":2,\"seq\":7,\"ts\":\"+99999-01-01T00:00:00Z\",\"kind\":\"tool\"}"
      })
  void aDamagedLineIsSentAsItIs(String line) {
    LogRecord record = OtlpRecord.of(7, line, OBSERVED);
    assertEquals("skillwarden.damaged", record.getEventName());
    assertEquals(line, record.getBody().getStringValue());
    assertEquals(7, record.getAttributes(0).getValue().getIntValue());
  }

  @Test
  void isBounded() {
    LogBatch many = new LogBatch(ORIGIN);
    String small = "{\"v\":2,\"seq\":1,\"ts\":\"2026-11-20T12:00:00Z\",\"kind\":\"start\"}";
    for (int i = 0; i < LogBatch.MAX_RECORDS; i++) {
      assertTrue(many.add(1, small, OBSERVED));
    }
    assertFalse(many.add(1, small, OBSERVED));
    LogBatch large = new LogBatch(ORIGIN);
    String quotes = small.replace("start", "\\\"".repeat(25_000));
    int count = 0;
    while (large.add(1, quotes, OBSERVED)) {
      count++;
    }
    assertTrue(
        count > 2 && large.json().length <= LogBatch.MAX_BYTES, count + " " + large.json().length);
    assertTrue(large.protobuf().length <= LogBatch.MAX_BYTES);
  }

  @ParameterizedTest
  @CsvSource({"Linux, linux", "Mac OS X, darwin", "Windows 11, windows", "FreeBSD, freebsd"})
  void namesTheSystemAsTheConventionsDo(String name, String wanted) {
    assertEquals(wanted, Origin.osType(name));
  }
}
