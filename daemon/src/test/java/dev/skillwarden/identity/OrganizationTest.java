package dev.skillwarden.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skillwarden.identity.Organization.Member;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrganizationTest {
  private static final String TEXT =
      """
      version: 3
      request_url: https://a.example/r?s={skill}&a={account}&i={id}&r={reason}
      teams: [support, finance, data]
      users:
        ana: {teams: [finance], role: controller}
        bob: {teams: [data]}
      groups:
        analysts: {teams: [data], role: analyst}
        zoo: {role: keeper}
      default: {teams: [support], role: engineer}
      agents:
        reviewer: {teams: [support], levels: [public, team]}
        "*": {levels: []}
      workspaces:
        /srv/untrusted: {teams: []}
      skills:
        data/x: {access_level: sensitive}
      """;

  private static Organization parse(String text) throws InvalidTextException {
    return Organization.parse("o", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsEveryKey() throws InvalidTextException {
    assertEquals(
        new Organization(
            3,
            "https://a.example/r?s={skill}&a={account}&i={id}&r={reason}",
            Set.of("support", "finance", "data"),
            Map.of(
                "ana", new Member(Set.of("finance"), "controller"),
                "bob", new Member(Set.of("data"), "")),
            Map.of(
                "analysts", new Member(Set.of("data"), "analyst"),
                "zoo", new Member(Set.of(), "keeper")),
            new Member(Set.of("support"), "engineer"),
            new Caps(
                Map.of(
                    "reviewer",
                    new Cap(
                        Optional.of(Set.of("support")),
                        Optional.of(Set.of(AccessLevel.PUBLIC, AccessLevel.TEAM))),
                    "*",
                    new Cap(Optional.empty(), Optional.of(Set.of()))),
                Map.of("/srv/untrusted", new Cap(Optional.of(Set.of()), Optional.empty()))),
            Map.of(SkillId.parse("data/x"), AccessLevel.SENSITIVE)),
        parse(TEXT));
  }

  @Test
  void needsNoMoreThanAVersion() throws InvalidTextException {
    assertEquals(
        new Organization(1, "", Set.of(), Map.of(), Map.of(), Member.NONE, Caps.NONE, Map.of()),
        parse("version: 1"));
  }

  @Test
  void readsTheDocumentedDefault() throws IOException, InvalidTextException {
    assertEquals(
        new Organization(
            1,
            "https://access.example.com/request?skill={skill}&account={account}&id={id}&reason={reason}",
            Set.of("support", "platform", "data", "finance", "growth"),
            Map.of(),
            Map.of(),
            new Member(Set.of("support"), "engineer"),
            Caps.NONE,
            Map.of()),
        Organization.parse("o", Files.readAllBytes(Path.of("../config/organization.yaml"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "teams: []|o:1:1: version is missing; start with 1 and raise it with every change",
        "version: 0|o:1:10: version wants a whole number 1..2147483647, found '0'",
        "version: 1;team: []|o:2:1: unknown key 'team' (did you mean 'teams'?); allowed here:"
            + " version, valid_until, request_url, teams, users, groups, default, agents, workspaces,"
            + " skills",
        "version: 1;request_url: ftp://x|o:2:14: request_url wants an https:// address, found"
            + " 'ftp://x'",
        "version: 1;request_url: 'https://x/{user}'|o:2:14: request_url knows no placeholder"
            + " {user}; use {skill}, {account}, {id}, {reason}",
        "version: 1;teams: [support];default: {teams: [suport]}|o:3:18: default.teams names"
            + " 'suport', which is not in the list teams (did you mean 'support'?)",
        "version: 1;users: {ana: {rolle: x}}|o:2:15: unknown key 'users.ana.rolle' (did you mean"
            + " 'role'?); allowed here: teams, role",
        "version: 1;users: [ana]|o:2:8: users wants a mapping, found a list",
        "version: 1;users: {ana: sre}|o:2:14: users.ana wants a mapping, found text",
        "version: 1;skills: {x: {access_level: team}}|o:2:13: skills.x wants team/name, found 'x'",
        "version: 1;skills: {a/b: {access_level: open}}|o:2:30: skills.a/b.access_level wants one"
            + " of [public, team, role-restricted, sensitive], found 'open'",
        "version: 1;teams: [support];agents: {a: {teams: [suport]}}|o:3:21: agents.a.teams names"
            + " 'suport', which is not in the list teams (did you mean 'support'?)",
        "version: 1;agents: {a: {levels: [teem]}}|o:2:22: agents.a.levels wants one of [public,"
            + " team, role-restricted, sensitive], found 'teem' (did you mean 'team'?)",
        "version: 1;agents: {a: {role: x}}|o:2:14: unknown key 'agents.a.role'; allowed here: teams,"
            + " levels",
        "version: 1;agents: {a: {teams: }}|o:2:20: agents.a.teams wants a list, [] when nothing of"
            + " it remains",
        "version: 1;agents: {a: }|o:2:12: agents.a wants a name, and teams or levels; {} narrows"
            + " nothing",
        "version: 1;agents: {'': {}}|o:2:14: agents. wants a name, and teams or levels; {} narrows"
            + " nothing",
        "version: 1;workspaces: {srv: {}}|o:2:19: workspaces.srv wants an absolute directory without"
            + " '.' and '..'",
        "version: 1;workspaces: {/srv/../x: {}}|o:2:25: workspaces./srv/../x wants an absolute"
            + " directory without '.' and '..'"
      })
  void refusesWithLineAndColumn(String text, String problem) {
    InvalidTextException e =
        assertThrows(InvalidTextException.class, () -> parse(text.replace(';', '\n')));
    assertEquals(List.of(problem), e.problems().stream().map(Problem::toString).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ana|''|controller|finance",
        "ana|analysts|controller|data,finance",
        "bob|analysts,zoo|analyst|data",
        "bob|''|''|data",
        "eve|zoo|keeper|''",
        "eve|''|engineer|support",
        "eve|wheel|engineer|support"
      })
  void joinsTheAccountWithItsGroups(String account, String groups, String role, String teams)
      throws InvalidTextException {
    assertEquals(
        new Caller(account, role, set(teams), List.of(), false),
        parse(TEXT).caller(account, set(groups), List.of(), false));
  }

  @Test
  void looksAtSixtyFourWorkspacesAtMost() {
    StringBuilder text = new StringBuilder("version: 1\nworkspaces:\n");
    for (int i = 0; i < 65; i++) {
      text.append("  /w/").append(i).append(": {}\n");
    }
    InvalidTextException e = assertThrows(InvalidTextException.class, () -> parse(text.toString()));
    assertEquals(
        "o:3:9: workspaces./w/0 is one of 65; at most 64 workspaces are looked at",
        e.problems().getFirst().toString());
  }

  private static Set<String> set(String list) {
    return list.isEmpty() ? Set.of() : Set.of(list.split(",", -1));
  }

  @Test
  void fillsTheRequestUrlEncoded() throws InvalidTextException {
    assertEquals(
        "https://a.example/r?s=a%2Fb&a=x%26y&i=%24%7B1%7D&r=need+it%3F%0A",
        parse(TEXT).requestUrl(SkillId.parse("a/b"), "x&y", "${1}", "need it?\n"));
    assertEquals("", Organization.empty().requestUrl(SkillId.parse("a/b"), "x", "1", "r"));
  }

  @ParameterizedTest
  @CsvSource({
    "PUBLIC, SENSITIVE, SENSITIVE",
    "SENSITIVE, PUBLIC, SENSITIVE",
    "TEAM, TEAM, TEAM",
    "TEAM, ROLE_RESTRICTED, ROLE_RESTRICTED"
  })
  void onlyTightensLevels(AccessLevel own, AccessLevel here, AccessLevel effective) {
    SkillId id = SkillId.parse("a/b");
    Organization organization =
        new Organization(
            1, "", Set.of(), Map.of(), Map.of(), Member.NONE, Caps.NONE, Map.of(id, here));
    assertEquals(effective, organization.effective(id, own));
    assertEquals(own, organization.effective(SkillId.parse("a/c"), own));
  }
}
