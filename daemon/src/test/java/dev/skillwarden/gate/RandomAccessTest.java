package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// 10,000 random callers and requests through the gate, by alias and by version range, against an
/// oracle that knows no policy: it makes the set of releases that are open to a caller, one level
/// after the other, and the set of releases that a request needs, and asks whether the one holds
/// the other.
class RandomAccessTest {
  private static final int WORLDS = 250;
  private static final int REQUESTS = 40;
  private static final List<String> TEAMS = List.of("pay", "ops", "data");
  private static final List<String> NAMES = List.of("refund", "restart", "export");
  private static final List<String> ROLES = List.of("dev", "sre", "lead");
  private static final List<String> VERSIONS = List.of("2.0.0", "1.1.0", "1.0.0"); // newest first
  private static final List<String> RANGES =
      List.of("*", "1.x", "2.x", "1.0.0", "~1.1.0", "^1.0.0");

  private static final List<AccessLevel> STRICTEST_FIRST =
      List.of(
          AccessLevel.SENSITIVE, AccessLevel.ROLE_RESTRICTED, AccessLevel.TEAM, AccessLevel.PUBLIC);

  private final Random random = new Random(20_260_102);

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private <T> Set<T> some(List<T> of) {
    return of.stream().filter(x -> random.nextBoolean()).collect(Collectors.toSet());
  }

  /// What a range stands for, written down by hand for the versions there are.
  private static String meant(String range) {
    return switch (range) {
      case "*", "2.x" -> "2.0.0";
      case "1.x", "~1.1.0", "^1.0.0" -> "1.1.0";
      case "1.0.0" -> "1.0.0";
      default -> throw new IllegalArgumentException(range);
    };
  }

  /// A release as the oracle knows it.
  private record Known(
      String team, String name, AccessLevel level, Set<String> roles, Set<String> needs) {}

  private final Map<String, Known> known = new HashMap<>();

  /// Each release has its own level, roles and dependencies; these go to names that come later.
  private List<Skill> skills(List<SkillId> ids, Map<SkillId, AccessLevel> written) {
    known.clear();
    List<Skill> skills = new ArrayList<>();
    for (SkillId id : ids) {
      for (String version : VERSIONS) {
        AccessLevel level = one(List.of(AccessLevel.values()));
        Set<String> roles = some(ROLES);
        Map<SkillId, String> needs = new HashMap<>();
        ids.stream()
            .filter(other -> ids.indexOf(other) > ids.indexOf(id) && random.nextInt(5) == 0)
            .forEach(other -> needs.put(other, one(RANGES)));
        skills.add(skill(id, version, level, roles, needs));
        AccessLevel organization = written.getOrDefault(id, AccessLevel.PUBLIC);
        known.put(
            id + "@" + version,
            new Known(
                id.team(),
                id.name(),
                STRICTEST_FIRST.stream()
                    .filter(l -> l == level || l == organization)
                    .findFirst()
                    .orElseThrow(),
                roles,
                needs.entrySet().stream()
                    .map(e -> e.getKey() + "@" + meant(e.getValue()))
                    .collect(Collectors.toSet())));
      }
    }
    return skills;
  }

