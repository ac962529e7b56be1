package dev.skillwarden.policy;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a caller may use a skill and everything it depends on.
public final class AccessPolicy {
  private static final AccessDecision GRANTED = new AccessDecision.Granted(List.of());

  private AccessPolicy() {}

  /// Checks the skill, then its dependencies; the first that is closed decides.
  public static AccessDecision check(
      Caller caller,
      Skill skill,
      CatalogSnapshot snapshot,
      Organization organization,
      Instant now) {
    AccessDecision.Reason own = refusal(caller, skill, organization, now);
    if (own != null) {
      return denied(caller, skill, organization, own);
    }
    for (Skill dependency : needed(skill, snapshot)) {
      AccessDecision.Reason refusal = refusal(caller, dependency, organization, now);
      if (refusal != null) {
        return denied(caller, dependency, organization, refusal);
      }
    }
    List<Elevation> by = elevations(caller, skill, snapshot, organization, now);
    return by.isEmpty() ? GRANTED : new AccessDecision.Granted(by);
  }

  /// The elevations that open the sensitive ones among the skill and what it needs. As few as it
  /// takes: one that is needed anyway opens all it can.
  private static List<Elevation> elevations(
      Caller caller,
      Skill skill,
      CatalogSnapshot snapshot,
      Organization organization,
      Instant now) {
    List<Elevation> chosen = new ArrayList<>();
    List<Skill> all = new ArrayList<>(needed(skill, snapshot));
    all.addFirst(skill);
    for (Skill each : all) {
      if (organization.effective(each.id(), each.accessLevel()) == AccessLevel.SENSITIVE
          && chosen.stream().noneMatch(e -> e.covers(each.id(), now))) {
        caller.elevations().stream()
            .filter(e -> e.covers(each.id(), now))
            .findFirst()
            .ifPresent(chosen::add);
      }
    }
    return chosen;
  }

  /// Whether [#check] grants; for those who ask about thousands of skills and want no reasons.
  public static boolean permits(
      Caller caller,
      Skill skill,
      CatalogSnapshot snapshot,
      Organization organization,
      Instant now) {
    if (refusal(caller, skill, organization, now) != null) {
      return false;
    }
    for (Skill dependency : needed(skill, snapshot)) {
      if (refusal(caller, dependency, organization, now) != null) {
        return false;
      }
    }
    return true;
  }

  private static List<Skill> needed(Skill skill, CatalogSnapshot snapshot) {
    return skill.dependsOn().isEmpty() ? List.of() : snapshot.dependencies(skill);
  }

  /// Why the skill by itself is closed, null when it is open.
  private static AccessDecision.@Nullable Reason refusal(
      Caller caller, Skill skill, Organization organization, Instant now) {
    AccessLevel level = organization.effective(skill.id(), skill.accessLevel());
    AccessDecision.Reason own = refusal(caller, skill, level, now);
    return own == null && !caller.narrowing().permits(skill.id(), level)
        ? AccessDecision.Reason.NARROWED
        : own;
  }

  /// Why it is closed to the account, wherever the request comes from.
  private static AccessDecision.@Nullable Reason refusal(
      Caller caller, Skill skill, AccessLevel level, Instant now) {
    if (level == AccessLevel.PUBLIC) {
      return null;
    }
    if (caller.account().equals(Caller.UNKNOWN_ACCOUNT)) {
      return AccessDecision.Reason.UNKNOWN_CALLER;
    }
    boolean member = caller.teams().contains(skill.id().team());
    return switch (level) {
      case PUBLIC -> null;
      case TEAM -> member ? null : AccessDecision.Reason.NOT_IN_TEAM;
      case ROLE_RESTRICTED ->
          !caller.role().isEmpty() && skill.allowedRoles().contains(caller.role())
              ? null
              : AccessDecision.Reason.ROLE_NOT_LISTED;
      case SENSITIVE ->
          !member
              ? AccessDecision.Reason.NOT_IN_TEAM
              : caller.elevations().stream().anyMatch(e -> e.covers(skill.id(), now))
                  ? null
                  : AccessDecision.Reason.NOT_ELEVATED;
    };
  }

  private static AccessDecision denied(
      Caller caller, Skill skill, Organization organization, AccessDecision.Reason reason) {
    AccessLevel effective = organization.effective(skill.id(), skill.accessLevel());
    String level = effective.text();
    return switch (reason) {
      case UNKNOWN_CALLER ->
          denied(
              skill,
              reason,
              "%s is %s, and the calling account could not be determined."
                  .formatted(skill.id(), level));
      case NOT_IN_TEAM ->
          denied(
              skill,
              reason,
              "%s is %s, and account %s is not in team %s."
                  .formatted(skill.id(), level, caller.account(), skill.id().team()));
      case ROLE_NOT_LISTED ->
          denied(
              skill,
              reason,
              "%s is role-restricted, and %s is not among its roles."
                  .formatted(
                      skill.id(), caller.role().isEmpty() ? "no role" : "role " + caller.role()));
      case NOT_ELEVATED ->
          denied(
              skill,
              reason,
              "%s is sensitive and needs an elevation, which the organisation signs for a limited time."
                  .formatted(skill.id()));
      case NARROWED ->
          denied(
              skill,
              reason,
              "%s is %s: %s"
                  .formatted(
                      skill.id(),
                      level,
                      caller.narrowing().refusal(skill.id(), effective).orElse("")));
    };
  }

  private static AccessDecision denied(Skill skill, AccessDecision.Reason code, String reason) {
    return new AccessDecision.Denied(skill.id(), code, reason);
  }
}
