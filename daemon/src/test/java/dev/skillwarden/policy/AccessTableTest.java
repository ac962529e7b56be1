package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Fields;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The whole table of who may use what, in `access.csv`, and how an organization tightens levels,
/// in `tightening.csv`.
///
/// A line of `access.csv` is a caller; a column is the level of the skill asked for, `pay/asked`;
/// the five characters of a cell are its dependency `ops/needed`: none, public, team,
/// role-restricted, sensitive. A character is the verdict: `+` granted, `T` not in the team, `R`
/// role not listed, `E` no elevation, `U` caller unknown; small letters when the dependency is what
/// is closed. Roles: `sre` may use `pay/asked`, `dev` may use `ops/needed`, `lead` both. Teams and
/// elevations name which of the two skills they are for. Elevations that are `ended`, `early`,
/// `bound` (to a session, in a request of none) or `elsewhere` are for other skills or times.
///
/// How the verdicts came to be: those of a known caller with the elevations `none`, `asked`,
/// `needed` and `all`, 64 lines of 20 verdicts, were typed by hand from the rules of
/// docs/registry.md ("Access levels"), before they were compared with the code. For each cell: is
/// the skill itself closed? Then all five characters are its reason, team before elevation. Else
/// the dependency decides by itself: nothing and public are open, team asks for team ops,
/// role-restricted for its roles whatever the team, sensitive for team ops first and an elevation
/// then. The other lines repeat typed ones: elevations of no use are as none; an unknown caller has
/// what is public, with public dependencies, whatever else is said of it; a narrowed one is as if
/// it had no role and no team, whatever the account has. A script repeated and sorted, it worked
/// nothing out.
class AccessTableTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final int CALLERS = 3 * 4 * 4 * 8;
  private static final List<String> LEVELS =
      List.of("public", "team", "role-restricted", "sensitive");
  private static final SkillId ASKED = SkillId.parse("pay/asked");
  private static final SkillId NEEDED = SkillId.parse("ops/needed");

  private static List<List<String>> lines(String file) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    AccessTableTest.class.getResourceAsStream("/policy/" + file)),
                StandardCharsets.UTF_8))) {
      return reader.lines().skip(1).map(l -> Arrays.asList(l.split(",", -1))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AccessLevel level(String text) {
    return Fields.parseEnum(AccessLevel.class, text);
  }

  private static Skill skill(SkillId id, AccessLevel level, Set<String> roles, List<String> needs) {
    return new Skill(
        id,
        Version.parse("1.0.0"),
        "d",
        List.of("t"),
        level,
        roles,
        needs.stream().map(Dependency::parse).toList(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("b\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static Elevation elevation(SkillId id, Instant from, Instant to, String session) {
    return new Elevation(
        "e",
        "ana",
        id.team(),
        Optional.of(id.name()),
        "r",
        "root",
        from,
        to,
        Optional.of(session).filter(s -> !s.isEmpty()));
  }

  private static List<Elevation> elevations(String kind) {
    Instant before = NOON.minusSeconds(60);
    Instant after = NOON.plusSeconds(60);
    return switch (kind) {
      case "none" -> List.of();
      case "asked" -> List.of(elevation(ASKED, before, after, ""));
      case "needed" -> List.of(elevation(NEEDED, before, after, ""));
      case "all" ->
          List.of(elevation(ASKED, NOON, after, ""), elevation(NEEDED, before, after, ""));
      case "ended" ->
          List.of(elevation(ASKED, before, NOON, ""), elevation(NEEDED, before, NOON, ""));
      case "early" ->
          List.of(
              elevation(ASKED, NOON.plusMillis(1), after, ""),
              elevation(NEEDED, NOON.plusMillis(1), after, ""));
      case "bound" ->
          List.of(elevation(ASKED, before, after, "s"), elevation(NEEDED, before, after, "s"));
      case "elsewhere" ->
          List.of(
              elevation(SkillId.parse("pay/needed"), before, after, ""),
              elevation(SkillId.parse("ops/asked"), before, after, ""));
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static Caller caller(List<String> line) {
    String role = line.get(1).equals("none") ? "" : line.get(1);
    Set<String> teams =
        switch (line.get(2)) {
          case "both" -> Set.of("pay", "ops");
          case "asked" -> Set.of("pay");
          case "needed" -> Set.of("ops");
          case "none" -> Set.of("other");
          default -> throw new IllegalArgumentException(line.get(2));
        };
    List<Elevation> elevations = elevations(line.get(3));
    return switch (line.get(0)) {
      case "known" -> new Caller("ana", role, teams, elevations, false);
      case "unknown" -> new Caller(Caller.UNKNOWN_ACCOUNT, role, teams, elevations, true);
      case "narrowed" -> new Caller("ana", "", Set.of(), elevations, false);
      default -> throw new IllegalArgumentException(line.get(0));
    };
  }

  private record World(Skill asked, CatalogSnapshot snapshot) {}

  /// @param needed index into the characters of a cell
  private static World world(AccessLevel asked, int needed) {
    Set<String> roles = Set.of("sre", "lead");
    if (needed == 0) {
      Skill alone = skill(ASKED, asked, roles, List.of());
      return new World(alone, new CatalogSnapshot("c", List.of(alone), List.of()));
    }
    Skill top = skill(ASKED, asked, roles, List.of("ops/needed:1.x"));
    Skill below = skill(NEEDED, level(LEVELS.get(needed - 1)), Set.of("dev", "lead"), List.of());
    return new World(top, new CatalogSnapshot("c", List.of(top, below), List.of()));
  }

  private static char verdict(Caller caller, World world, Organization organization) {
    AccessDecision decision =
        AccessPolicy.check(caller, world.asked(), world.snapshot(), organization, NOON);
    boolean permits =
        AccessPolicy.permits(caller, world.asked(), world.snapshot(), organization, NOON);
    return switch (decision) {
      case AccessDecision.Granted _ -> permits ? '+' : '!';
      case AccessDecision.Denied denied -> {
        char code =
            switch (denied.code()) {
              case NOT_IN_TEAM -> 'T';
              case ROLE_NOT_LISTED -> 'R';
              case NOT_ELEVATED -> 'E';
              case UNKNOWN_CALLER -> 'U';
              case NARROWED -> 'W';
            };
        yield permits ? '!' : denied.skill().equals(ASKED) ? code : Character.toLowerCase(code);
      }
    };
  }

  private static Organization organization(Map<SkillId, AccessLevel> levels) {
    return new Organization(
        1, "", Set.of(), Map.of(), Map.of(), Organization.Member.NONE, Caps.NONE, levels);
  }

  @Test
  void everyLineHolds() {
    List<List<String>> table = lines("access.csv");
    assertEquals(CALLERS, table.size());
    assertEquals(CALLERS, table.stream().map(l -> l.subList(0, 4)).distinct().count());
    List<String> wrong = new ArrayList<>();
    for (List<String> line : table) {
      for (int column = 0; column < LEVELS.size(); column++) {
        StringBuilder found = new StringBuilder();
        for (int needed = 0; needed <= LEVELS.size(); needed++) {
          found.append(
              verdict(
                  caller(line), world(level(LEVELS.get(column)), needed), Organization.empty()));
        }
        if (!line.get(4 + column).contentEquals(found)) {
          wrong.add("%s: %s is %s".formatted(line, LEVELS.get(column), found));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /// A level that is tightened is judged as a level of its own, for the skill and for what it
  /// needs.
  @Test
  void anOrganizationOnlyTightens() {
    List<List<String>> table = lines("access.csv");
    List<List<String>> tightening = lines("tightening.csv");
    assertEquals(20, tightening.size());
    List<String> wrong = new ArrayList<>();
    for (List<String> change : tightening) {
      int own = LEVELS.indexOf(change.get(0));
      int effective = LEVELS.indexOf(change.get(2));
      for (SkillId changed : List.of(ASKED, NEEDED)) {
        Map<SkillId, AccessLevel> written = new HashMap<>();
        if (!change.get(1).isEmpty()) {
          written.put(changed, level(change.get(1)));
        }
        for (List<String> line : table) {
          for (int other = 0; other < LEVELS.size(); other++) {
            boolean asked = changed.equals(ASKED);
            char expected =
                asked
                    ? line.get(4 + effective).charAt(other + 1)
                    : line.get(4 + other).charAt(effective + 1);
            World world =
                asked
                    ? world(level(LEVELS.get(own)), other + 1)
                    : world(level(LEVELS.get(other)), own + 1);
            char found = verdict(caller(line), world, organization(written));
            if (found != expected) {
              wrong.add("%s %s %s, %s: %s".formatted(line, changed, change, other, found));
            }
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }
}
