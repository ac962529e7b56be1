package dev.skillwarden.policy;

import dev.skillwarden.effect.Content;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One tool call as the client is about to make it.
///
/// @param tool name as delivered, `Bash`, `Write`, `mcp__server__tool`
/// @param input the tool's arguments as delivered, types not yet checked
/// @param cwd absolute working directory of the call
/// @param projectRoot absolute root of the workspace
/// @param home absolute home directory of the caller
/// @param environment variables the shell is known to have
/// @param remembered what earlier calls of the session wrote, by absolute path
public record ToolCall(
    String tool,
    JsonNode input,
    Path cwd,
    Path projectRoot,
    Path home,
    Map<String, String> environment,
    Map<String, Content> remembered) {
  public ToolCall {
    environment = Map.copyOf(environment);
    remembered = Map.copyOf(remembered);
  }

  /// The first call of a session.
  public ToolCall(
      String tool,
      JsonNode input,
      Path cwd,
      Path projectRoot,
      Path home,
      Map<String, String> environment) {
    this(tool, input, cwd, projectRoot, home, environment, Map.of());
  }
}
