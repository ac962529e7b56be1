package dev.skillwarden.gate;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/// A tool call the client is about to make. Only shape-checked: `input` is judged by the policy.
///
/// @param session client session id
/// @param toolUseId the client's id of the call, empty when it sent none
/// @param agentType as of [Place]
/// @param tool tool name as delivered
/// @param cwd absolute working directory of the call
public record ToolRequest(
    String session, String toolUseId, String agentType, String tool, JsonNode input, Path cwd) {
  Place place() {
    return new Place(session, agentType, cwd);
  }
}
