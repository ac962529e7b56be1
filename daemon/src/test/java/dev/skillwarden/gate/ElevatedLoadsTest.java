package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a load that an elevation opens costs of it, and in which session it opens.
class ElevatedLoadsTest {
  private static final CatalogSnapshot SNAPSHOT =
      new CatalogSnapshot(
          "c0ffee",
          List.of(
              TestGate.skill("pay/secret", "d", AccessLevel.SENSITIVE),
              TestGate.skill("pay/open", "d", AccessLevel.TEAM)),
          List.of());

  private final List<String> used = new CopyOnWriteArrayList<>();
  private final TestGate world = new TestGate(Duration.ofSeconds(30));
  private final Gate gate = world.gateOver(SNAPSHOT);

  @BeforeEach
  void count() {
    world.uses((caller, elevations, decision) -> {
      used.add(caller.account() + " " + elevations.stream().map(Elevation::id).toList());
      return Optional.empty();
    });
  }

  private static Caller ana(String... sessions) {
    List<Elevation> elevations =
        List.of(sessions).stream()
            .map(s ->
                new Elevation(
                    "e-" + s,
                    "ana",
                    "pay",
                    Optional.empty(),
                    "r",
                    "root",
                    TestGate.NOON,
                    TestGate.NOON.plusSeconds(60),
                    Optional.of(s).filter(x -> !x.isEmpty())))
            .toList();
    return new Caller("ana", "", Set.of("pay"), elevations, false);
  }

  private static ToolRequest call(String session, String id, String tool, String skill) {
    return new ToolRequest(
        session,
        id,
        "",
        tool,
        Json.object().put(tool.equals("Skill") ? "skill" : "name", skill),
        Path.of("/home/ana"));
  }

  private static Place place(String session) {
    return new Place(session, "", Path.of("/home/ana"));
  }

  private boolean invokes(Caller caller, String skill, String toolUseId) {
    return gate.invoke(caller, new InvokeRequest(skill, "1.x", Json.object(), false, toolUseId))
        instanceof Outcome.Ok<Invocation>;
  }

  @Test
  void everyWayToLoadCountsOnce() {
    Caller ana = ana("");
    assertEquals(Verdict.NONE, gate.tool(ana, call("s", "1", "Skill", "secret")).verdict());
    assertEquals(
        Verdict.NONE, gate.tool(ana, call("s", "1", "Skill", "secret")).verdict(), "twice told");
    assertEquals(Verdict.NONE, gate.expansion(ana, place("s"), "pay:secret").verdict());
    assertTrue(invokes(ana, "pay/secret", ""));
    assertEquals(List.of("ana [e-]", "ana [e-]", "ana [e-]"), used);
  }

  @Test
  void whatNeedsNoElevationOrOnlyAsksCountsNothing() {
    Caller ana = ana("");
    assertTrue(invokes(ana, "pay/open", ""));
    gate.tool(ana, call("s", "1", "Skill", "open"));
    gate.access(ana, "pay/secret");
    gate.resolve(ana, "pay/secret", "1.x");
    gate.list(ana);
    assertEquals(false, invokes(ana(), "pay/secret", ""));
    gate.tool(ana(), call("s", "2", "Skill", "secret"));
    gate.invoke(ana, new InvokeRequest("pay/secret", "9.x", Json.object(), false, ""));
    assertEquals(List.of(), used);
  }

  @Test
  void whatIsUsedUpOpensNothing() {
    world.uses((caller, elevations, decision) -> Optional.of("used up"));
    assertEquals("skill-access", gate.tool(ana(""), call("s", "1", "Skill", "secret")).rule());
    assertEquals("skill-access", gate.expansion(ana(""), place("s"), "secret").rule());
    Outcome<Invocation> outcome =
        gate.invoke(ana(""), new InvokeRequest("pay/secret", "1.x", Json.object(), false, ""));
    assertTrue(
        outcome instanceof Outcome.Refused<Invocation>(ApiError e)
            && e.code() == ApiError.Code.ACL_DENIED
            && e.message().contains("used up"));
    assertEquals(
        List.of("deny", "deny", "deny"), world.entries().stream().map(e -> e.decision()).toList());
  }

  @Test
  void aGrantOfASessionOpensInItOnly() {
    Caller ana = ana("s-1");
    assertEquals(Verdict.NONE, gate.tool(ana, call("s-1", "1", "Skill", "secret")).verdict());
    assertEquals(Verdict.DENY, gate.tool(ana, call("s-2", "2", "Skill", "secret")).verdict());
    assertEquals(Verdict.NONE, gate.expansion(ana, place("s-1"), "secret").verdict());
    assertEquals(Verdict.DENY, gate.expansion(ana, place("s-2"), "secret").verdict());
    assertEquals(false, invokes(ana, "pay/secret", ""), "a direct call is in no session");
    assertEquals(false, invokes(ana, "pay/secret", "never-seen"));
    gate.tool(ana, call("s-1", "3", "mcp__skillwarden__invoke_skill", "pay/secret"));
    gate.tool(ana, call("s-2", "4", "mcp__skillwarden__invoke_skill", "pay/secret"));
    assertTrue(invokes(ana, "pay/secret", "3"));
    assertEquals(false, invokes(ana, "pay/secret", "4"));
    assertEquals(3, used.size(), used.toString());
  }

  @Test
  void aCallOfTwoSessionsIsInNone() {
    Caller ana = ana("s-1");
    gate.tool(ana, call("s-1", "1", "mcp__skillwarden__invoke_skill", "pay/secret"));
    gate.tool(ana, call("s-2", "1", "mcp__skillwarden__invoke_skill", "pay/secret"));
    assertEquals(false, invokes(ana, "pay/secret", "1"));
  }

  @Test
  void theCallOfAnotherAccountJoinsNothing() {
    Caller bob = new Caller("bob", "", Set.of("pay"), List.of(), false);
    gate.tool(bob, call("s-1", "1", "mcp__skillwarden__invoke_skill", "pay/secret"));
    assertEquals(false, invokes(ana("s-1"), "pay/secret", "1"));
  }
}