  private static Skill skill(
      SkillId id,
      String version,
      AccessLevel level,
      Set<String> roles,
      Map<SkillId, String> needs) {
    return new Skill(
        id,
        Version.parse(version),
        "d",
        List.of("t"),
        level,
        roles,
        needs.entrySet().stream()
            .map(e -> Dependency.parse(e.getKey() + ":" + e.getValue()))
            .toList(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("b\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static final Instant NOON = TestGate.NOON;

  /// @param good whether it counts for a request of session `s-1`
  private record Given(Elevation elevation, boolean good) {}

  private Given given() {
    int from = random.nextInt(-60, 3);
    int to = random.nextInt(-2, 60);
    Optional<String> session =
        one(List.of(Optional.empty(), Optional.of("s-1"), Optional.of("s-2")));
    Elevation elevation =
        new Elevation(
            "e" + random.nextInt(1_000_000),
            "ana",
            one(TEAMS),
            random.nextBoolean() ? Optional.of(one(NAMES)) : Optional.empty(),
            "r",
            "root",
            NOON.plusSeconds(from),
            NOON.plusSeconds(to),
            session);
    return new Given(elevation, from <= 0 && to > 0 && !session.equals(Optional.of("s-2")));
  }

  private Set<String> open(Caller caller, List<Given> elevations) {
    Set<String> open = new HashSet<>();
    Set<String> elevated = new HashSet<>();
    for (Given given : elevations) {
      if (given.good()) {
        NAMES.stream()
            .filter(n -> given.elevation().skill().orElse(n).equals(n))
            .forEach(n -> elevated.add(given.elevation().team() + "/" + n));
      }
    }
    known.forEach((release, is) -> {
      boolean inTeam = caller.teams().contains(is.team());
      boolean somebody = !caller.account().equals("unknown");
      if (is.level() == AccessLevel.PUBLIC) {
        open.add(release);
      } else if (somebody && is.level() == AccessLevel.TEAM && inTeam) {
        open.add(release);
      } else if (somebody
          && is.level() == AccessLevel.ROLE_RESTRICTED
          && is.roles().contains(caller.role())) {
        open.add(release);
      } else if (somebody
          && is.level() == AccessLevel.SENSITIVE
          && inTeam
          && elevated.contains(is.team() + "/" + is.name())) {
        open.add(release);
      }
    });
    return open;
  }

  /// The releases and all they need, to the fixed point.
  private Set<String> needed(Set<String> releases) {
    Set<String> all = new HashSet<>(releases);
    boolean grew = true;
    while (grew) {
      grew = all.addAll(all.stream().flatMap(r -> needs(r).stream()).collect(Collectors.toSet()));
    }
    return all;
  }

  private Set<String> needs(String release) {
    Known is = known.get(release);
    if (is == null) {
      throw new IllegalArgumentException(release);
    }
    return is.needs();
  }

  /// A way to write a skill that the client takes, and the skills it can mean.
  private String alias(SkillId id) {
    String name = id.name();
    return one(
        List.of(
            id.toString(),
            name,
            "/" + name,
            " " + name,
            "/" + id + " ",
            id.team() + ":" + name,
            "plugin:" + id,
            "/ " + name.toUpperCase(Locale.ROOT),
            name.replace("r", "\uFF52"))); // a full-width letter
  }

  private static boolean isFull(String alias) {
    return alias.indexOf('/', 2) > 0;
  }

  @Test
  void theGateAndTheOracleAgree() {
    int granted = 0;
    List<String> wrong = new ArrayList<>();
    for (int w = 0; w < WORLDS; w++) {
      List<SkillId> ids = new ArrayList<>();
      TEAMS.forEach(t -> NAMES.forEach(n -> ids.add(new SkillId(t, n))));
      Collections.shuffle(ids, random);
      Map<SkillId, AccessLevel> written = new HashMap<>();
      some(ids).stream()
          .filter(id -> random.nextInt(4) == 0)
          .forEach(id -> written.put(id, one(List.of(AccessLevel.values()))));
      CatalogSnapshot snapshot = new CatalogSnapshot("c0ffee", skills(ids, written), List.of());
      Organization organization =
          new Organization(
              1, "", Set.of(), Map.of(), Map.of(), Organization.Member.NONE, Caps.NONE, written);
      Gate gate = new TestGate(Duration.ofSeconds(30)).gateOver(snapshot, organization);
      for (int r = 0; r < REQUESTS; r++) {
        List<Given> elevations = new ArrayList<>();
        for (int i = random.nextInt(7); i > 0; i--) {
          elevations.add(given());
        }
        Caller caller =
            new Caller(
                random.nextInt(12) == 0 ? "unknown" : "ana",
                one(List.of("dev", "sre", "lead", "")),
                random.nextInt(3) == 0 ? Set.copyOf(TEAMS) : some(TEAMS),
                elevations.stream().map(Given::elevation).toList(),
                random.nextInt(9) == 0);
        String id = "t" + w + "-" + r;
        SkillId asked = one(ids);
        boolean byName = random.nextBoolean();
        String how = byName ? alias(asked) : one(RANGES);
        Set<String> wanted = byName ? meant(asked, how, ids) : Set.of(asked + "@" + meant(how));
        boolean expected = open(caller, elevations).containsAll(needed(wanted));
        boolean found =
            byName ? loads(gate, caller, how, id) : invokes(gate, caller, asked, how, id);
        granted += expected ? 1 : 0;
        if (expected != found) {
          wrong.add("%s %s as '%s': %s".formatted(caller, asked, how, found));
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(granted > 1_000 && granted < 9_000, granted + " of 10,000 are granted");
  }

  /// Every skill of that name when no team is written; by name the newest release is loaded.
  private static Set<String> meant(SkillId asked, String alias, List<SkillId> ids) {
    return ids.stream()
        .filter(id -> isFull(alias) ? id.equals(asked) : id.name().equals(asked.name()))
        .map(id -> id + "@2.0.0")
        .collect(Collectors.toSet());
  }

  private boolean loads(Gate gate, Caller caller, String alias, String id) {
    return random.nextBoolean()
        ? gate.expansion(caller, new Place("s-1", "", Path.of("/home/ana")), alias).verdict()
            == Verdict.NONE
        : gate.tool(
                    caller,
                    new ToolRequest(
                        "s-1",
                        id,
                        "",
                        "Skill",
                        Json.object().put("skill", alias),
                        Path.of("/home/ana")))
                .verdict()
            == Verdict.NONE;
  }

  /// Over MCP: the client asks for the tool call first, which joins it to its session.
  private static boolean invokes(Gate gate, Caller caller, SkillId asked, String range, String id) {
    gate.tool(
        caller,
        new ToolRequest(
            "s-1",
            id,
            "",
            "mcp__skillwarden__invoke_skill",
            Json.object().put("name", asked.toString()),
            Path.of("/home/ana")));
    return gate.invoke(caller, new InvokeRequest(asked.toString(), range, Json.object(), false, id))
        instanceof Outcome.Ok<Invocation>;
  }
}
