package dev.skillwarden.text;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The one JSON reader and writer. Strict: duplicate keys, trailing content, and nesting over
/// [#MAX_DEPTH] are refused.
public final class Json {
  /// Deepest nesting accepted.
  public static final int MAX_DEPTH = 64;

  /// Most tokens of a request: an empty object takes 3 bytes in it and 70 in memory.
  public static final int MAX_REQUEST_TOKENS = 50_000;

  private static final JsonMapper MAPPER = mapper(Long.MAX_VALUE);
  private static final JsonMapper REQUESTS = mapper(MAX_REQUEST_TOKENS);

  private Json() {}

  private static JsonMapper mapper(long maxTokens) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(
                    StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(48 << 20)
                        .maxNameLength(16 << 10)
                        .maxTokenCount(maxTokens)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .build();
  }

  /// @throws InvalidTextException when the bytes are not exactly one JSON value
  public static JsonNode parse(String what, byte[] utf8) throws InvalidTextException {
    return parse(MAPPER, what, utf8);
  }

  /// As [#parse(String, byte[])], for what anybody may send: at most [#MAX_REQUEST_TOKENS] tokens.
  public static JsonNode parseRequest(String what, byte[] utf8) throws InvalidTextException {
    return parse(REQUESTS, what, utf8);
  }

  private static JsonNode parse(JsonMapper mapper, String what, byte[] utf8)
      throws InvalidTextException {
    try {
      JsonNode node = mapper.readTree(utf8);
      if (node == null || node.isMissingNode()) {
        throw refused(what, 1, 1, "is empty; JSON is wanted");
      }
      return node;
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw refused(
          what, Math.max(0, line), Math.max(0, column), String.valueOf(e.getOriginalMessage()));
    }
  }

  /// As [#parse(String, byte[])], for text already decoded.
  public static JsonNode parse(String what, String text) throws InvalidTextException {
    return parse(what, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /// An empty object to fill; its keys are written in the order they are put.
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Compact JSON on one line.
  public static String write(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  /// Indented JSON for people.
  public static String pretty(JsonNode node) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  private static InvalidTextException refused(String what, int line, int column, String message) {
    return new InvalidTextException(List.of(new Problem(what, line, column, message)));
  }
}
