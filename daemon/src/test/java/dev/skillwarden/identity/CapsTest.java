package dev.skillwarden.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which of the rights of an account that may do everything are left.
class CapsTest {
  private static final String ALL = "all";
  private static final Caps CAPS =
      new Caps(
          Map.of(
              "reviewer", cap("ops", "public,team"),
              "writer", Cap.NONE,
              "*", cap("", "public")),
          Map.of(
              "/srv/a", cap("ops", ALL),
              "/srv/a/b", cap(ALL, "public,team"),
              "C:\\work", cap("", ALL)));

  private static Cap cap(String teams, String levels) {
    return new Cap(
        Optional.of(teams).filter(t -> !t.equals(ALL)).map(CapsTest::set),
        Optional.of(levels)
            .filter(l -> !l.equals(ALL))
            .map(l ->
                set(l).stream()
                    .map(t ->
                        Arrays.stream(AccessLevel.values())
                            .filter(x -> x.text().equals(t))
                            .findFirst()
                            .orElseThrow())
                    .collect(Collectors.toSet())));
  }

  private static Set<String> set(String list) {
    return list.isEmpty() ? Set.of() : Set.of(list.split(",", -1));
  }

  /// What is open of two teams' skills of all levels: `ops:PTRS pay:P`.
  private static String left(Narrowing narrowing) {
    StringBuilder text = new StringBuilder();
    for (String team : List.of("ops", "pay")) {
      text.append(text.isEmpty() ? "" : " ").append(team).append(':');
      for (AccessLevel level : AccessLevel.values()) {
        SkillId id = new SkillId(team, "x");
        boolean permits = narrowing.permits(id, level);
        assertEquals(permits, narrowing.refusal(id, level).isEmpty());
        text.append(permits ? level.text().substring(0, 1) : "");
      }
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "'', ops:ptrs pay:ptrs",
    "reviewer, ops:pt pay:p",
    "writer, ops:ptrs pay:ptrs",
    "Reviewer, ops:p pay:p",
    "anything, ops:p pay:p",
    "' ', ops:p pay:p",
    "*, ops:p pay:p"
  })
  void aSubagentHasTheCapOfItsTypeElseThatOfTheOthers(String type, String left) {
    assertEquals(left, left(CAPS.agent(type)));
  }

  @Test
  void aSubagentOfNoKnownTypeHasWhatAllCapsLeave() {
    assertEquals("ops:p pay:p", left(CAPS.agent(Caps.UNNAMED_AGENT)));
    Caps two = new Caps(Map.of("a", cap("ops", ALL), "b", cap("pay", ALL)), Map.of());
    assertEquals("ops:p pay:p", left(two.agent(Caps.UNNAMED_AGENT)));
    assertEquals("ops:ptrs pay:ptrs", left(two.agent("c")), "there is no cap for other types");
  }

  @ParameterizedTest
  @CsvSource({
    "/srv, ops:ptrs pay:ptrs",
    "/srv/a, ops:ptrs pay:p",
    "/srv/a/, ops:ptrs pay:p",
    "/srv/ab, ops:ptrs pay:ptrs",
    "/SRV/A/c, ops:ptrs pay:p",
    "/srv/a/b/c, ops:pt pay:p",
    "/link, ops:ptrs pay:p",
    "/link/b, ops:ptrs pay:p",
    "C:/work/x, ops:p pay:p",
    "c:\\WORK, ops:p pay:p"
  })
  void aWorkspaceIsItsDirectoryUnderAnyName(String directory, String left) {
    UnaryOperator<String> real = d -> d.startsWith("/link") ? "/srv/a" : d;
    assertEquals(left, left(CAPS.workspace(List.of(directory), real)));
    assertEquals(left, left(CAPS.workspace(List.of("/home/ana", directory), real)));
  }

  @Test
  void aWorkspaceMayBeWrittenAsALink() {
    Caps caps = new Caps(Map.of(), Map.of("/link", cap("", ALL)));
    UnaryOperator<String> real = d -> d.replace("/link", "/data/w");
    assertEquals("ops:p pay:p", left(caps.workspace(List.of("/data/w/x"), real)));
  }

  @Test
  void theWholeMachineCanBeAWorkspace() {
    Caps caps = new Caps(Map.of(), Map.of("/", cap("", ALL)));
    assertEquals("ops:p pay:p", left(caps.workspace(List.of("/"), d -> d)));
    assertEquals("ops:p pay:p", left(caps.workspace(List.of("/home"), d -> d)));
  }

  @Test
  void aDirectCallHasWhatAllCapsLeave() {
    assertEquals("ops:p pay:p", left(CAPS.direct()));
    assertEquals(Narrowing.NONE, Caps.NONE.direct());
    assertEquals(
        "ops:p pay:p",
        left(new Caps(Map.of("a", cap("ops", ALL)), Map.of("/w", cap("pay", ALL))).direct()));
    assertEquals(
        "ops: pay:",
        left(new Caps(Map.of("a", cap(ALL, "public")), Map.of("/w", cap(ALL, "team"))).direct()));
  }

  @Test
  void theReasonNamesTheCapAndSaysWhatToDo() {
    assertEquals(
        Optional.of(
            "its account may use it, but subagents of type 'reviewer' are narrowed to teams [ops],"
                + " levels [public, team]. Leave it to the agent that called you."),
        CAPS.agent("reviewer").refusal(new SkillId("pay", "x"), AccessLevel.TEAM));
    assertEquals(
        Optional.of(
            "its account may use it, but direct calls, which can come from any subagent in any"
                + " workspace, are narrowed to teams [], levels [public]. Load it with the client's"
                + " own Skill tool or the MCP tool invoke_skill."),
        CAPS.direct().refusal(new SkillId("pay", "x"), AccessLevel.TEAM));
  }
}
