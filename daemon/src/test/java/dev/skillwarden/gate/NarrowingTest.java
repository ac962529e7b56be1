package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.policy.AccessDecision;
import dev.skillwarden.policy.AccessPolicy;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Subagents, workspaces and direct calls use less than their account, never more.
class NarrowingTest {
  private static final String INVOKE = "mcp__plugin_skillwarden_skillwarden__invoke_skill";
  private static final String SEARCH = "mcp__skillwarden__search_skills";
  private static final Path HOME = Path.of("/home/ana");
  private static final Caller ANA =
      new Caller("ana", "dev", Set.of("ops", "pay"), List.of(), false);
  private static final CatalogSnapshot SNAPSHOT =
      new CatalogSnapshot(
          "c0ffee",
          List.of(
              TestGate.skill("ops/restart", "Restarts a stuck service", AccessLevel.PUBLIC),
              TestGate.skill("ops/drain", "Drains a host", AccessLevel.TEAM),
              TestGate.skill("pay/refund", "Refunds a card payment", AccessLevel.TEAM)),
          List.of());

  private final TestGate world = new TestGate(Duration.ofSeconds(30));
  private final Gate gate = gate("agents: {reviewer: {teams: [ops]}}");

  private Gate gate(String caps) {
    return world.gateOver(SNAPSHOT, organization("version: 1\nteams: [ops, pay]\n" + caps));
  }

  private static Organization organization(String yaml) {
    try {
      return Organization.parse("o", yaml.getBytes(StandardCharsets.UTF_8));
    } catch (InvalidTextException e) {
      throw new AssertionError(e);
    }
  }

  private static ToolRequest call(
      String session, String id, String agent, String tool, ObjectNode input, Path cwd) {
    return new ToolRequest(session, id, agent, tool, input, cwd);
  }

  private static ToolRequest asked(String id, String agent, String skill) {
    return call("s", id, agent, INVOKE, Json.object().put("name", skill), HOME);
  }

  private static Verdict loads(Gate gate, String agent, String skill, Path cwd) {
    return gate.tool(ANA, call("s", "", agent, "Skill", Json.object().put("skill", skill), cwd))
        .verdict();
  }

  /// `open`, or why it was refused.
  private static String invoked(Gate gate, Caller caller, String skill, String id) {
    return switch (gate.invoke(caller, new InvokeRequest(skill, "1.x", Json.object(), false, id))) {
      case Outcome.Ok<Invocation> _ -> "open";
      case Outcome.Refused<Invocation>(ApiError e) -> e.reason();
    };
  }

  @Test
  void theSkillToolIsNarrowedForASubagent() {
    assertEquals(Verdict.NONE, loads(gate, "", "refund", HOME));
    assertEquals(Verdict.NONE, loads(gate, "explorer", "refund", HOME));
    assertEquals(Verdict.NONE, loads(gate, "reviewer", "drain", HOME));
    assertEquals(Verdict.DENY, loads(gate, "reviewer", "refund", HOME));
    assertEquals(Verdict.DENY, loads(gate, Caps.UNNAMED_AGENT, "refund", HOME));
    JournalEntry entry = world.entries().getLast();
    assertEquals("skill-access", entry.rule());
    assertTrue(entry.reason().contains("subagents of an unknown type"), entry.reason());
  }

  @Test
  void aTypedSkillIsNarrowedWhereItIsTyped() {
    Gate narrowed = gate("workspaces: {/srv/lab: {teams: []}}");
    Place lab = new Place("s-1", "", Path.of("/srv/lab/x"));
    assertEquals(Verdict.DENY, narrowed.expansion(ANA, lab, "refund").verdict());
    assertEquals(
        Verdict.NONE, narrowed.expansion(ANA, new Place("s-2", "", HOME), "refund").verdict());
  }

  @Test
  void aSessionDoesNotLeaveItsWorkspaceByChangingTheDirectory() {
    Gate narrowed = gate("workspaces: {/srv/lab: {teams: []}}");
    assertEquals(Verdict.DENY, loads(narrowed, "", "refund", Path.of("/srv/lab")));
    assertEquals(Verdict.DENY, loads(narrowed, "", "refund", HOME));
    assertEquals(Verdict.NONE, loads(narrowed, "", "ops:restart", HOME), "public remains");
  }

  @Test
  void aLinkIntoAWorkspaceIsTheWorkspace() {
    world.files(() ->
        new FileView() {
          @Override
          public Optional<Path> link(Path path) {
            return Optional.of(Path.of("/srv/lab")).filter(l -> path.equals(Path.of("/w")));
          }

          @Override
          public boolean exists(Path path) {
            return true;
          }
        });
    Gate narrowed = gate("workspaces: {/srv/lab: {teams: []}}");
    assertEquals(Verdict.DENY, loads(narrowed, "", "refund", Path.of("/w/x")));
  }

