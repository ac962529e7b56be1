package dev.skillwarden.otlp;

import dev.skillwarden.text.Json;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Records of one journal on their way into one `ExportLogsServiceRequest`, bounded in number and
/// in bytes of whichever spelling is longer: JSON.
public final class LogBatch {
  /// Most records of one request.
  public static final int MAX_RECORDS = 500;

  /// Most bytes of one request before compression, unless a single record is longer.
  public static final int MAX_BYTES = 1 << 20;

  private final ResourceLogs.Builder resource;
  private final List<LogRecord> records = new ArrayList<>();
  private int bytes;

  public LogBatch(Origin origin) {
    Resource.Builder from =
        Resource.newBuilder()
            .addAttributes(OtlpRecord.attribute("service.name", "skillwarden"))
            .addAttributes(OtlpRecord.attribute("service.version", origin.version()))
            .addAttributes(OtlpRecord.attribute("service.instance.id", origin.identity().install()))
            .addAttributes(OtlpRecord.attribute("host.id", origin.identity().device()))
            .addAttributes(OtlpRecord.attribute("os.type", origin.osType()));
    if (!origin.team().isEmpty()) {
      from.addAttributes(OtlpRecord.attribute("team", origin.team()));
    }
    this.resource = ResourceLogs.newBuilder().setResource(from);
    this.bytes = json().length;
  }

  /// Takes a line in, if there is room.
  ///
  /// @param seq its number
  /// @param observed when it is taken
  /// @return false when the batch is full; the line is not in it
  public boolean add(long seq, String line, Instant observed) {
    LogRecord record = OtlpRecord.of(seq, line, observed);
    int more = Json.write(OtlpJson.of(record)).getBytes(StandardCharsets.UTF_8).length + 1;
    boolean fits = records.isEmpty() || (records.size() < MAX_RECORDS && bytes + more <= MAX_BYTES);
    if (fits) {
      records.add(record);
      bytes += more;
    }
    return fits;
  }

  public int size() {
    return records.size();
  }

  public boolean isEmpty() {
    return records.isEmpty();
  }

  ExportLogsServiceRequest request() {
    ScopeLogs.Builder scope =
        ScopeLogs.newBuilder()
            .setScope(
                InstrumentationScope.newBuilder().setName("skillwarden.journal").setVersion("2"))
            .addAllLogRecords(records);
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(resource.clone().addScopeLogs(scope))
        .build();
  }

  /// `application/json`, one line without its end.
  public byte[] json() {
    return Json.write(OtlpJson.of(request())).getBytes(StandardCharsets.UTF_8);
  }

  /// `application/x-protobuf`.
  public byte[] protobuf() {
    return request().toByteArray();
  }
}
