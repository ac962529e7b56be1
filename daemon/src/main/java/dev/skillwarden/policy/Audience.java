package dev.skillwarden.policy;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who may use a skill, compared with who may use another. Asks [AccessPolicy] about the accounts
/// there can be, so that it cannot disagree with it.
public final class Audience {
  /// No login name has parentheses.
  private static final String NOBODY = "(none)";

  private static final String SOMEONE = "someone";
  private static final Instant NOW = Instant.EPOCH;

  /// Most pairs of groups looked at; more groups than this are looked at one by one.
  private static final int MAX_PAIRED_GROUPS = 60;

  /// An account there can be.
  ///
  /// @param shown for people, such as `an account of group sre`
  private record Example(String shown, Caller caller) {}

  private final Organization organization;
  private final Optional<List<Example>> members;

  private Audience(Organization organization, Optional<List<Example>> members) {
    this.organization = organization;
    this.members = members;
  }

  /// By level and team alone, when nobody knows who is in which team.
  public static Audience byLevel() {
    return new Audience(Organization.empty(), Optional.empty());
  }

  /// By the members an organization names.
  public static Audience of(Organization organization) {
    return new Audience(organization, Optional.of(members(organization)));
  }

  /// The account that may use a skill with all it depends on, and as little else as there can be:
  /// in the skill's team, with one role, with elevations, each only where something asks for it. An
  /// account that cannot be determined for what everybody may use.
  ///
  /// @param organization levels it tightens are looked at, its members are not
  /// @param now instant at which the elevations are good
  /// @return empty when no account can be: no role is allowed everywhere
  public static Optional<Caller> narrowest(
      Skill skill, CatalogSnapshot snapshot, Organization organization, Instant now) {
    Set<String> teams = new HashSet<>();
    Set<String> roles = new TreeSet<>();
    List<Elevation> elevations = new ArrayList<>();
    List<Skill> needed = new ArrayList<>(snapshot.dependencies(skill));
    needed.addFirst(skill);
    for (Skill each : needed) {
      AccessLevel level = organization.effective(each.id(), each.accessLevel());
      if (level != AccessLevel.PUBLIC
          && (level != AccessLevel.ROLE_RESTRICTED || each.equals(skill))) {
        teams.add(each.id().team());
      }
      if (level == AccessLevel.SENSITIVE) {
        elevations.add(elevation(SOMEONE, each.id().team(), Optional.of(each.id().name()), now));
      }
      if (level == AccessLevel.ROLE_RESTRICTED) {
        roles.addAll(each.allowedRoles());
      }
    }
    Set<String> candidates = roles.isEmpty() ? Set.of("") : roles;
    return candidates.stream()
        .map(role ->
            teams.isEmpty() && role.isEmpty()
                ? Caller.UNKNOWN
                : new Caller(SOMEONE, role, teams, elevations, false))
        .filter(c ->
            AccessPolicy.check(c, skill, snapshot, organization, now)
                instanceof AccessDecision.Granted)
        .findFirst();
  }

  private static Elevation elevation(
      String account, String team, Optional<String> skill, Instant now) {
    return new Elevation(
        "",
        account,
        team,
        skill,
        "audience",
        "audience",
        now,
        now.plus(Duration.ofHours(1)),
        Optional.empty());
  }

  /// Someone who may use the skill and not its dependency, both taken alone; empty when everybody
  /// who may use the one may use the other.
  public Optional<String> gap(Skill skill, Skill dependency) {
    return members.orElseGet(() -> examples(skill)).stream()
        .map(e -> elevated(e, skill))
        .filter(e -> may(e.caller(), skill) && !may(e.caller(), dependency))
        .map(Example::shown)
        .findFirst();
  }

  private boolean may(Caller caller, Skill skill) {
    return AccessPolicy.check(caller, skill.alone(), CatalogSnapshot.EMPTY, organization, NOW)
        instanceof AccessDecision.Granted;
  }

  /// Who may use a sensitive skill holds an elevation, at the widest for the team.
  private Example elevated(Example example, Skill skill) {
    if (organization.effective(skill.id(), skill.accessLevel()) != AccessLevel.SENSITIVE) {
      return example;
    }
    Caller caller = example.caller();
    Elevation elevation = elevation(caller.account(), skill.id().team(), Optional.empty(), NOW);
    return new Example(
        example.shown() + " with an elevation",
        new Caller(caller.account(), caller.role(), caller.teams(), List.of(elevation), false));
  }

  /// Those who can use a skill of this level with as little else as possible.
  private static List<Example> examples(Skill skill) {
    String team = skill.id().team();
    return switch (skill.accessLevel()) {
      case PUBLIC -> List.of(new Example("an account in no team", Caller.UNKNOWN));
      case TEAM, SENSITIVE ->
          List.of(new Example("an account in team " + team, account("", Set.of(team))));
      case ROLE_RESTRICTED ->
          skill.allowedRoles().stream()
              .sorted()
              .map(r -> new Example("an account with role " + r, account(r, Set.of())))
              .toList();
    };
  }

  private static Caller account(String role, Set<String> teams) {
    return new Caller(SOMEONE, role, teams, List.of(), false);
  }

  private static List<Example> members(Organization organization) {
    List<Example> members = new ArrayList<>();
    members.add(new Example("an account that cannot be determined", Caller.UNKNOWN));
    members.add(
        new Example(
            "an account the organization does not name",
            organization.caller(NOBODY, Set.of(), List.of(), false)));
    Map<String, Organization.Member> groups = new TreeMap<>(organization.groups());
    List<Set<String>> groupSets = new ArrayList<>();
    groups.keySet().forEach(g -> groupSets.add(Set.of(g)));
    if (groups.size() <= MAX_PAIRED_GROUPS) {
      for (String a : groups.keySet()) {
        groups.keySet().stream()
            .filter(b -> b.compareTo(a) > 0)
            .forEach(b -> groupSets.add(Set.of(a, b)));
      }
    }
    for (Set<String> set : groupSets) {
      String shown = String.join(" and ", set.stream().sorted().toList());
      members.add(
          new Example(
              "an account of group " + shown, organization.caller(NOBODY, set, List.of(), false)));
    }
    for (String user : new TreeSet<>(organization.users().keySet())) {
      members.add(
          new Example("account " + user, organization.caller(user, Set.of(), List.of(), false)));
      groups
          .keySet()
          .forEach(g ->
              members.add(
                  new Example(
                      "account %s in group %s".formatted(user, g),
                      organization.caller(user, Set.of(g), List.of(), false))));
    }
    return members;
  }
}