  @Test
  void aDirectoryThatCannotBeLookedUpCanBeAnyWorkspace() {
    world.files(() ->
        new FileView() {
          @Override
          public Optional<Path> link(Path path) {
            return Optional.empty();
          }

          @Override
          public boolean exists(Path path) {
            return false;
          }

          @Override
          public boolean overrun() {
            return true;
          }
        });
    Gate narrowed = gate("workspaces: {/srv/lab: {teams: []}}");
    assertEquals(Verdict.DENY, loads(narrowed, "", "refund", HOME));
    assertTrue(world.entries().getLast().reason().contains("could not be looked up"));
  }

  @Test
  void aCallOverMcpHasTheRightsOfTheAgentThatMadeIt() {
    gate.tool(ANA, asked("main", "", "pay/refund"));
    gate.tool(ANA, asked("sub", "reviewer", "pay/refund"));
    assertEquals("open", invoked(gate, ANA, "pay/refund", "main"));
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", "sub"));
    JournalEntry entry = world.entries().getLast();
    assertEquals("NARROWED", entry.reason());
    assertTrue(entry.detail().contains("subagents of type 'reviewer'"), entry.detail());
  }

  @Test
  void aDirectCallHasTheNarrowestRights() {
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", ""));
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", "made-up"));
    assertEquals("open", invoked(gate, ANA, "ops/drain", ""));
    assertEquals("open", invoked(gate, ANA, "ops/restart", ""));
    Outcome<Access> checked = gate.access(ANA, "pay/refund");
    assertTrue(
        checked instanceof Outcome.Ok<Access>(Access a)
            && !a.allowed()
            && a.requestUrl().isEmpty()
            && a.reason().contains("direct calls")
            && a.reason().contains("invoke_skill"),
        checked.toString());
    assertTrue(world.entries().getLast().detail().contains("direct calls"));
    assertEquals("[ops/drain, ops/restart]", listed(gate.list(ANA)));
    assertTrue(gate.resolve(ANA, "pay/refund", "1.x") instanceof Outcome.Refused<Skill>);
  }

  private static String listed(Outcome<List<Skill>> outcome) {
    return switch (outcome) {
      case Outcome.Ok<List<Skill>>(List<Skill> skills) ->
          skills.stream().map(s -> s.id().toString()).sorted().toList().toString();
      case Outcome.Refused<List<Skill>>(ApiError e) -> e.toString();
    };
  }

  @Test
  void withoutCapsADirectCallHasAllRights() {
    assertEquals("open", invoked(gate(""), ANA, "pay/refund", ""));
  }

  @Test
  void whatTheAccountMayNotIsSaidAsBefore() {
    Caller bob = new Caller("bob", "", Set.of("ops"), List.of(), false);
    assertEquals("NOT_IN_TEAM", invoked(gate, bob, "pay/refund", ""));
  }

  @Test
  void anIdOpensNothingToAnotherAccount() {
    gate.tool(ANA, asked("t", "", "pay/refund"));
    Caller bob = new Caller("bob", "dev", Set.of("ops", "pay"), List.of(), false);
    assertEquals("NARROWED", invoked(gate, bob, "pay/refund", "t"));
  }

