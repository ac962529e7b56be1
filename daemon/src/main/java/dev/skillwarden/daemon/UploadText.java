package dev.skillwarden.daemon;

import dev.skillwarden.text.Json;
import dev.skillwarden.upload.UploadStatus;
import tools.jackson.databind.node.ObjectNode;

/// The state of the upload as JSON and as metrics.
final class UploadText {
  private UploadText() {}

  static ObjectNode json(UploadStatus status) {
    ObjectNode node =
        Json.object()
            .put("endpoint", status.endpoint())
            .put("state", status.state())
            .put("acknowledged", status.acknowledged())
            .put("unsent", status.unsent())
            .put("unsent_bytes", status.unsentBytes())
            .put("covered", status.covered())
            .put("last_receipt", status.receipt())
            .put("dead_letters", status.deadLetters())
            .put("problem", status.problem());
    status.lastSuccess().ifPresent(at -> node.put("last_success", at.toString()));
    status.next().ifPresent(at -> node.put("next", at.toString()));
    return node;
  }

  /// Prometheus text exposition.
  static String metrics(UploadStatus status) {
    StringBuilder text = new StringBuilder();
    gauge(text, "unsent_records", "Journal entries not sent yet.", status.unsent());
    gauge(text, "unsent_bytes", "Estimated bytes of them.", status.unsentBytes());
    gauge(
        text,
        "acknowledged_seq",
        "Number of the last entry answered for good.",
        status.acknowledged());
    gauge(text, "covered_seq", "Number of the last entry under a receipt.", status.covered());
    gauge(text, "dead_letters", "Batches the receiver did not take.", status.deadLetters());
    text.append("# HELP skillwarden_upload_requests_total Requests since the start, by outcome.\n");
    text.append("# TYPE skillwarden_upload_requests_total counter\n");
    status.answers().entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(e ->
            text.append("skillwarden_upload_requests_total{outcome=\"")
                .append(e.getKey())
                .append("\"} ")
                .append(e.getValue())
                .append('\n'));
    text.append("# HELP skillwarden_upload_records_total Entries the receiver took.\n");
    text.append("# TYPE skillwarden_upload_records_total counter\n");
    text.append("skillwarden_upload_records_total ").append(status.records()).append('\n');
    return text.toString();
  }

  private static void gauge(StringBuilder text, String name, String help, long value) {
    text.append("# HELP skillwarden_upload_%s %s\n".formatted(name, help));
    text.append("# TYPE skillwarden_upload_%s gauge\n".formatted(name));
    text.append("skillwarden_upload_%s %d\n".formatted(name, value));
  }
}
