package dev.skillwarden.http;

import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerHandler;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpStatelessServerTransport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// MCP over HTTP, stateless: the tools `search_skills` and `invoke_skill`. Built with the first
/// request, so that it costs no start-up time.
final class McpEndpoint {
  /// Largest result of a tool, in characters; the client passes longer ones on only in part.
  static final int MAX_RESULT = 500_000;

  private static final System.Logger LOG = System.getLogger(McpEndpoint.class.getName());
  private static final List<String> PROTOCOLS =
      List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");
  private static final String CALLER = "caller";
  private static final String PARSE_ERROR =
      "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not a JSON-RPC"
          + " message\"}}";

  private final Gate gate;
  private final McpJsonMapper mapper;
  private @Nullable McpStatelessServerHandler handler;

  McpEndpoint(Gate gate) {
    this.gate = gate;
    this.mapper = McpJsonDefaults.getMapper();
  }

  private final class Transport implements McpStatelessServerTransport {
    @Override
    public void setMcpHandler(McpStatelessServerHandler mcpHandler) {
      handler = mcpHandler;
    }

    @Override
    public Mono<Void> closeGracefully() {
      return Mono.empty();
    }

    @Override
    public List<String> protocolVersions() {
      return PROTOCOLS;
    }
  }

  private synchronized McpStatelessServerHandler handler() {
    if (handler == null) {
      build();
    }
    if (handler == null) {
      throw new IllegalStateException("the MCP server took no transport");
    }
    return handler;
  }

  private void build() {
    Map<String, Object> text = Map.of("type", "string");
    Map<String, Object> search =
        schema(
            Map.of(
                "query",
                    Map.of(
                        "type",
                        "string",
                        "minLength",
                        1,
                        "maxLength",
                        2_000,
                        "description",
                        "What you want to do, in your own words."),
                "k",
                    Map.of(
                        "type",
                        "integer",
                        "minimum",
                        1,
                        "maximum",
                        50,
                        "description",
                        "How many results, 5 by default."),
                "filters",
                    schema(Map.of("team", text, "access_level", text, "tag", text), List.of())),
            List.of("query"));
    Map<String, Object> invoke =
        schema(
            Map.of(
                "name",
                    Map.of("type", "string", "description", "team/name as search_skills gives it."),
                "version_constraint",
                    Map.of(
                        "type",
                        "string",
                        "description",
                        "Range such as 1.x; the pin of the search result."),
                "payload", Map.of("type", "object", "description", "Input for the skill."),
                "page",
                    Map.of(
                        "type",
                        "integer",
                        "minimum",
                        1,
                        "description",
                        "Page of long instructions, 1 by default; a page says when there is"
                            + " more.")),
            List.of("name"));
    Map<String, Object> meta = Map.of("anthropic/maxResultSizeChars", MAX_RESULT);
    McpServer.sync(new Transport())
        .serverInfo("skillwarden", "1")
        .immediateExecution(true)
        .capabilities(ServerCapabilities.builder().tools(false).build())
        .instructions(
            "Company skills. Search by intent, then invoke the best match and follow its"
                + " instructions.")
        .toolCall(
            Tool.builder("search_skills", search)
                .description(
                    "Finds the company's skills for what you want to do. Only skills you may use"
                        + " are shown.")
                .meta(meta)
                .build(),
            (context, request) ->
                call(
                    context,
                    request,
                    (caller, arguments) ->
                        render(
                            gate.search(caller, SkillJson.search(arguments), toolUseId(request)),
                            r -> Json.pretty(SkillJson.result(r)))))
        .toolCall(
            Tool.builder("invoke_skill", invoke)
                .description(
                    "Returns a skill's instructions, with those of the skills it depends on. Follow"
                        + " them.")
                .meta(meta)
                .build(),
            (context, request) ->
                call(
                    context,
                    request,
                    (caller, arguments) -> {
                      int page = page(arguments);
                      return render(
                          gate.invoke(caller, SkillJson.invoke(arguments, toolUseId(request))),
                          invocation -> SkillText.page(invocation, page));
                    }))
        .build();
  }

  private static Map<String, Object> schema(Map<String, Object> properties, List<String> required) {
    return Map.of(
        "type",
        "object",
        "properties",
        properties,
        "required",
        required,
        "additionalProperties",
        false);
  }

