package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.AccessDecision.Denied;
import dev.skillwarden.policy.AccessDecision.Granted;
import dev.skillwarden.policy.AccessDecision.Reason;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessPolicyTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private static Skill skill(String id, AccessLevel level, Set<String> roles, String... needs) {
    return new Skill(
        SkillId.parse(id),
        Version.parse("1.0.0"),
        "d",
        List.of("t"),
        level,
        roles,
        Arrays.stream(needs).map(n -> Dependency.parse(n + ":1.x")).toList(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("b\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static final Map<String, Skill> SKILLS =
      Map.of(
          "public", skill("ops/public", AccessLevel.PUBLIC, Set.of()),
          "team", skill("ops/team", AccessLevel.TEAM, Set.of(), "ops/public"),
          "role", skill("ops/role", AccessLevel.ROLE_RESTRICTED, Set.of("sre")),
          "secret", skill("ops/secret", AccessLevel.SENSITIVE, Set.of()),
          "top", skill("x/top", AccessLevel.PUBLIC, Set.of(), "x/middle"),
          "middle", skill("x/middle", AccessLevel.PUBLIC, Set.of(), "ops/secret", "ops/public"));

  private static final CatalogSnapshot SNAPSHOT =
      new CatalogSnapshot("c", SKILLS.values(), List.of());

  private static Elevation elevation(String skill, Instant expires) {
    return new Elevation(
        "e",
        "ana",
        "ops",
        skill.isEmpty() ? Optional.empty() : Optional.of(skill),
        "r",
        "root",
        NOON.minusSeconds(60),
        expires,
        Optional.empty());
  }

  private static Caller caller(String who) {
    Instant later = NOON.plusSeconds(1);
    return switch (who) {
      case "unknown" ->
          new Caller("unknown", "sre", Set.of("ops"), List.of(elevation("", later)), true);
      case "outsider" -> new Caller("ana", "", Set.of("x"), List.of(), false);
      case "member" -> new Caller("ana", "dev", Set.of("ops"), List.of(), false);
      case "sre" -> new Caller("ana", "sre", Set.of(), List.of(), false);
      case "admin" -> new Caller("root", "", Set.of(), List.of(), true);
      case "elevated" ->
          new Caller("ana", "", Set.of("ops"), List.of(elevation("secret", later)), false);
      case "expired" -> new Caller("ana", "", Set.of("ops"), List.of(elevation("", NOON)), false);
      case "elsewhere" ->
          new Caller("ana", "", Set.of("ops"), List.of(elevation("other", later)), false);
      case "elevated-outsider" ->
          new Caller("ana", "", Set.of("x"), List.of(elevation("", later)), false);
      default -> throw new IllegalArgumentException(who);
    };
  }

  private static AccessDecision check(Caller caller, String name, Organization organization) {
    Skill skill = SKILLS.get(name);
    if (skill == null) {
      throw new IllegalArgumentException(name);
    }
    AccessDecision decision = AccessPolicy.check(caller, skill, SNAPSHOT, organization, NOON);
    assertEquals(
        decision instanceof AccessDecision.Granted,
        AccessPolicy.permits(caller, skill, SNAPSHOT, organization, NOON),
        "the short answer is that of the long one");
    return decision;
  }

  @ParameterizedTest
  @CsvSource({
    "unknown, public",
    "outsider, public",
    "member, team",
    "elevated, team",
    "sre, role",
    "elevated, secret",
    "elevated, top"
  })
  void grants(String who, String skill) {
    List<Elevation> by =
        Set.of("secret", "top").contains(skill) ? caller(who).elevations() : List.of();
    assertEquals(new Granted(by), check(caller(who), skill, Organization.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unknown|team|team|UNKNOWN_CALLER|ops/team is team, and the calling account could not be"
            + " determined.",
        "unknown|role|role|UNKNOWN_CALLER|ops/role is role-restricted, and the calling account"
            + " could not be determined.",
        "unknown|secret|secret|UNKNOWN_CALLER|ops/secret is sensitive, and the calling account"
            + " could not be determined.",
        "outsider|team|team|NOT_IN_TEAM|ops/team is team, and account ana is not in team ops.",
        "sre|team|team|NOT_IN_TEAM|ops/team is team, and account ana is not in team ops.",
        "admin|team|team|NOT_IN_TEAM|ops/team is team, and account root is not in team ops.",
        "outsider|role|role|ROLE_NOT_LISTED|ops/role is role-restricted, and no role is not among"
            + " its roles.",
        "member|role|role|ROLE_NOT_LISTED|ops/role is role-restricted, and role dev is not among"
            + " its roles.",
        "member|secret|secret|NOT_ELEVATED|ops/secret is sensitive and needs an elevation, which the"
            + " organisation signs for a limited time.",
        "expired|secret|secret|NOT_ELEVATED|ops/secret is sensitive and needs an elevation, which"
            + " the organisation signs for a limited time.",
        "elsewhere|secret|secret|NOT_ELEVATED|ops/secret is sensitive and needs an elevation, which"
            + " the organisation signs for a limited time.",
        "elevated-outsider|secret|secret|NOT_IN_TEAM|ops/secret is sensitive, and account ana is"
            + " not in team ops.",
        "outsider|top|secret|NOT_IN_TEAM|ops/secret is sensitive, and account ana is not in team"
            + " ops.",
        "member|top|secret|NOT_ELEVATED|ops/secret is sensitive and needs an elevation, which the"
            + " organisation signs for a limited time."
      })
  void denies(String who, String skill, String closed, Reason code, String reason) {
    assertEquals(
        new Denied(SkillId.parse("ops/" + closed), code, reason),
        check(caller(who), skill, Organization.empty()));
  }

  @Test
  void takesTheStricterLevelOfTheOrganization() {
    Organization tightened =
        new Organization(
            1,
            "",
            Set.of(),
            Map.of(),
            Map.of(),
            Organization.Member.NONE,
            Caps.NONE,
            Map.of(
                SkillId.parse("ops/public"), AccessLevel.TEAM,
                SkillId.parse("ops/secret"), AccessLevel.PUBLIC));
    Denied notInTeam =
        new Denied(
            SkillId.parse("ops/public"),
            Reason.NOT_IN_TEAM,
            "ops/public is team, and account ana is not in team ops.");
    assertEquals(notInTeam, check(caller("outsider"), "public", tightened));
    assertEquals(new Granted(List.of()), check(caller("member"), "team", tightened));
    assertEquals(
        Reason.NOT_ELEVATED, ((Denied) check(caller("member"), "secret", tightened)).code());
  }

  @Test
  void neverTakesTheLackOfARoleForARole() {
    Skill open = skill("ops/open", AccessLevel.ROLE_RESTRICTED, Set.of(""));
    assertEquals(
        new Denied(
            open.id(),
            Reason.ROLE_NOT_LISTED,
            "ops/open is role-restricted, and no role is not among its roles."),
        AccessPolicy.check(caller("outsider"), open, SNAPSHOT, Organization.empty(), NOON));
  }
}
