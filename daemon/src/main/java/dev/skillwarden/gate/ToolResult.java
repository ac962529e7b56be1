package dev.skillwarden.gate;

import java.time.Duration;

/// What became of a tool call that was let through.
///
/// @param succeeded whether the client reports success
/// @param outcome one short line, such as `ok` or `Exit code 3`; never the tool's output
public record ToolResult(
    String session,
    String toolUseId,
    String tool,
    boolean succeeded,
    String outcome,
    Duration took) {}
