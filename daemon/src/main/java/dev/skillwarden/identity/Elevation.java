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
/// @param grantedBy login name of the administrator
public record Elevation(
    String id,
    String account,
    String team,
    Optional<String> skill,
    String reason,
    String grantedBy,
    Instant granted,
    Instant expires) {
  public Elevation {
    if (reason.isBlank() || reason.length() > 500) {
      throw new IllegalArgumentException(
          "reason wants 1 to 500 characters, found " + reason.length());
    }
  }

  public boolean covers(SkillId id, Instant now) {
    return now.isBefore(expires)
        && id.team().equals(team)
        && (skill.isEmpty() || skill.get().equals(id.name()));
  }
}