  @Test
  void anIdOpensNoOtherSkillThanItWasAskedFor() {
    gate.tool(ANA, asked("t", "", "ops/drain"));
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", "t"));
    assertEquals("open", invoked(gate, ANA, "ops/drain", "t"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bash",
        "Skill",
        "mcp__skillwarden__search_skills",
        "mcp__other__invoke_skill",
        "mcp__notskillwarden__invoke_skill",
        "mcp__skillwardens__invoke_skill",
        "mcp__skillwarden__invoke_skill2",
        "mcp__skillwarden__invoke_skill__x",
        "invoke_skill"
      })
  void theIdOfAnotherToolOpensNothing(String tool) {
    ObjectNode input = Json.object().put("name", "pay/refund").put("command", "ls");
    gate.tool(ANA, call("s", "t", "", tool, input, HOME));
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", "t"));
  }

  @Test
  void theIdOfADeniedCallOpensNothing() {
    world.fillDisk();
    gate.tool(ANA, asked("t", "", "pay/refund"));
    assertFalse(invoked(gate, ANA, "pay/refund", "t").equals("open"));
  }

  @ParameterizedTest
  @CsvSource({"s, reviewer, /home/ana", "s-2, '', /home/ana", "s, '', /srv/lab"})
  void anIdThatIsToldForTwoPlacesOpensNothing(String session, String agent, Path cwd) {
    gate.tool(ANA, asked("t", "", "pay/refund"));
    gate.tool(ANA, call(session, "t", agent, INVOKE, Json.object().put("name", "pay/refund"), cwd));
    assertEquals("NARROWED", invoked(gate, ANA, "pay/refund", "t"));
  }

  @Test
  void aCallThatIsToldTwiceIsTheSame() {
    gate.tool(ANA, asked("t", "", "pay/refund"));
    gate.tool(ANA, asked("t", "", "pay/refund"));
    assertEquals("open", invoked(gate, ANA, "pay/refund", "t"));
    assertEquals("open", invoked(gate, ANA, "pay/refund", "t"), "a client that tries again");
  }

  @Test
  void anIdIsGoodForAShortTime() {
    Sessions sessions = new Sessions();
    ToolRequest request = asked("t", "", "pay/refund");
    sessions.remember(
        new Sessions.CallKey("ana", "s", "t", "d"), request, GateAnswer.none("1"), TestGate.NOON);
    SkillTool tool = SkillTool.invoke("pay/refund");
    assertEquals(
        Optional.of(request.place()),
        sessions.place("ana", "t", tool, TestGate.NOON.plus(Sessions.JOINED)));
    assertEquals(
        Optional.empty(),
        sessions.place("ana", "t", tool, TestGate.NOON.plus(Sessions.JOINED).plusMillis(1)));
    assertEquals(Optional.empty(), sessions.place("ana", "", tool, TestGate.NOON));
  }

  @Test
  void noAccountMakesAnotherForgetItsCallsOrWhereItBegan() {
    Sessions sessions = new Sessions();
    Path begun = Path.of("/srv/lab");
    Path now = Path.of("/tmp");
    SkillTool tool = SkillTool.invoke("pay/refund");
    sessions.root("ben", "s", begun);
    remembered(sessions, "ben", "t");
    for (int i = 0; i < 10_000; i++) {
      sessions.root("ana", "s" + i, now);
      remembered(sessions, "ana", "t" + i);
    }
    assertEquals(begun, sessions.root("ben", "s", now));
    assertTrue(sessions.place("ben", "t", tool, TestGate.NOON).isPresent());
    assertTrue(sessions.answered(new Sessions.CallKey("ben", "s", "t", "d")).isPresent());
    assertTrue(sessions.place("ana", "t9999", tool, TestGate.NOON).isPresent());
    assertTrue(sessions.place("ana", "t0", tool, TestGate.NOON).isEmpty());
  }

  private static void remembered(Sessions sessions, String account, String id) {
    sessions.remember(
        new Sessions.CallKey(account, "s", id, "d"),
        asked(id, "", "pay/refund"),
        GateAnswer.none("1"),
        TestGate.NOON);
  }

  @Test
  void nothingThatIsTooLongIsRemembered() {
    Sessions sessions = new Sessions();
    String name = "a".repeat(257);
    Sessions.CallKey key = new Sessions.CallKey("ana", "s", "t", "d");
    sessions.remember(
        key,
        asked("t", "", name),
        new GateAnswer(Verdict.ASK, "1", "rule", "a".repeat(5_000)),
        TestGate.NOON);
    assertTrue(sessions.answered(key).isEmpty());
    assertTrue(sessions.place("ana", "t", SkillTool.invoke(name), TestGate.NOON).isEmpty());
  }

  @Test
  void aSearchShowsWhatItsAgentMayUse() {
    Gate searching =
        world.gate(
            organization("version: 1\nteams: [ops, pay]\nagents: {reviewer: {teams: [ops]}}"));
    SearchQuery query =
        new SearchQuery(
            "refunds a card payment", 5, Optional.empty(), Optional.empty(), Optional.empty());
    searching.tool(ANA, call("s", "main", "", SEARCH, Json.object().put("query", "q"), HOME));
    searching.tool(
        ANA, call("s", "sub", "reviewer", SEARCH, Json.object().put("query", "q"), HOME));
    assertTrue(found(searching.search(ANA, query, "main")).contains("pay/refund"));
    assertFalse(found(searching.search(ANA, query, "sub")).contains("pay/refund"));
    assertFalse(found(searching.search(ANA, query, "")).contains("pay/refund"));
  }

  private static Set<String> found(Outcome<SearchResult> outcome) {
    return switch (outcome) {
      case Outcome.Ok<SearchResult>(SearchResult result) ->
          result.hits().stream().map(h -> h.skill().id().toString()).collect(Collectors.toSet());
      case Outcome.Refused<SearchResult>(ApiError e) -> throw new AssertionError(e);
    };
  }

  private static final List<String> TEAMS = List.of("a", "b", "c");
  private static final List<String> TYPES = List.of("", "x", "y", "z", Caps.UNNAMED_AGENT);
  private static final List<String> PLACES = List.of("/", "/w", "/w/in", "/other", "/link/in");

  private final Random random = new Random(20_260_713);

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private <T> List<T> some(List<T> list) {
    return list.stream().filter(t -> random.nextBoolean()).toList();
  }

  private String caps(List<String> keys) {
    return some(keys).stream()
        .map(key -> {
          List<String> parts = new ArrayList<>();
          if (random.nextInt(3) > 0) {
            parts.add("teams: " + some(TEAMS));
          }
          if (random.nextInt(3) > 0) {
            parts.add(
                "levels: "
                    + some(List.of("public", "team", "role-restricted", "sensitive", "public")));
          }
          return "  \"%s\": {%s}\n".formatted(key, String.join(", ", parts));
        })
        .collect(Collectors.joining());
  }

  private Caller account(Organization organization) {
    List<Elevation> elevations =
        some(TEAMS).stream()
            .map(team ->
                new Elevation(
                    "e",
                    "ana",
                    team,
                    Optional.empty(),
                    "r",
                    "root",
                    TestGate.NOON,
                    TestGate.NOON.plusSeconds(60),
                    random.nextBoolean() ? Optional.of("s") : Optional.empty()))
            .toList();
    return organization.caller(
        one(List.of("ana", "unknown", "eve")), Set.of("g"), elevations, false);
  }

  /// Every verdict about every skill, for every place a request can come from: whatever the file
  /// says, nothing is open there that is closed to the account itself, and nothing is open to a
  /// direct call that is closed somewhere.
  @Test
  void noOrganizationWidens() {
    int narrowed = 0;
    int left = 0;
    for (int i = 0; i < 2_000; i++) {
      Organization organization =
          organization(
              "version: 1\nteams: [a, b, c]\nusers:\n  ana: {teams: %s, role: dev}\ngroups:\n  g: {teams: %s}\nagents:\n%sworkspaces:\n%sskills:\n  a/team: {access_level: sensitive}\n"
                  .formatted(
                      some(TEAMS),
                      some(TEAMS),
                      caps(List.of("x", "y", "*")),
                      caps(List.of("/", "/w", "/w/in", "/other"))));
      CatalogSnapshot snapshot = everything();
      Caller account = account(organization);
      Set<SkillId> own = open(account.in("s"), snapshot, organization);
      Set<SkillId> direct =
          open(account.narrowed(organization.caps().direct()), snapshot, organization);
      UnaryOperator<String> real = d -> d.replace("/link", "/w");
      for (String type : TYPES) {
        for (String place : PLACES) {
          Caller there =
              account
                  .in("s")
                  .narrowed(organization.caps().agent(type))
                  .narrowed(organization.caps().workspace(List.of(place), real));
          Set<SkillId> open = open(there, snapshot, organization);
          assertTrue(own.containsAll(open), () -> organization + " opens to " + there);
          assertTrue(open.containsAll(direct), () -> organization + " opens to direct calls");
          narrowed += open.size() < own.size() ? 1 : 0;
          left += open.isEmpty() ? 0 : 1;
        }
      }
    }
    assertTrue(
        narrowed > 10_000 && left > 10_000, narrowed + " narrowed, something left in " + left);
  }

  /// Every team has a skill of every level, one of which needs another team's.
  private static CatalogSnapshot everything() {
    List<Skill> skills = new ArrayList<>();
    for (String team : TEAMS) {
      for (AccessLevel level : AccessLevel.values()) {
        Skill plain = TestGate.skill(team + "/" + level.text(), "d", level);
        skills.add(
            new Skill(
                plain.id(),
                plain.version(),
                plain.description(),
                plain.tags(),
                level,
                level == AccessLevel.ROLE_RESTRICTED ? Set.of("dev") : Set.of(),
                level == AccessLevel.TEAM && team.equals("b")
                    ? List.of(Dependency.parse("a/team:1.x"))
                    : List.of(),
                plain.owners(),
                plain.inputs(),
                plain.deprecated(),
                plain.instructions(),
                plain.path(),
                plain.sha256()));
      }
    }
    return new CatalogSnapshot("c0ffee", skills, List.of());
  }

  private static Set<SkillId> open(
      Caller caller, CatalogSnapshot snapshot, Organization organization) {
    return snapshot.skills().stream()
        .filter(s -> {
          boolean granted =
              AccessPolicy.check(caller, s, snapshot, organization, TestGate.NOON)
                  instanceof AccessDecision.Granted;
          assertEquals(
              granted, AccessPolicy.permits(caller, s, snapshot, organization, TestGate.NOON));
          return granted;
        })
        .map(Skill::id)
        .collect(Collectors.toSet());
  }
}
