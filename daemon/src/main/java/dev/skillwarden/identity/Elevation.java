package dev.skillwarden.identity;

import dev.skillwarden.skill.SkillId;
import java.time.Instant;
import java.util.Optional;

/// A temporary right to use sensitive skills.
///
/// @param id short id
/// @param account login name it is for
/// @param team team whose sensitive skills it opens
/// @param skill the one skill it opens, empty for all of the team
/// @param reason why, 1 to 500 characters
/// @param grantedBy login name of who granted it or handed it in
/// @param granted from when it holds
/// @param session the client's session it is bound to, empty when it is bound to none
public record Elevation(
    String id,
    String account,
    String team,
    Optional<String> skill,
    String reason,
    String grantedBy,
    Instant granted,
    Instant expires,
    Optional<String> session) {
  public Elevation {
    if (reason.isBlank() || reason.length() > 500) {
      throw new IllegalArgumentException(
          "reason wants 1 to 500 characters, found " + reason.length());
    }
  }

  /// Whether it opens the skill. One that is bound to a session opens nothing until it is looked at
  /// [in][Caller#in] that session.
  public boolean covers(SkillId id, Instant now) {
    return session.isEmpty()
        && !now.isBefore(granted)
        && now.isBefore(expires)
        && id.team().equals(team)
        && (skill.isEmpty() || skill.get().equals(id.name()));
  }

  /// The same for a request of this session: one bound to it is bound no longer.
  Elevation in(String current) {
    return session.filter(current::equals).isEmpty()
        ? this
        : new Elevation(
            id, account, team, skill, reason, grantedBy, granted, expires, Optional.empty());
  }
}
