package dev.skillwarden.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a receiver says in the body of status 200.
///
/// @param rejected records it did not take, 0 or more
/// @param message its words, often empty
public record ExportResponse(long rejected, String message) {
  /// Reads a body.
  ///
  /// @param protobuf whether it is protobuf, else JSON
  /// @throws InvalidTextException when it is no `ExportLogsServiceResponse`, cut off for example
  public static ExportResponse parse(boolean protobuf, byte[] body) throws InvalidTextException {
    return protobuf ? protobuf(body) : json(body);
  }

  private static ExportResponse protobuf(byte[] body) throws InvalidTextException {
    try {
      ExportLogsServiceResponse response = ExportLogsServiceResponse.parseFrom(body);
      if (!response.getUnknownFields().asMap().isEmpty() && !response.hasPartialSuccess()) {
        throw refused("has none of the fields of an ExportLogsServiceResponse");
      }
      ExportLogsPartialSuccess partial = response.getPartialSuccess();
      return checked(partial.getRejectedLogRecords(), partial.getErrorMessage());
    } catch (InvalidProtocolBufferException e) {
      throw refused("is no protobuf: " + e.getMessage());
    }
  }

  private static ExportResponse json(byte[] body) throws InvalidTextException {
    if (body.length == 0) {
      return new ExportResponse(0, "");
    }
    JsonNode json = Json.parse("answer", body);
    JsonNode partial = json.path("partialSuccess");
    if (!json.isObject() || !(partial.isMissingNode() || partial.isNull() || partial.isObject())) {
      throw refused("is no ExportLogsServiceResponse");
    }
    return checked(
        number(partial.path("rejectedLogRecords")), partial.path("errorMessage").asString(""));
  }

  /// A 64-bit number: text by the rules of OTLP, a number by those of many receivers.
  private static long number(JsonNode value) throws InvalidTextException {
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    try {
      return value.isIntegralNumber() && value.canConvertToLong()
          ? value.longValue()
          : Long.parseLong(value.asString(""));
    } catch (NumberFormatException e) {
      throw refused("has rejectedLogRecords " + value + "; a whole number is wanted");
    }
  }

  private static ExportResponse checked(long rejected, String message) throws InvalidTextException {
    if (rejected < 0) {
      throw refused("has rejectedLogRecords " + rejected + "; 0 or more is wanted");
    }
    return new ExportResponse(rejected, message);
  }

  private static InvalidTextException refused(String what) {
    return new InvalidTextException(List.of(new Problem("answer", 0, 0, what)));
  }
}
