package dev.skillwarden.policy;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Calls of one developer in one workspace, judged without a file system.
final class TestCalls {
  static final Path HOME = Path.of("/home/dev");
  static final Path PROJECT = HOME.resolve("project");

  private TestCalls() {}

  static ToolDecision decide(PolicyFile policy, String tool, JsonNode input) {
    ToolCall call =
        new ToolCall(
            tool,
            input,
            PROJECT,
            PROJECT,
            HOME,
            Map.of("HOME", HOME.toString(), "PWD", PROJECT.toString()));
    return new ToolPolicy(policy, new GuardedPaths(List.of(Path.of("/opt/warden")), 7717))
        .decide(call, FileView.NONE, Instant.parse("2026-11-25T12:00:00Z"));
  }

  static ToolDecision bash(PolicyFile policy, String command) {
    return decide(policy, "Bash", Json.object().put("command", command));
  }
}