  /// Takes the page out of the arguments: it is about the answer, not about the skill.
  private static int page(JsonNode arguments) {
    JsonNode page = arguments.path("page");
    if (page.isMissingNode()) {
      return 1;
    }
    if (!page.isIntegralNumber() || page.asLong(0) < 1 || page.asLong(0) > 1_000) {
      throw new IllegalArgumentException("page wants a whole number from 1");
    }
    if (arguments instanceof ObjectNode object) {
      object.remove("page");
    }
    return page.asInt(1);
  }

  private static String toolUseId(CallToolRequest request) {
    Object id = request.meta() == null ? null : request.meta().get("claudecode/toolUseId");
    return id instanceof String s && s.length() <= 256 ? s : "";
  }

  @FunctionalInterface
  private interface Call {
    CallToolResult of(Caller caller, JsonNode arguments);
  }

  private CallToolResult call(McpTransportContext context, CallToolRequest request, Call call) {
    Caller caller = context.get(CALLER) instanceof Caller c ? c : Caller.UNKNOWN;
    try {
      Map<String, Object> given = request.arguments() == null ? Map.of() : request.arguments();
      JsonNode arguments = Json.parse("arguments", mapper.writeValueAsBytes(given));
      return call.of(caller, arguments);
    } catch (IllegalArgumentException | InvalidTextException | IOException e) {
      return failed("INVALID_REQUEST: " + e.getMessage());
    }
  }

  private static <T> CallToolResult render(Outcome<T> outcome, Function<T, String> text) {
    return switch (outcome) {
      case Outcome.Ok<T>(T value) -> {
        String shown = text.apply(value);
        yield shown.length() > MAX_RESULT
            ? failed("INTERNAL: the result is over %,d characters".formatted(MAX_RESULT))
            : CallToolResult.builder().addTextContent(shown).build();
      }
      case Outcome.Refused<T>(ApiError error) -> failed(Json.write(SkillJson.error(error)));
    };
  }

  private static CallToolResult failed(String text) {
    return CallToolResult.builder().isError(true).addTextContent(text).build();
  }

  void handle(Caller caller, byte[] body, ServerResponse response) {
    Optional<JSONRPCMessage> message = parse(body);
    if (message.isEmpty()) {
      response
          .status(Status.BAD_REQUEST_400)
          .header(HeaderNames.CONTENT_TYPE, "application/json")
          .send(PARSE_ERROR);
      return;
    }
    McpTransportContext context = McpTransportContext.create(Map.of(CALLER, caller));
    switch (message.get()) {
      case JSONRPCRequest request -> send(response, reply(context, request));
      case JSONRPCNotification notification -> {
        handler().handleNotification(context, notification).block();
        response.status(Status.ACCEPTED_202).send();
      }
      default -> // a response to a question that a stateless server never asks
          response
              .status(Status.BAD_REQUEST_400)
              .header(HeaderNames.CONTENT_TYPE, "application/json")
              .send(PARSE_ERROR);
    }
  }

  private Optional<JSONRPCMessage> parse(byte[] body) {
    try {
      Json.parseRequest("message", body); // strict: duplicate keys and depth
      return Optional.of(
          McpSchema.deserializeJsonRpcMessage(mapper, new String(body, StandardCharsets.UTF_8)));
    } catch (InvalidTextException | IOException | RuntimeException e) {
      LOG.log(Level.DEBUG, "not a JSON-RPC message", e);
      return Optional.empty();
    }
  }

  private byte[] reply(McpTransportContext context, JSONRPCRequest request) {
    try {
      Object answer = handler().handleRequest(context, request).block();
      if (answer != null) {
        return mapper.writeValueAsBytes(answer);
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "MCP request " + request.method() + " failed", e);
    }
    ObjectNode error = Json.object().put("jsonrpc", "2.0");
    if (request.id() instanceof Number n) {
      error.put("id", n.longValue());
    } else {
      error.put("id", String.valueOf(request.id()));
    }
    error
        .putObject("error")
        .put("code", -32603)
        .put("message", "the daemon failed; its log has the cause");
    return Json.write(error).getBytes(StandardCharsets.UTF_8);
  }

  private static void send(ServerResponse response, byte[] json) {
    response.status(Status.OK_200).header(HeaderNames.CONTENT_TYPE, "application/json").send(json);
  }
}
