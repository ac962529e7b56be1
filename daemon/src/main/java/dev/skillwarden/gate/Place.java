package dev.skillwarden.gate;

import java.nio.file.Path;

/// Where in the client a request arises.
///
/// @param session client session id
/// @param agentType type of the subagent, empty for the main agent,
///   [dev.skillwarden.identity.Caps#UNNAMED_AGENT] for one whose type is not told
/// @param cwd absolute working directory
public record Place(String session, String agentType, Path cwd) {}
