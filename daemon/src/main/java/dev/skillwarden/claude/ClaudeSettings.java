package dev.skillwarden.claude;

import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Settings that connect Claude Code. Each event goes one way only: over http where the client can,
/// through the relay where it cannot.
public final class ClaudeSettings {
  /// Time the client gives a hook, in seconds; the daemon answers within 1.5 s.
  static final int TIMEOUT_SECONDS = 10;

  static final List<String> OVER_HTTP =
      List.of("PreToolUse", "PostToolUse", "PostToolUseFailure", "UserPromptExpansion");
  static final List<String> MATCHED = List.of("PreToolUse", "PostToolUse", "PostToolUseFailure");

  private ClaudeSettings() {}

  /// Settings for a developer's own `~/.claude/settings.json`.
  ///
  /// @param port the daemon's loopback port
  /// @param dist where the program is installed
  /// @param home the daemon's home
  public static ObjectNode userMode(int port, Path dist, Path home) {
    ObjectNode root = Json.object();
    ObjectNode env = root.putObject("env");
    env.put("NO_PROXY", "127.0.0.1,localhost").put("no_proxy", "127.0.0.1,localhost");
    ObjectNode hooks = root.putObject("hooks");
    for (String event : OVER_HTTP) {
      ObjectNode hook = entry(hooks, event, MATCHED.contains(event)).addObject();
      hook.put("type", "http")
          .put("url", "http://127.0.0.1:%d/v1/hooks/claude-code".formatted(port))
          .put("timeout", TIMEOUT_SECONDS)
          .put("onFailure", "block");
    }
    relay(hooks, "SessionStart", dist, home, true);
    relay(hooks, "ConfigChange", dist, home, false);
    return root;
  }

  /// The client sends these events to commands only. The exec form (`args`) keeps a shell prefix of
  /// the user's settings out.
  private static void relay(ObjectNode hooks, String event, Path dist, Path home, boolean start) {
    ObjectNode hook = entry(hooks, event, false).addObject();
    hook.put("type", "command").put("command", dist.resolve("hooks/skillwarden-relay").toString());
    ArrayNode args = hook.putArray("args");
    args.add("--home").add(home.toString()).add("--event").add(event);
    if (start) {
      args.add("--start").add(dist.resolve("bin/skillwarden").toString());
    }
    hook.put("timeout", TIMEOUT_SECONDS).put("onFailure", "block");
  }

  /// The handlers of an event, in its one group.
  static ArrayNode entry(ObjectNode hooks, String event, boolean matched) {
    ObjectNode group = hooks.putArray(event).addObject();
    if (matched) {
      group.put("matcher", "*");
    }
    return group.putArray("hooks");
  }

  /// The `mcpServers` entry of the daemon.
  public static ObjectNode mcp(int port) {
    ObjectNode root = Json.object();
    root.putObject("mcpServers")
        .putObject("skillwarden")
        .put("type", "http")
        .put("url", "http://127.0.0.1:%d/mcp".formatted(port));
    return root;
  }
}
