package dev.skillwarden.identity;

import dev.skillwarden.skill.SkillId;
import java.util.Set;

/// The account on whose behalf a request is made, as the operating system says, with what the
/// organisation file gives it. A request can only narrow it.
///
/// @param account login name, or [#UNKNOWN_ACCOUNT] when the operating system could not say
/// @param role role used by `role-restricted` skills, empty when none
/// @param teams teams the account belongs to
/// @param elevated skills for which an unexpired elevation is held at the time of the request
/// @param admin root or the service account: may call the admin endpoints
public record Caller(
    String account, String role, Set<String> teams, Set<SkillId> elevated, boolean admin) {
  /// Account name shown for a caller that could not be determined; it may see `public` skills only.
  public static final String UNKNOWN_ACCOUNT = "unknown";

  public static final Caller UNKNOWN = new Caller(UNKNOWN_ACCOUNT, "", Set.of(), Set.of(), false);

  public Caller {
    if (account.isBlank()) {
      throw new IllegalArgumentException("account is blank");
    }
    teams = Set.copyOf(teams);
    elevated = Set.copyOf(elevated);
  }
}
