package dev.skillwarden.claude;

import dev.skillwarden.gate.GateAnswer;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.text.Json;
import tools.jackson.databind.node.ObjectNode;

/// The answer shapes of the client, one a kind of event. The wrong shape is a silent allow, so the
/// event chooses it. Never `allow`: that would suppress the user's own prompt.
enum HookAnswer {
  /// `hookSpecificOutput.permissionDecision`.
  PRE_TOOL_USE,
  /// Top-level `decision: block`.
  BLOCK,
  /// Nothing can be decided any more.
  NOTHING;

  private static final String EMPTY = "{}";

  /// The shape an event understands; the strictest for an unknown one.
  static HookAnswer of(String event) {
    return switch (event) {
      case "PreToolUse" -> PRE_TOOL_USE;
      case "PostToolUse", "PostToolUseFailure", "SessionStart" -> NOTHING;
      default -> BLOCK;
    };
  }

  String render(GateAnswer answer) {
    return switch (answer.verdict()) {
      case NONE -> EMPTY;
      case ASK, DENY -> objection(answer.verdict(), answer.text());
    };
  }

  private String objection(Verdict verdict, String text) {
    return switch (this) {
      case PRE_TOOL_USE -> {
        ObjectNode root = Json.object();
        root.putObject("hookSpecificOutput")
            .put("hookEventName", "PreToolUse")
            .put("permissionDecision", verdict.text())
            .put("permissionDecisionReason", text);
        yield Json.write(root);
      }
      // An expansion or a settings change knows no "ask": what is not clearly open stays closed.
      case BLOCK -> Json.write(Json.object().put("decision", "block").put("reason", text));
      case NOTHING -> EMPTY;
    };
  }

  /// Context for a session that starts.
  static String context(String text) {
    if (text.isEmpty()) {
      return EMPTY;
    }
    ObjectNode root = Json.object();
    root.putObject("hookSpecificOutput")
        .put("hookEventName", "SessionStart")
        .put("additionalContext", text);
    return Json.write(root);
  }
}
