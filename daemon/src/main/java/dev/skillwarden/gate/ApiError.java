package dev.skillwarden.gate;

/// A refused request, in the one shape every surface answers.
///
/// @param code what kind of refusal, stable
/// @param message what was found, what is wanted, what to do; written for an agent
/// @param skill the skill concerned, empty when none
/// @param reason short machine-readable reason, empty when the code says it all
/// @param requestUrl where to ask for access, empty when the organisation gave none
/// @param id short id of the journal entry
public record ApiError(
    Code code, String message, String skill, String reason, String requestUrl, String id) {
  /// Part of the API: never rename.
  public enum Code {
    ACL_DENIED,
    SKILL_NOT_FOUND,
    VERSION_NOT_FOUND,
    VERSION_YANKED,
    SKILL_ARCHIVED,
    INVALID_REQUEST,
    NOT_READY,
    JOURNAL_UNAVAILABLE,
    INTERNAL
  }
}
