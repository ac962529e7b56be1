package dev.skillwarden.otlp;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// One record of the journal as a log record. The body is its whole line, so that whoever receives
/// it can verify the chain; the attributes are what queries need. Names beginning with `gen_ai` and
/// `error` are those of the OpenTelemetry semantic conventions 1.41.1.
final class OtlpRecord {
  private static final Set<String> TOOL_KINDS = Set.of("tool", "tool-result");
  private static final Set<String> DECISIONS = Set.of("", "none", "ask", "allow", "deny");

  private final LogRecord.Builder record = LogRecord.newBuilder();

  private OtlpRecord() {}

  /// A line that is no JSON is sent all the same: it is evidence.
  ///
  /// @param seq its number
  /// @param line a line of the journal
  /// @param observed when this was made of it
  static LogRecord of(long seq, String line, Instant observed) {
    try {
      return of(line, Json.parse("record", line), observed);
    } catch (InvalidTextException | DateTimeException | ArithmeticException e) {
      return LogRecord.newBuilder()
          .setObservedTimeUnixNano(nanos(observed))
          .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN)
          .setEventName("skillwarden.damaged")
          .setBody(AnyValue.newBuilder().setStringValue(line))
          .addAttributes(attribute("skillwarden.seq", seq))
          .build();
    }
  }

  private static LogRecord of(String line, JsonNode json, Instant observed) {
    String kind = json.path("kind").asString("");
    String decision = json.path("decision").asString("");
    OtlpRecord made = new OtlpRecord();
    made.record
        .setTimeUnixNano(nanos(Instant.parse(json.path("ts").asString(""))))
        .setObservedTimeUnixNano(nanos(observed))
        .setSeverityNumber(
            decision.equals("deny")
                ? SeverityNumber.SEVERITY_NUMBER_WARN
                : SeverityNumber.SEVERITY_NUMBER_INFO)
        .setEventName("skillwarden." + kind)
        .setBody(AnyValue.newBuilder().setStringValue(line));
    if (TOOL_KINDS.contains(kind)) {
      made.text("gen_ai.operation.name", "execute_tool");
    }
    made.text("gen_ai.tool.name", json, "tool");
    made.text("gen_ai.tool.call.id", json, "tool_use_id");
    made.text("gen_ai.conversation.id", json, "session");
    made.text("error.type", errorType(decision, json.path("outcome").asString("")));
    made.number("skillwarden.seq", json, "seq");
    made.text("skillwarden.hash", json, "hash");
    made.text("skillwarden.kind", kind);
    made.text("skillwarden.decision", decision);
    made.text("skillwarden.rule", json, "rule");
    made.text("skillwarden.account", json, "account");
    made.text("skillwarden.skill", json, "skill");
    made.text("skillwarden.skill.version", json, "version");
    made.text("skillwarden.outcome", json, "outcome");
    made.text("skillwarden.policy_version", json, "policy_version");
    made.text("skillwarden.catalog_commit", json, "catalog_commit");
    made.number("skillwarden.duration_us", json, "duration_us");
    return made.record.build();
  }

  /// A refusal by its code; a tool that failed does not say how.
  private static String errorType(String decision, String outcome) {
    if (decision.equals("deny")) {
      return "denied";
    }
    if (!DECISIONS.contains(decision)) {
      return decision;
    }
    return outcome.equals("failed") ? "_OTHER" : "";
  }

  private static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }

  private void text(String name, JsonNode json, String key) {
    text(name, json.path(key).asString(""));
  }

  private void text(String name, String value) {
    if (!value.isEmpty()) {
      record.addAttributes(attribute(name, value));
    }
  }

  private void number(String name, JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (value.isIntegralNumber()) {
      record.addAttributes(attribute(name, value.asLong(0)));
    }
  }

  private static KeyValue attribute(String name, long value) {
    return KeyValue.newBuilder()
        .setKey(name)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }

  static KeyValue attribute(String name, String value) {
    return KeyValue.newBuilder()
        .setKey(name)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
