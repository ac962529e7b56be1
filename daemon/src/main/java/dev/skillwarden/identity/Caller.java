package dev.skillwarden.identity;

import java.util.List;
import java.util.Set;

/// The account on whose behalf a request is made, as the operating system says, with what the
/// organisation file gives it. A request can only narrow it.
///
/// @param account login name, or [#UNKNOWN_ACCOUNT] when the operating system could not say
/// @param role role used by `role-restricted` skills, empty when none
/// @param teams teams the account belongs to
/// @param elevations grants held; whether one is still good is asked with the instant of the
///   request
/// @param narrowing what remains of these rights for this request
/// @param admin root or the service account on the control socket: may call the admin endpoints
public record Caller(
    String account,
    String role,
    Set<String> teams,
    List<Elevation> elevations,
    Narrowing narrowing,
    boolean admin) {
  /// Account name shown for a caller that could not be determined; it may see `public` skills only.
  public static final String UNKNOWN_ACCOUNT = "unknown";

  public static final Caller UNKNOWN = new Caller(UNKNOWN_ACCOUNT, "", Set.of(), List.of(), false);

  /// With all rights of the account.
  public Caller(
      String account, String role, Set<String> teams, List<Elevation> elevations, boolean admin) {
    this(account, role, teams, elevations, Narrowing.NONE, admin);
  }

  public Caller {
    if (account.isBlank()) {
      throw new IllegalArgumentException("account is blank");
    }
    teams = Set.copyOf(teams);
    elevations = List.copyOf(elevations);
  }

  /// The same in a session of the client: elevations that are bound to it hold.
  ///
  /// @param session empty for a request of no session
  public Caller in(String session) {
    return session.isEmpty() || elevations.isEmpty()
        ? this
        : new Caller(
            account,
            role,
            teams,
            elevations.stream().map(e -> e.in(session)).toList(),
            narrowing,
            admin);
  }

  /// The same with what the narrowing leaves, besides what narrows it already.
  public Caller narrowed(Narrowing further) {
    return further.parts().isEmpty()
        ? this
        : new Caller(account, role, teams, elevations, narrowing.and(further), admin);
  }
}
