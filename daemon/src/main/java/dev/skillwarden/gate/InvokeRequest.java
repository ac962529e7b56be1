package dev.skillwarden.gate;

import dev.skillwarden.text.Json;
import tools.jackson.databind.JsonNode;

/// A request for a skill's instructions.
///
/// @param name `team/name`
/// @param versionConstraint range such as `1.x`; `*` resolves but warns
/// @param payload JSON object handed to the skill
/// @param checked whether the payload must fit the skill's `inputs`
/// @param toolUseId the client's id of the call, empty when it sent none
public record InvokeRequest(
    String name, String versionConstraint, JsonNode payload, boolean checked, String toolUseId) {
  /// Asks which release a name and range stand for, without a payload.
  static InvokeRequest unchecked(String name, String versionConstraint) {
    return new InvokeRequest(name, versionConstraint, Json.object(), false, "");
  }
}
