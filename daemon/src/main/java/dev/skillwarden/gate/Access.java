package dev.skillwarden.gate;

/// Whether the caller may use a skill.
///
/// @param requestUrl where to ask, empty when allowed or the organisation gave none
public record Access(boolean allowed, String reason, String requestUrl, String id) {}
