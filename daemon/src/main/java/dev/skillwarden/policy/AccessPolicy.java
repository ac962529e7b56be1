package dev.skillwarden.policy;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.time.Instant;

/// Whether a caller may use a skill and everything it depends on.
public final class AccessPolicy {
  private static final AccessDecision GRANTED = new AccessDecision.Granted();

  private AccessPolicy() {}

  /// Checks the skill, then its dependencies; the first that is closed decides.
  public static AccessDecision check(
      Caller caller,
      Skill skill,
      CatalogSnapshot snapshot,
      Organization organization,
      Instant now) {
    AccessDecision own = checkOne(caller, skill, organization, now);
    if (own instanceof AccessDecision.Denied || skill.dependsOn().isEmpty()) {
      return own;
    }
    for (Skill dependency : snapshot.dependencies(skill)) {
      if (checkOne(caller, dependency, organization, now) instanceof AccessDecision.Denied denied) {
        return denied;
      }
    }
    return GRANTED;
  }

  private static AccessDecision checkOne(
      Caller caller, Skill skill, Organization organization, Instant now) {
    AccessLevel level = organization.effective(skill.id(), skill.accessLevel());
    if (level == AccessLevel.PUBLIC) {
      return GRANTED;
    }
    if (caller.account().equals(Caller.UNKNOWN_ACCOUNT)) {
      return denied(
          skill,
          AccessDecision.Reason.UNKNOWN_CALLER,
          "%s is %s, and the calling account could not be determined."
              .formatted(skill.id(), level.text()));
    }
    boolean member = caller.teams().contains(skill.id().team());
    return switch (level) {
      case PUBLIC -> GRANTED;
      case TEAM -> member ? GRANTED : notInTeam(caller, skill, level);
      case ROLE_RESTRICTED ->
          !caller.role().isEmpty() && skill.allowedRoles().contains(caller.role())
              ? GRANTED
              : denied(
                  skill,
                  AccessDecision.Reason.ROLE_NOT_LISTED,
                  "%s is role-restricted, and %s is not among its roles."
                      .formatted(
                          skill.id(),
                          caller.role().isEmpty() ? "no role" : "role " + caller.role()));
      case SENSITIVE -> {
        if (!member) {
          yield notInTeam(caller, skill, level);
        }
        yield caller.elevations().stream().anyMatch(e -> e.covers(skill.id(), now))
            ? GRANTED
            : denied(
                skill,
                AccessDecision.Reason.NOT_ELEVATED,
                "%s is sensitive and needs an elevation, which an administrator grants for a limited time."
                    .formatted(skill.id()));
      }
    };
  }

  private static AccessDecision notInTeam(Caller caller, Skill skill, AccessLevel level) {
    return denied(
        skill,
        AccessDecision.Reason.NOT_IN_TEAM,
        "%s is %s, and account %s is not in team %s."
            .formatted(skill.id(), level.text(), caller.account(), skill.id().team()));
  }

  private static AccessDecision denied(Skill skill, AccessDecision.Reason code, String reason) {
    return new AccessDecision.Denied(skill.id(), code, reason);
  }
}
