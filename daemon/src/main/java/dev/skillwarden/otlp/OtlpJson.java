package dev.skillwarden.otlp;

import dev.skillwarden.text.Json;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// OTLP's JSON: names in lowerCamelCase, enums as whole numbers, 64-bit numbers as decimal text.
/// Only what [LogBatch] makes is spelled out; ids of traces, which OTLP spells in hex, are none of
/// it.
final class OtlpJson {
  private OtlpJson() {}

  static ObjectNode of(ExportLogsServiceRequest request) {
    ObjectNode root = Json.object();
    ArrayNode resources = root.putArray("resourceLogs");
    for (ResourceLogs logs : request.getResourceLogsList()) {
      ObjectNode resource = resources.addObject();
      attributes(resource.putObject("resource"), logs.getResource().getAttributesList());
      ArrayNode scopes = resource.putArray("scopeLogs");
      for (ScopeLogs scope : logs.getScopeLogsList()) {
        scope(scopes.addObject(), scope);
      }
    }
    return root;
  }

  private static void scope(ObjectNode json, ScopeLogs logs) {
    json.putObject("scope")
        .put("name", logs.getScope().getName())
        .put("version", logs.getScope().getVersion());
    ArrayNode records = json.putArray("logRecords");
    logs.getLogRecordsList().forEach(r -> records.add(of(r)));
  }

  static ObjectNode of(LogRecord record) {
    ObjectNode json =
        Json.object()
            .put("timeUnixNano", Long.toUnsignedString(record.getTimeUnixNano()))
            .put("observedTimeUnixNano", Long.toUnsignedString(record.getObservedTimeUnixNano()))
            .put("severityNumber", record.getSeverityNumberValue())
            .put("eventName", record.getEventName());
    json.putObject("body").put("stringValue", record.getBody().getStringValue());
    attributes(json, record.getAttributesList());
    return json;
  }

  private static void attributes(ObjectNode json, List<KeyValue> attributes) {
    ArrayNode array = json.putArray("attributes");
    for (KeyValue attribute : attributes) {
      ObjectNode value = array.addObject().put("key", attribute.getKey()).putObject("value");
      if (attribute.getValue().hasIntValue()) {
        value.put("intValue", Long.toString(attribute.getValue().getIntValue()));
      } else {
        value.put("stringValue", attribute.getValue().getStringValue());
      }
    }
  }
}
