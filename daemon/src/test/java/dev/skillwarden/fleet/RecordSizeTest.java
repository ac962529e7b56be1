package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The sizes that docs/fleet.md reckons with, measured on 500 records of everyday commands as they
/// go over the wire: the raw line as body and the attributes beside it.
final class RecordSizeTest {
  private static final int RECORDS = 500;
  private static final long NANOS = 1_764_000_000_000_000_000L;

  private record LogRecord(long nanos, String line, Map<String, Object> attributes) {}

  private static List<LogRecord> records() throws IOException {
    List<String> commands = new ArrayList<>();
    for (String row : Files.readAllLines(Path.of("src/test/resources/policy/shell-cases.tsv"))) {
      if (!row.startsWith("#") && row.contains("\t")) {
        commands.add(row.substring(row.lastIndexOf('\t') + 1));
      }
    }
    Random random = new Random(6);
    List<LogRecord> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(record(40_000 + i, commands.get(random.nextInt(commands.size())), random));
    }
    return records;
  }

  private static LogRecord record(int seq, String command, Random random) {
    String session = "%08x-77aa-4bcd-9e01-5f0c%08x".formatted(seq / 60 * 7919, seq / 60 * 104_729);
    String call = "toolu_01" + hex(random, 11);
    String hash = hex(random, 32);
    long duration = 150L + random.nextInt(700);
    ObjectNode entry =
        Json.object()
            .put("v", 2)
            .put("seq", seq)
            .put(
                "ts",
                "2026-11-24T16:%02d:%02d.%06dZ"
                    .formatted(seq / 60 % 60, seq % 60, random.nextInt(1_000_000)))
            .put("id", hex(random, 4))
            .put("kind", "tool")
            .put("account", "jane.doe")
            .put("session", session)
            .put("tool", "Bash")
            .put("tool_use_id", call)
            .put("decision", "none")
            .put("rule", "default")
            .put("command", command)
            .put("policy_version", "14")
            .put("catalog_commit", "9fdc83b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6")
            .put("duration_us", duration);
    String text = Json.write(entry);
    String line =
        text.substring(0, text.length() - 1)
            + ",\"hash\":\"%s\",\"mac\":\"%s\"}".formatted(hash, hex(random, 32));
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("skillwarden.seq", (long) seq);
    attributes.put("skillwarden.hash", hash);
    attributes.put("skillwarden.kind", "tool");
    attributes.put("skillwarden.decision", "none");
    attributes.put("skillwarden.rule", "default");
    attributes.put("skillwarden.account", "jane.doe");
    attributes.put("skillwarden.policy_version", "14");
    attributes.put("skillwarden.catalog_commit", "9fdc83b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6");
    attributes.put("skillwarden.duration_us", duration);
    attributes.put("gen_ai.tool.name", "Bash");
    attributes.put("gen_ai.conversation.id", session);
    attributes.put("gen_ai.tool.call.id", call);
    return new LogRecord(
        NANOS + seq * 1_000_000_000L + random.nextInt(1_000_000), line, attributes);
  }

  private static String hex(Random random, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append("%02x".formatted(random.nextInt(256)));
    }
    return text.toString();
  }

  /// OTLP in JSON: 64-bit integers are strings.
  private static byte[] json(List<LogRecord> records) {
    ObjectNode request = Json.object();
    ObjectNode resourceLogs = request.putArray("resourceLogs").addObject();
    ArrayNode resource = resourceLogs.putObject("resource").putArray("attributes");
    RESOURCE.forEach((key, value) -> attribute(resource, key, value));
    ObjectNode scopeLogs = resourceLogs.putArray("scopeLogs").addObject();
    scopeLogs.putObject("scope").put("name", "skillwarden").put("version", "2");
    ArrayNode logRecords = scopeLogs.putArray("logRecords");
    for (LogRecord record : records) {
      ObjectNode node = logRecords.addObject();
      node.put("timeUnixNano", Long.toString(record.nanos()));
      node.put("observedTimeUnixNano", Long.toString(record.nanos()));
      node.put("severityNumber", 9);
      node.putObject("body").put("stringValue", record.line());
      ArrayNode attributes = node.putArray("attributes");
      record.attributes().forEach((key, value) -> attribute(attributes, key, value));
    }
    return Json.write(request).getBytes(StandardCharsets.UTF_8);
  }

  private static void attribute(ArrayNode attributes, String key, Object value) {
    ObjectNode node = attributes.addObject().put("key", key);
    node.putObject("value")
        .put(value instanceof Long ? "intValue" : "stringValue", value.toString());
  }

  private static final Map<String, Object> RESOURCE = new LinkedHashMap<>();

  static {
    RESOURCE.put("service.name", "skillwarden");
    RESOURCE.put("service.version", "0.1.0");
    RESOURCE.put("service.instance.id", "b1946ac9-2f4d-4c1e-8a57-0d1f6b2c9e44");
    RESOURCE.put("host.id", "C02XK1ABJGH5");
    RESOURCE.put("team", "payments");
  }

  /// OTLP in protobuf, field numbers of opentelemetry-proto's logs.proto and common.proto.
  private static byte[] protobuf(List<LogRecord> records) {
    Message scope = new Message().text(1, "skillwarden").text(2, "2");
    Message scopeLogs = new Message().message(1, scope);
    for (LogRecord record : records) {
      Message message = new Message().fixed64(1, record.nanos()).varint(2, 9);
      message.message(5, new Message().text(1, record.line()));
      record.attributes().forEach((key, value) -> message.message(6, attribute(key, value)));
      scopeLogs.message(2, message.fixed64(11, record.nanos()));
    }
    Message resource = new Message();
    RESOURCE.forEach((key, value) -> resource.message(1, attribute(key, value)));
    Message resourceLogs = new Message().message(1, resource).message(2, scopeLogs);
    return new Message().message(1, resourceLogs).bytes();
  }

  private static Message attribute(String key, Object value) {
    Message any =
        value instanceof Long number
            ? new Message().varint(3, number)
            : new Message().text(1, value.toString());
    return new Message().text(1, key).message(2, any);
  }

  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
      return out.toByteArray();
    }

    private void number(long value) {
      long rest = value;
      for (; rest >= 0x80; rest >>>= 7) {
        out.write((int) (rest | 0x80));
      }
      out.write((int) rest);
    }

    Message varint(int field, long value) {
      number((long) field << 3);
      number(value);
      return this;
    }

    Message fixed64(int field, long value) {
      number(((long) field << 3) | 1);
      for (int i = 0; i < Long.BYTES; i++) {
        out.write((int) (value >>> (8 * i)));
      }
      return this;
    }

    Message text(int field, String text) {
      return raw(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message message) {
      return raw(field, message.bytes());
    }

    private Message raw(int field, byte[] bytes) {
      number(((long) field << 3) | 2);
      number(bytes.length);
      out.writeBytes(bytes);
      return this;
    }
  }

  private static int gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.size();
  }

  @Test
  void theDocumentReckonsWithTheSizesMeasured() throws IOException {
    List<LogRecord> records = records();
    byte[] json = json(records);
    byte[] protobuf = protobuf(records);
    Map<String, Integer> measured = new LinkedHashMap<>();
    measured.put("line", records.stream().mapToInt(r -> r.line().length()).sum() / RECORDS);
    measured.put("JSON", json.length / RECORDS);
    measured.put("JSON, gzip", gzip(json) / RECORDS);
    measured.put("protobuf", protobuf.length / RECORDS);
    measured.put("protobuf, gzip", gzip(protobuf) / RECORDS);
    measured.put("protobuf, gzip, 3 in a batch", gzip(protobuf(records.subList(0, 3))) / 3);

    Map<String, Integer> documented = new LinkedHashMap<>();
    Matcher row =
        Pattern.compile("(?m)^\\| ([^|]+) \\| (\\d[\\d,]*) B \\|")
            .matcher(Files.readString(Path.of("../docs/fleet.md")));
    while (row.find()) {
      documented.put(row.group(1), Integer.parseInt(row.group(2).replace(",", "")));
    }
    assertEquals(measured.keySet(), documented.keySet());
    measured.forEach((name, size) -> {
      int said = documented.getOrDefault(name, 0);
      assertTrue(Math.abs(said - size) <= size / 20, name + " is " + size + ", not " + said);
    });
  }
}
