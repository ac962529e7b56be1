package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SkillParserTest {
  private static final String PATH = ".claude/skills/ops/restart.md";
  private static final String GOOD =
      """
      ---
      name: ops/restart
      version: 1.2.3
      description: Restart a service
      tags: [restart]
      access_level: team
      ---
      Do it.
      """;

  private static ParsedSkill parse(String path, String text) {
    return SkillParser.parse(new SkillFile(path, true, text.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> findings(String text) {
    return parse(PATH, text).findings().stream().map(f -> f.toString().replace(PATH, "f")).toList();
  }

  @Test
  void readsEveryKey() throws NoSuchAlgorithmException {
    String text =
        """
        ---
        name: ops/restart
        version: 2.0.0-rc.1
        description: "Restart: a service"
        tags: [restart, c++]
        access_level: role-restricted
        allowed_roles: [sre, lead, sre]
        depends_on: ['a/b:^1.0.0', c/d:2.x]
        owners: [ops-leads]
        inputs: {type: object}
        deprecated: {since: 2026-08-31, reason: replaced, replacement: ops/reload}
        ---

        # Title

        --- not a fence
        ---
        End
        """;
    ParsedSkill parsed = parse(PATH, text);
    Skill expected =
        new Skill(
            new SkillId("ops", "restart"),
            Version.parse("2.0.0-rc.1"),
            "Restart: a service",
            List.of("restart", "c++"),
            AccessLevel.ROLE_RESTRICTED,
            Set.of("sre", "lead"),
            List.of(Dependency.parse("a/b:^1.0.0"), Dependency.parse("c/d:2.x")),
            List.of("ops-leads"),
            parsed.skill().orElseThrow().inputs(),
            Optional.of(
                new Deprecation(
                    LocalDate.of(2026, 8, 31),
                    "replaced",
                    Optional.of(new SkillId("ops", "reload")),
                    Optional.empty())),
            Instructions.of("# Title\n\n--- not a fence\n---\nEnd\n"),
            PATH,
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-256")
                        .digest(text.getBytes(StandardCharsets.UTF_8))));
    assertEquals(List.of(), parsed.findings());
    assertEquals(Optional.of(expected), parsed.skill());
    assertEquals("{\"type\":\"object\"}", expected.inputs().orElseThrow().toString());
    assertEquals(LocalDate.of(2027, 2, 28), expected.deprecated().orElseThrow().archiveOn());
    assertEquals(13, parsed.bodyLine());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: ops/restart|name: ops/stop|f:2:7: error SK012 name-not-path: name wants"
            + " 'ops/restart' as the path says, found 'ops/stop'",
        "name: ops/restart|# none|f:3:1: error SK010 missing-key: name is missing",
        "version: 1.2.3|version: 1.2|f:3:10: error SK020 version-not-semver: version wants a"
            + " version like 1.2.3, found '1.2'",
        "description: Restart a service|description: ''|f:4:14: error SK042"
            + " bad-description-or-tags: description wants 1 to 1,024 characters, found 0",
        "tags: [restart]|tags: []|f:5:7: error SK042 bad-description-or-tags: tags wants 1 to 20"
            + " words people would search for, found none",
        "tags: [restart]|tags: [Big]|f:5:7: error SK042 bad-description-or-tags: tags wants"
            + " lower-case words of at most 40 characters, found 'Big'",
        "tags: [restart]|tags: restart|f:5:7: error SK011 wrong-type: tags wants a list like [a,"
            + " b], found text",
        "tags: [restart]|tagz: [restart]|f:2:1: error SK010 missing-key: tags is missing (did you"
            + " mean 'tagz'?)",
        "access_level: team|access_level: teams|f:6:15: error SK040 bad-access-level: access_level"
            + " wants one of [public, team, role-restricted, sensitive], found 'teams' (did you"
            + " mean 'team'?)",
        "access_level: team|access_level: role-restricted|f:2:1: error SK041 bad-roles:"
            + " allowed_roles wants the roles that may use the skill, since access_level is"
            + " role-restricted; found none",
        "access_level: team|access_level: team~allowed_roles: [sre]|f:7:16: error SK041 bad-roles:"
            + " allowed_roles only goes with access_level role-restricted, found team",
        "access_level: team|access_level: role-restricted~allowed_roles: ['']|f:7:16: error SK041"
            + " bad-roles: allowed_roles holds an empty role; name it",
        "access_level: team|access_level: team~depends_on: [ops/restart:1.x]|f:7:14: error SK032"
            + " cycle: depends_on names the skill itself: ops/restart -> ops/restart",
        "access_level: team|access_level: team~depends_on: [a/b:1.x, 'a/b:2.x']|f:7:23: error SK057"
            + " bad-dependency: depends_on names a/b twice",
        "access_level: team|access_level: team~depends_on: [a/b]|f:7:14: error SK057"
            + " bad-dependency: depends_on wants team/name:RANGE such as support/case-facts:1.x,"
            + " found 'a/b'",
        "access_level: team|access_level: team~inputs: text|f:7:9: error SK011 wrong-type: inputs"
            + " wants a JSON Schema, found text",
        "access_level: team|access_level: team~version: 2.0.0|f:7:1: error SK003 duplicate-key:"
            + " duplicate key 'version', first on line 3; keep one",
        "Restart a service|Re\u202Estart|f:4:16: error SK055 invisible-character: holds the"
            + " invisible character U+202E",
        "Do it.|`   `|f:7:1: error SK019 no-instructions: has no instructions after the"
            + " frontmatter; they are what an agent gets"
      })
  void findsOneMistake(String line, String replacement, String findings) {
    assertEquals(
        List.of(findings.split("~", -1)),
        findings(GOOD.replace(line, replacement.replace('~', '\n'))));
  }

  @Test
  void reportsAllMistakesAtOnce() {
    assertEquals(
        List.of(
            "f:2:1: error SK010 missing-key: description is missing",
            "f:2:1: error SK010 missing-key: tags is missing",
            "f:2:7: error SK012 name-not-path: name wants 'ops/restart' as the path says, found"
                + " 'restart'; the team belongs to the name",
            "f:2:7: error SK013 bad-name: name wants team/name, found 'restart'",
            "f:3:10: error SK020 version-not-semver: version wants a version like 1.2.3, found"
                + " 'one'",
            "f:4:15: error SK040 bad-access-level: access_level wants one of [public, team,"
                + " role-restricted, sensitive], found 'open'"),
        findings("---\nname: restart\nversion: one\naccess_level: open\n---\nx\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|f:1:1: error SK001 no-frontmatter: is empty; a line --- is wanted as the first line",
        "text|f:1:1: error SK001 no-frontmatter: begins with other text; a line --- is wanted as"
            + " the first line",
        "---~name: a|f:1:1: error SK001 no-frontmatter: has a frontmatter that is never closed; a"
            + " second line that is only --- is wanted",
        "---~---~x|f:1:1: error SK010 missing-key: access_level is missing",
        "---~[]~---~x|f:1:1: error SK010 missing-key: access_level is missing"
      })
  void findsAMissingFrontmatter(String text, String finding) {
    assertEquals(finding, findings(text.replace('~', '\n')).getFirst());
    assertEquals(Optional.empty(), parse(PATH, text.replace('~', '\n')).skill());
  }

  @Test
  void takesCrlfWithAWarning() {
    ParsedSkill parsed = parse(PATH, GOOD.replace("\n", "\r\n"));
    assertEquals(
        List.of("%s:1:0: info SK049 crlf: has CRLF line ends; LF is wanted".formatted(PATH)),
        parsed.findings().stream().map(Finding::toString).toList());
    assertEquals(Optional.of("Do it.\n"), parsed.skill().map(Skill::body));
  }

  @Test
  void refusesSpecialFilesOversizeAndOtherPlaces() {
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    assertEquals(List.of("SK009"), rules(SkillParser.parse(new SkillFile(PATH, false, good))));
    assertEquals(
        List.of("SK006"),
        rules(SkillParser.parse(new SkillFile(PATH, true, new byte[SkillParser.MAX_FILE + 1]))));
    assertEquals(
        List.of("SK005"), rules(SkillParser.parse(new SkillFile(PATH, true, new byte[] {-1}))));
    assertEquals(
        List.of("SK006"), rules(parse(PATH, "---\n# " + "x".repeat(16 << 10) + "\n---\nx")));
    assertEquals(List.of("SK016"), rules(parse(".claude/skills/a/b/c.md", GOOD)));
    assertEquals(List.of("SK016"), rules(parse(".claude/skills/c.md", GOOD)));
  }

  private static List<String> rules(ParsedSkill parsed) {
    assertEquals(Optional.empty(), parsed.skill());
    return parsed.findings().stream().map(f -> f.rule().id()).toList();
  }

  @ParameterizedTest
  @CsvSource({
    ".claude/skills/a/b.md, true",
    ".claude/skills/a/b/c.md, true",
    ".claude/skills/README.md, false",
    ".claude/skills/a/README.md, false",
    ".claude/skills/_schema.yaml, false",
    ".claude/skills/a/.b.md, false",
    "docs/a.md, false"
  })
  void knowsWhichFilesAreMeantAsSkills(String path, boolean skill) {
    assertEquals(skill, SkillParser.isSkillPath(path));
  }
}
