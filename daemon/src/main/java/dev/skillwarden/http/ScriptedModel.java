package dev.skillwarden.http;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Plays the model for a client on this machine: asks for the tool calls of a script, one a turn,
/// and keeps what the client answers to each. Listens on the loopback only; answers nothing else.
/// Other accounts reach the loopback too: who does not have the key is not heard.
public final class ScriptedModel implements AutoCloseable {
  private static final int MAX_BODY = 16 << 20;
  private static final String ANSWER_ID = "msg_probe";
  private static final HeaderName API_KEY = HeaderNames.create("x-api-key");
  private static final String BEARER = "Bearer ";
  private static final int KEY_BYTES = 16;

  private final List<Call> calls;
  private final Map<String, Result> results = new ConcurrentHashMap<>();
  private final Set<String> handedOut = ConcurrentHashMap.newKeySet();
  private final String key;
  private final WebServer server;

  /// A tool call to ask for.
  ///
  /// @param id letters, digits, `-` and `_`
  public record Call(String id, String tool, ObjectNode input) {}

  /// What the model reads of a call.
  ///
  /// @param error whether it was refused or failed
  public record Result(boolean error, String text) {}

  private ScriptedModel(List<Call> calls) {
    this.calls = List.copyOf(calls);
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = HexFormat.of().formatHex(random);
    this.server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .shutdownHook(false)
            .protocolsDiscoverServices(false)
            .addConnectionSelector(
                Http1ConnectionSelector.builder().config(Http1Config.create()).build())
            .routing(
                HttpRouting.builder()
                    .addFilter(this::authorized)
                    .post("/v1/messages", this::message)
                    .post(
                        "/v1/messages/count_tokens",
                        (q, r) -> send(r, Status.OK_200, Json.object().put("input_tokens", 1)))
                    .any((q, r) -> send(r, Status.NOT_FOUND_404, error("not_found_error"))))
            .build();
  }

  /// Listens on a free port.
  public static ScriptedModel start(List<Call> calls) {
    ScriptedModel model = new ScriptedModel(calls);
    model.server.start();
    return model;
  }

  public int port() {
    return server.port();
  }

  /// What the client must send as its API key: 32 hexadecimal digits, new for each model.
  public String key() {
    return key;
  }

  /// What the client said first of a call that it was asked for; empty while it said nothing.
  public Optional<Result> result(String callId) {
    return Optional.ofNullable(results.get(callId));
  }

  @Override
  public void close() {
    server.stop();
  }

  private void authorized(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String shown =
        request
            .headers()
            .first(API_KEY)
            .or(() ->
                request
                    .headers()
                    .first(HeaderNames.AUTHORIZATION)
                    .filter(value -> value.startsWith(BEARER))
                    .map(value -> value.substring(BEARER.length())))
            .orElse("");
    if (MessageDigest.isEqual(
        shown.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8))) {
      chain.proceed();
    } else {
      send(response, Status.UNAUTHORIZED_401, error("authentication_error"));
    }
  }

  private void message(ServerRequest request, ServerResponse response) throws IOException {
    JsonNode asked;
    try (InputStream body = Body.content(request)) {
      asked = Json.parse("request", body.readNBytes(MAX_BODY));
    } catch (InvalidTextException e) {
      send(response, Status.BAD_REQUEST_400, error("invalid_request_error"));
      return;
    }
    remember(asked.path("messages"));
    ObjectNode answer = answer(asked);
    if (asked.path("stream").asBoolean(false)) {
      response.header(HeaderNames.CONTENT_TYPE, "text/event-stream").send(events(answer));
    } else {
      send(response, Status.OK_200, answer);
    }
  }

  private void remember(JsonNode messages) {
    for (JsonNode message : messages) {
      for (JsonNode block : message.path("content")) {
        String call = block.path("tool_use_id").asString("");
        if (block.path("type").asString("").equals("tool_result") && handedOut.contains(call)) {
          results.putIfAbsent( // each request tells all that was before it again
              call,
              new Result(block.path("is_error").asBoolean(false), text(block.path("content"))));
        }
      }
    }
  }

  private static String text(JsonNode content) {
    return content.isString()
        ? content.stringValue()
        : content
            .valueStream()
            .map(part -> part.path("text").asString(""))
            .collect(Collectors.joining("\n"));
  }

  /// The turn is the number of answers the client has had, so that a repeated request gets the same
  /// answer again. Requests without tools are for titles and the like.
  private ObjectNode answer(JsonNode asked) {
    long had =
        asked
            .path("messages")
            .valueStream()
            .filter(m -> m.path("role").asString("").equals("assistant"))
            .count();
    boolean calling = !asked.path("tools").isEmpty() && had < calls.size();
    ObjectNode answer =
        Json.object()
            .put("id", ANSWER_ID + had)
            .put("type", "message")
            .put("role", "assistant")
            .put("model", asked.path("model").asString(""));
    ArrayNode content = answer.putArray("content");
    if (calling) {
      Call call = calls.get((int) had);
      handedOut.add(call.id());
      content
          .addObject()
          .put("type", "tool_use")
          .put("id", call.id())
          .put("name", call.tool())
          .set("input", call.input());
    } else {
      content.addObject().put("type", "text").put("text", "done");
    }
    answer.put("stop_reason", calling ? "tool_use" : "end_turn").putNull("stop_sequence");
    answer.putObject("usage").put("input_tokens", 1).put("output_tokens", 1);
    return answer;
  }

  /// The answer as the stream of server-sent events that the client reads.
  private static String events(ObjectNode answer) {
    StringBuilder stream = new StringBuilder();
    ObjectNode start = answer.deepCopy();
    start.putArray("content");
    start.putNull("stop_reason");
    event(stream, "message_start", Json.object().set("message", start));
    JsonNode block = answer.path("content").path(0);
    boolean call = block.path("type").asString("").equals("tool_use");
    ObjectNode empty = ((ObjectNode) block).deepCopy();
    ObjectNode delta = Json.object();
    if (call) {
      empty.putObject("input");
      delta.put("type", "input_json_delta").put("partial_json", Json.write(block.path("input")));
    } else {
      empty.put("text", "");
      delta.put("type", "text_delta").put("text", block.path("text").asString(""));
    }
    event(stream, "content_block_start", Json.object().put("index", 0).set("content_block", empty));
    event(stream, "content_block_delta", Json.object().put("index", 0).set("delta", delta));
    event(stream, "content_block_stop", Json.object().put("index", 0));
    ObjectNode end = Json.object();
    end.putObject("delta")
        .put("stop_reason", answer.path("stop_reason").asString(""))
        .putNull("stop_sequence");
    end.putObject("usage").put("output_tokens", 1);
    event(stream, "message_delta", end);
    event(stream, "message_stop", Json.object());
    return stream.toString();
  }

  private static void event(StringBuilder stream, String type, JsonNode data) {
    ObjectNode event = Json.object().put("type", type);
    data.properties().forEach(e -> event.set(e.getKey(), e.getValue()));
    stream.append("event: %s\ndata: %s\n\n".formatted(type, Json.write(event)));
  }

  private static ObjectNode error(String type) {
    ObjectNode node = Json.object().put("type", "error");
    node.putObject("error").put("type", type).put("message", "this model plays a script");
    return node;
  }

  private static void send(ServerResponse response, Status status, JsonNode body) {
    response
        .status(status)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .send(Json.write(body));
  }
}
