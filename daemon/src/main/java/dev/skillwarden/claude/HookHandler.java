package dev.skillwarden.claude;

import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.GateAnswer;
import dev.skillwarden.gate.Place;
import dev.skillwarden.gate.ToolRequest;
import dev.skillwarden.gate.ToolResult;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Claude Code's hook protocol: one event in, the event's own answer out. Whatever cannot be read
/// is a deny in the shape that the event understands.
public final class HookHandler {
  private static final System.Logger LOG = System.getLogger(HookHandler.class.getName());
  private static final Pattern EVENT =
      Pattern.compile("\"hook_event_name\"\\s*:\\s*\"([A-Za-z]{1,40})\"");
  private static final int MAX_NAME = 256;

  private final Gate gate;

  public HookHandler(Gate gate) {
    this.gate = gate;
  }

  /// Something in the payload is not as the client sends it.
  private static final class MalformedEventException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedEventException(String message) {
      super(message);
    }
  }

  /// Answers one event.
  ///
  /// @param body the payload as received
  /// @return JSON for a response with status 200
  public String answer(Caller caller, byte[] body) {
    JsonNode payload;
    try {
      payload = Json.parseRequest("payload", body);
    } catch (InvalidTextException e) {
      return refused(
          caller,
          guessEvent(body),
          e.problems().getFirst().message().lines().findFirst().orElse(""));
    }
    JsonNode name = payload.path("hook_event_name");
    String event = name.isString() ? name.stringValue() : ""; // another type tells no event
    try {
      if (!payload.isObject()) {
        throw new MalformedEventException("the payload wants a JSON object");
      }
      return dispatch(caller, event, payload);
    } catch (MalformedEventException e) {
      return refused(caller, event, String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError e) {
      LOG.log(Level.ERROR, "hook event " + event + " failed", e);
      return refused(caller, event, "the daemon failed; its log has the cause");
    }
  }

  /// The body was larger than the server reads.
  ///
  /// @param head the beginning of the body
  public String oversize(Caller caller, byte[] head, int limit) {
    return refused(caller, guessEvent(head), "the payload is over %,d bytes".formatted(limit));
  }

  /// The body could not be received.
  public String unreceived(Caller caller, byte[] head, String why) {
    return refused(caller, guessEvent(head), why);
  }

  private String refused(Caller caller, String event, String problem) {
    GateAnswer answer = gate.malformed(caller, event, problem);
    // What event it was may be unknown: an object that blocks in both shapes.
    if (event.isEmpty()) {
      ObjectNode both = Json.object().put("decision", "block").put("reason", answer.text());
      both.putObject("hookSpecificOutput")
          .put("hookEventName", "PreToolUse")
          .put("permissionDecision", "deny")
          .put("permissionDecisionReason", answer.text());
      return Json.write(both);
    }
    return HookAnswer.of(event).render(answer);
  }

  private String dispatch(Caller caller, String event, JsonNode payload)
      throws MalformedEventException {
    String session = text(payload, "session_id", MAX_NAME, true);
    return switch (event) {
      case "PreToolUse" ->
          HookAnswer.PRE_TOOL_USE.render(gate.tool(caller, toolRequest(payload, session)));
      case "PostToolUse" -> result(caller, payload, session, true);
      case "PostToolUseFailure" -> result(caller, payload, session, false);
      case "UserPromptExpansion" ->
          HookAnswer.BLOCK.render(
              gate.expansion(
                  caller, place(payload, session), text(payload, "command_name", 4_096, true)));
      case "ConfigChange" ->
          HookAnswer.BLOCK.render(
              gate.configChange(
                  caller,
                  session,
                  text(payload, "source", MAX_NAME, true),
                  text(payload, "file_path", 4_096, false)));
      case "SessionStart" ->
          HookAnswer.context(
              gate.sessionStart(caller, session, text(payload, "source", MAX_NAME, false)));
      default ->
          throw new MalformedEventException(
              "the event '%s' is not known; print the settings again with `skillwarden claude settings`"
                  .formatted(shortened(event)));
    };
  }

  private static ToolRequest toolRequest(JsonNode payload, String session)
      throws MalformedEventException {
    String tool = text(payload, "tool_name", MAX_NAME, true);
    JsonNode input = payload.path("tool_input");
    if (!input.isObject()) {
      throw new MalformedEventException("'tool_input' wants a JSON object");
    }
    Place place = place(payload, session);
    return new ToolRequest(
        session,
        text(payload, "tool_use_id", MAX_NAME, false),
        place.agentType(),
        tool,
        input,
        place.cwd());
  }

  private static Place place(JsonNode payload, String session) throws MalformedEventException {
    String type = text(payload, "agent_type", MAX_NAME, false);
    boolean subagent = !text(payload, "agent_id", MAX_NAME, false).isEmpty();
    return new Place(
        session,
        type.isEmpty() && subagent ? Caps.UNNAMED_AGENT : type,
        directory(text(payload, "cwd", 4_096, true)));
  }

  private static Path directory(String cwd) throws MalformedEventException {
    try {
      Path path = Path.of(cwd);
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException e) {
      throw new MalformedEventException("'cwd' wants an absolute path: " + e.getReason());
    }
    throw new MalformedEventException("'cwd' wants an absolute path");
  }

  private String result(Caller caller, JsonNode payload, String session, boolean succeeded)
      throws MalformedEventException {
    long millis =
        payload.path("duration_ms").isNumber() ? payload.path("duration_ms").asLong(0) : 0;
    String error =
        succeeded
            ? "ok"
            : payload.path("error").asString("failed").lines().findFirst().orElse("failed");
    gate.toolResult(
        caller,
        new ToolResult(
            session,
            text(payload, "tool_use_id", MAX_NAME, false),
            text(payload, "tool_name", MAX_NAME, true),
            succeeded,
            error.substring(0, Math.min(error.length(), 200)),
            Duration.ofMillis(Math.clamp(millis, 0, Duration.ofDays(1).toMillis()))));
    return HookAnswer.NOTHING.render(GateAnswer.none(""));
  }

  private static String text(JsonNode payload, String key, int max, boolean required)
      throws MalformedEventException {
    JsonNode node = payload.path(key);
    if (node.isMissingNode() || node.isNull()) {
      if (required) {
        throw new MalformedEventException("'" + key + "' is missing");
      }
      return "";
    }
    if (!node.isString() || node.stringValue().length() > max) {
      throw new MalformedEventException(
          "'%s' wants text of at most %d characters".formatted(key, max));
    }
    if (required && node.stringValue().isBlank()) {
      throw new MalformedEventException("'" + key + "' is empty");
    }
    return node.stringValue();
  }

  private static String shortened(String event) {
    return event.length() > 40 ? event.substring(0, 40) + "…" : event;
  }

  /// The event a broken payload was meant to be, as far as its text tells; empty when it does not
  /// or tells two.
  private static String guessEvent(byte[] body) {
    int length = Math.min(body.length, 1 << 20);
    Matcher matcher =
        EVENT.matcher(new String(body, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1));
    String event = "";
    while (matcher.find()) {
      if (!event.isEmpty() && !event.equals(matcher.group(1))) {
        return "";
      }
      event = matcher.group(1);
    }
    return event;
  }
}
