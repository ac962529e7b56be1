package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.text.YamlNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
        deprecated: use ops/reload
        ---

        # Title

        --- not a fence
        ---
        End
        """;
    YamlNode.Scalar key = new YamlNode.Scalar("type", false, 10, 10);
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
            Optional.of(
                new YamlNode.Mapping(
                    Map.of(
                        "type",
                        new YamlNode.Entry(key, new YamlNode.Scalar("object", false, 10, 16))),
                    10,
                    9)),
            Optional.of("use ops/reload"),
            "# Title\n\n--- not a fence\n---\nEnd\n",
            PATH,
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-256")
                        .digest(text.getBytes(StandardCharsets.UTF_8))));
    assertEquals(new ParsedSkill(Optional.of(expected), List.of()), parse(PATH, text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: ops/restart|name: ops/stop|f:2:7: error SK011: name is 'ops/stop' but the file's"
            + " path says 'ops/restart'; make them equal",
        "name: ops/restart|# none|f:3:1: error SK011: name is missing",
        "version: 1.2.3|version: 1.2|f:3:10: error SK011: version wants a version like 1.2.3, found"
            + " '1.2'",
        "description: Restart a service|description: ''|f:4:14: error SK011: description wants 1 to"
            + " 1,024 characters, found 0",
        "tags: [restart]|tags: []|f:5:7: error SK011: tags wants 1 to 20 entries, found 0",
        "tags: [restart]|tags: [Big]|f:5:7: error SK011: tags wants lower-case words of at most 40"
            + " characters, found 'Big'",
        "tags: [restart]|tags: restart|f:5:7: error SK011: tags wants a list like [a, b], found"
            + " text~f:5:7: error SK011: tags wants 1 to 20 entries, found 0",
        "tags: [restart]|tagz: [restart]|f:2:1: error SK011: tags is missing; list 1 to 20 words"
            + " people would search for~f:5:1: error SK011: unknown key 'tagz' (did you mean"
            + " 'tags'?); allowed here: name, version, description, tags, access_level,"
            + " allowed_roles, depends_on, owners, inputs, deprecated",
        "access_level: team|access_level: teams|f:6:15: error SK011: access_level wants one of"
            + " [public, team, role-restricted, sensitive], found 'teams' (did you mean 'team'?)",
        "access_level: team|access_level: role-restricted|f:2:1: error SK011: allowed_roles is"
            + " missing; access_level role-restricted names the roles that may use the skill",
        "access_level: team|access_level: team~allowed_roles: [sre]|f:7:16: error SK011:"
            + " allowed_roles only goes with access_level role-restricted; the level is team",
        "access_level: team|access_level: role-restricted~allowed_roles: ['']|f:7:16: error SK011:"
            + " allowed_roles holds an empty role; name it or remove it",
        "access_level: team|access_level: team~depends_on: [ops/restart:1.x]|f:7:13: error SK011:"
            + " depends_on names the skill itself; remove it",
        "access_level: team|access_level: team~depends_on: [a/b:1.x, 'a/b:2.x']|f:7:13: error"
            + " SK011: depends_on names a/b twice; keep one",
        "access_level: team|access_level: team~depends_on: [a/b]|f:7:13: error SK011: depends_on"
            + " wants team/name:RANGE such as support/case-facts:1.x, found 'a/b'",
        "access_level: team|access_level: team~inputs: text|f:7:9: error SK011: inputs wants a JSON"
            + " Schema object, found text",
        "access_level: team|access_level: team~version: 2.0.0|f:7:1: error SK010: duplicate key"
            + " 'version', first on line 3; keep one",
        "Restart a service|Re\u202Estart|f:4:0: error SK012: holds the invisible character U+202E;"
            + " remove it",
        "Do it.|`   `|f:7:0: error SK009: has no instructions after the frontmatter; write them"
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
            "f:2:7: error SK011: name wants team/name, found 'restart'",
            "f:3:10: error SK011: version wants a version like 1.2.3, found 'one'",
            "f:2:1: error SK011: description is missing",
            "f:2:1: error SK011: tags is missing; list 1 to 20 words people would search for",
            "f:4:15: error SK011: access_level wants one of [public, team, role-restricted,"
                + " sensitive], found 'open'"),
        findings("---\nname: restart\nversion: one\naccess_level: open\n---\nx\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|f:1:0: error SK007: does not begin with a line ---; put the frontmatter there",
        "text|f:1:0: error SK007: does not begin with a line ---; put the frontmatter there",
        "---~name: a|f:1:0: error SK007: has a frontmatter that is never closed; end it with a line"
            + " ---",
        "---~---~x|f:1:0: error SK011: has an empty frontmatter; name, version, description, tags"
            + " and access_level are required",
        "---~[]~---~x|f:2:1: error SK011: wants 'key: value' lines, found a list"
      })
  void findsAMissingFrontmatter(String text, String finding) {
    assertEquals(finding, findings(text.replace('~', '\n')).getFirst());
    assertEquals(Optional.empty(), parse(PATH, text.replace('~', '\n')).skill());
  }

  @Test
  void takesCrlfWithAWarning() {
    ParsedSkill parsed = parse(PATH, GOOD.replace("\n", "\r\n"));
    assertEquals(
        List.of("%s:1:0: warning SK006: has CRLF line ends; save it with LF".formatted(PATH)),
        parsed.findings().stream().map(Finding::toString).toList());
    assertEquals(Optional.of("Do it.\n"), parsed.skill().map(Skill::body));
  }

  @Test
  void refusesSpecialFilesOversizeAndOtherPlaces() {
    byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
    assertEquals(List.of("SK003"), rules(SkillParser.parse(new SkillFile(PATH, false, good))));
    assertEquals(
        List.of("SK004"),
        rules(SkillParser.parse(new SkillFile(PATH, true, new byte[SkillParser.MAX_FILE + 1]))));
    assertEquals(
        List.of("SK005"), rules(SkillParser.parse(new SkillFile(PATH, true, new byte[] {-1}))));
    assertEquals(
        List.of("SK008"), rules(parse(PATH, "---\n# " + "x".repeat(16 << 10) + "\n---\nx")));
    assertEquals(List.of("SK002"), rules(parse(".claude/skills/a/b/c.md", GOOD)));
    assertEquals(List.of("SK002"), rules(parse(".claude/skills/c.md", GOOD)));
  }

  private static List<String> rules(ParsedSkill parsed) {
    assertEquals(Optional.empty(), parsed.skill());
    return parsed.findings().stream().map(Finding::rule).toList();
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
