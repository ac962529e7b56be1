package dev.skillwarden.gate;

import tools.jackson.databind.JsonNode;

/// A request for a skill's instructions.
///
/// @param name `team/name`
/// @param versionConstraint range such as `1.x`; `*` resolves but warns
/// @param payload JSON object handed to the skill
/// @param toolUseId the client's id of the call, empty when it sent none
public record InvokeRequest(
    String name, String versionConstraint, JsonNode payload, String toolUseId) {}
