package dev.skillwarden.lint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.identity.Organization;
import dev.skillwarden.repo.WorkRepository;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinterTest {
  /// `support/refund 1.2.0 key: value; key: value`, or with `body=text` at the end.
  private static SkillFile skill(String line) {
    String[] words = line.split(" ", 3);
    String rest = words.length > 2 ? words[2] : "";
    int body = rest.indexOf("body=");
    String keys = body < 0 ? rest : rest.substring(0, body);
    String text = WorkRepository.skillText(words[0], words[1], lines(keys), "Do it.");
    if (keys.contains("access_level")) {
      text = text.replace("access_level: public\n", "");
    }
    if (body >= 0) {
      text += rest.substring(body + "body=".length()) + "\n";
    }
    return file(SkillParser.ROOT + words[0] + ".md", text);
  }

  private static String lines(String keys) {
    StringBuilder lines = new StringBuilder();
    for (String key : keys.split(";", -1)) {
      if (!key.isBlank()) {
        lines.append(key.strip()).append('\n');
      }
    }
    return lines.toString();
  }

  private static SkillFile file(String path, String text) {
    return new SkillFile(path, true, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<SkillFile> skills(String all) {
    List<SkillFile> files = new ArrayList<>();
    for (String line : all.split("\\|", -1)) {
      if (!line.isBlank()) {
        files.add(skill(line.strip()));
      }
    }
    return files;
  }

  private static List<String> findings(Checkout checkout) {
    return Linter.lint(checkout).findings().stream()
        .map(f ->
            "%s:%d %s %s"
                .formatted(
                    f.at().file().replace(SkillParser.ROOT, ""),
                    f.at().line(),
                    f.rule().id(),
                    f.at().message()))
        .toList();
  }

  private static Checkout changed(String before, String after) {
    return new Checkout(
        skills(after),
        List.of(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.of(new Checkout.Base("main", skills(before))));
  }

  @Test
  void twoSkillsOfOneShortNameInTwoTeamsNeverCollide() {
    assertEquals(
        List.of(
            "growth/refund-resolver.md:2 SK018 growth/refund-resolver: 'Checks an order before it"
                + " is shipped.'; support/refund-resolver: 'Checks an order before it is shipped.'",
            "support/refund-resolver.md:2 SK018 support/refund-resolver: 'Checks an order before it"
                + " is shipped.'; growth/refund-resolver: 'Checks an order before it is shipped.'"),
        findings(
            Checkout.of(skills("support/refund-resolver 1.0.0|growth/refund-resolver 3.0.0"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "a/x 1.0.0 # a/x 1.0.0 # ''",
        "a/x 1.0.0 # a/x 1.0.0 body=more # a/x.md:3 SK022 version is still 1.0.0, but the content"
            + " changed",
        "a/x 1.0.0 # a/x 1.0.1 body=more # ''",
        "a/x 1.1.0 # a/x 1.0.1 body=more # a/x.md:3 SK022 version goes down from 1.1.0 to 1.0.1;"
            + " the content changed, so raise it",
        "a/x 1.0.0 # a/x 1.1.0 access_level: team # a/x.md:3 SK025 version goes from 1.0.0 to"
            + " 1.1.0, but callers break: access_level goes from public to team",
        "a/x 1.0.0 # a/x 2.0.0 access_level: team # ''",
        "a/x 0.1.0 # a/x 0.2.0 access_level: team # ''",
        "a/x 0.1.0 # a/x 0.1.1 access_level: team # a/x.md:3 SK025 version goes from 0.1.0 to"
            + " 0.1.1, but callers break: access_level goes from public to team",
        "a/x 1.0.0 access_level: role-restricted; allowed_roles: [b, c] # a/x 1.1.0 access_level:"
            + " role-restricted; allowed_roles: [b] # a/x.md:3 SK025 version goes from 1.0.0 to"
            + " 1.1.0, but callers break: these roles lose access: c",
        "a/x 1.0.0 # a/x 1.1.0 inputs: {type: object, required: [id]} # a/x.md:3 SK025 version goes"
            + " from 1.0.0 to 1.1.0, but callers break: the payload now: must be of type object;"
            + " the payload now: id is required",
        "a/x 1.0.0 inputs: {type: object} # a/x 1.1.0 inputs: {type: object, required: [id]} #"
            + " a/x.md:3 SK025 version goes from 1.0.0 to 1.1.0, but callers break: the payload"
            + " now: id is required",
        "a/x 1.0.0 inputs: {type: object, required: [id]} # a/x 1.1.0 inputs: {type: object} # ''",
        "a/x 1.0.0 inputs: {properties: {a: {enum: [p, q]}}} # a/x 1.1.0 inputs: {properties: {a:"
            + " {enum: [p]}}} # a/x.md:3 SK025 version goes from 1.0.0 to 1.1.0, but callers break:"
            + " the payload now: a may not be [\"q\"]",
        "a/y 1.0.0|a/x 1.0.0 depends_on: ['a/y:1.x'] # a/y 2.0.0|a/x 1.1.0 depends_on: ['a/y:2.x']"
            + " # a/x.md:3 SK025 version goes from 1.0.0 to 1.1.0, but callers break: depends on"
            + " a/y:2.x instead of a/y:1.x",
        "a/y 1.0.0|a/x 1.0.0 depends_on: ['a/y:1.x'] # a/y 2.0.0|a/x 1.0.0 depends_on: ['a/y:1.x']"
            + " # a/x.md:8 SK031 depends on a/y:1.x, but the releases are 2.0.0",
      })
  void aChangeOfContentGoesWithTheRightChangeOfVersion(
      String before, String after, String finding) {
    List<String> expected = finding.strip().isEmpty() ? List.of() : List.of(finding.strip());
    assertEquals(expected, findings(changed(before, after)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "a/x 1.0.0 depends_on: ['a/zz:1.x'] # a/x.md:8 SK030 depends on a/zz:1.x, which does not"
            + " exist",
        "a/x 1.0.0 depends_on: ['a/y:1.x']|a/y 1.0.0 depends_on: ['a/x:1.x'] # a/x.md:8 SK032 is"
            + " part of the dependency circle a/x@1.0.0 -> a/y@1.0.0 -> a/x@1.0.0~a/y.md:8 SK032 is"
            + " part of the dependency circle a/y@1.0.0 -> a/x@1.0.0 -> a/y@1.0.0",
        "a/x 1.0.0 depends_on: ['a/y:1.x']|a/y 1.0.0 access_level: team # a/x.md:8 SK034 an account"
            + " in no team may use a/x (public) but not a/y (team)",
        "a/x 1.0.0 access_level: team; depends_on: ['b/y:1.x']|b/y 1.0.0 access_level: team #"
            + " a/x.md:8 SK034 an account in team a may use a/x (team) but not b/y (team)",
        "a/x 1.0.0 access_level: team; depends_on: ['a/y:1.x']|a/y 1.0.0 access_level: team # ''",
        "a/x 1.0.0 access_level: sensitive; depends_on: ['a/y:1.x']|a/y 1.0.0 access_level: team #"
            + " ''",
        "a/x 1.0.0 access_level: role-restricted; allowed_roles: [r]; depends_on: ['a/y:1.x']|a/y"
            + " 1.0.0 access_level: team # a/x.md:9 SK034 an account with role r may use a/x"
            + " (role-restricted) but not a/y (team)",
        "a/x 1.0.0 access_level: role-restricted; allowed_roles: [r]; depends_on: ['a/y:1.x']|a/y"
            + " 1.0.0 access_level: role-restricted; allowed_roles: [q, r] # ''",
        "a/x 1.0.0 depends_on: ['a/y:1.x']|a/y 1.0.0 depends_on: ['a/z:1.x']|a/z 1.0.0"
            + " access_level: team # a/x.md:8 SK034 an account in no team may use a/x (public) but"
            + " not a/z (team)~a/y.md:8 SK034 an account in no team may use a/y (public) but not"
            + " a/z (team)",
        "a/x 1.0.0 depends_on: ['a/y:1.x']|a/y 1.0.0 deprecated: {since: 2026-01-31, reason: old} #"
            + " a/x.md:8 SK033 depends on a/y@1.0.0, which is deprecated",
      })
  void dependenciesMustExistFitAndBeOpenToTheSameAccounts(String skills, String findings) {
    List<String> expected =
        findings.strip().isEmpty() ? List.of() : List.of(findings.strip().split("~", -1));
    assertEquals(expected, findings(Checkout.of(skills(skills))));
  }

  @Test
  void anOrganizationSaysWhoIsInTwoTeams() throws InvalidTextException {
    Organization organization =
        Organization.parse(
            "organization.yaml",
            """
            version: 1
            teams: [a, b]
            groups:
              both: {teams: [a, b]}
            """
                .getBytes(StandardCharsets.UTF_8));
    String skills =
        "a/x 1.0.0 access_level: team; depends_on: ['b/y:1.x']|b/y 1.0.0 access_level: team";
    assertEquals(List.of(), findings(in(organization, skills)));
    Organization split =
        Organization.parse(
            "organization.yaml",
            """
            version: 1
            teams: [a, b]
            groups:
              both: {teams: [a, b]}
              only: {teams: [a]}
            """
                .getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(
            "a/x.md:8 SK034 an account of group only may use a/x (team) but not b/y (team)",
            "c/z.md:2 SK017 team 'c' is not in the organization"),
        findings(in(split, skills + "|c/z 1.0.0")));
  }

  private static Checkout in(Organization organization, String skills) {
    return new Checkout(
        skills(skills), List.of(), Optional.of(organization), Map.of(), Map.of(), Optional.empty());
  }

  @Test
  void releasesAreNeverChangedNorGoneBelow() {
    List<SkillFile> now = skills("a/x 1.2.0");
    String digest = Sha256.of(now.getFirst().content());
    assertEquals(List.of(), findings(released(now, Map.of("1.2.0", digest, "1.3.0", "other"))));
    assertEquals(
        List.of("a/x.md:3 SK024 version 1.2.0 is released as a/x@1.2.0 with other content"),
        findings(released(now, Map.of("1.2.0", "other"))));
    assertEquals(
        List.of("a/x.md:3 SK023 version 1.2.0 is below 1.3.0, which is released"),
        findings(released(now, Map.of("1.3.0", "other", "2.0.0", "other"))));
    assertEquals(
        List.of(), findings(released(now, Map.of("2.0.0", "other", "1.3.0-rc.1", "other"))));
  }

  private static Checkout released(List<SkillFile> files, Map<String, String> versions) {
    Map<Version, String> parsed = new java.util.HashMap<>();
    versions.forEach((v, digest) -> parsed.put(Version.parse(v), digest));
    return new Checkout(
        files,
        List.of(),
        Optional.empty(),
        Map.of(SkillId.parse("a/x"), parsed),
        Map.of(),
        Optional.empty());
  }

  @Test
  void anOldMajorThatIsReleasedSatisfiesADependency() {
    Map<Version, String> versions = Map.of(Version.parse("1.4.0"), "d");
    List<SkillFile> files = skills("a/y 2.0.0|a/x 1.0.0 depends_on: ['a/y:1.x']");
    Map<SkillId, Map<Version, String>> released = Map.of(SkillId.parse("a/y"), versions);
    assertEquals(
        List.of(),
        findings(
            new Checkout(
                files, List.of(), Optional.empty(), released, Map.of(), Optional.empty())));
    assertEquals(
        List.of("a/x.md:8 SK033 depends on a/y@1.4.0, which is deprecated"),
        findings(
            new Checkout(
                files,
                List.of(),
                Optional.empty(),
                released,
                Map.of("a/y@1.4.0", Checkout.Retired.DEPRECATED),
                Optional.empty())));
    assertEquals(
        List.of("a/x.md:8 SK031 depends on a/y:1.x, but the releases are 2.0.0"),
        findings(
            new Checkout(
                files,
                List.of(),
                Optional.empty(),
                released,
                Map.of("a/y@1.4.0", Checkout.Retired.YANKED),
                Optional.empty())));
  }

  @Test
  void longInvocationsAreToldBeforeAgentsMeetThem() {
    String line = "x".repeat(99) + "\n";
    SkillFile shared = skill("a/y 1.0.0 body=" + line.repeat(300));
    SkillFile top = skill("a/x 1.0.0 depends_on: ['a/y:1.x'] body=" + line.repeat(200));
    assertEquals(
        List.of(
            "a/x.md:2 SK036 50,014 characters with all dependencies; up to 45,000 are one page,"
                + " over 400,000 are refused"),
        findings(Checkout.of(List.of(shared, top))));
  }

  @Test
  void theSchemaFileAddsKeysAndRulesAndNeverLosesThem() {
    String strict =
        """
        required: [name, version, description, tags, access_level, owners, cost_center]
        properties:
          cost_center: {type: integer, minimum: 100}
          owners: {type: array, minItems: 2}
        """;
    SkillFile schema = file(SkillParser.SCHEMA, strict);
    List<SkillFile> good =
        new ArrayList<>(skills("a/x 1.0.0 cost_center: 310|a/y 1.0.0 cost_centre: 310"));
    good.add(schema);
    assertEquals(
        List.of(
            "a/x.md:7 SK045 owners must have at least 2 items but found 1",
            "a/y.md:2 SK045 cost_center required property 'cost_center' not found",
            "a/y.md:7 SK045 owners must have at least 2 items but found 1",
            "a/y.md:8 SK008 unknown key 'cost_centre' (did you mean 'cost_center'?)"),
        findings(Checkout.of(good)));
    SkillFile weaker =
        file(
            SkillParser.SCHEMA,
            """
            required: [name, version, description, tags, cost_center]
            properties: {cost_center: {type: integer}}
            """);
    assertEquals(
        List.of(
            "_schema.yaml:1 SK038 at main the rule was: access_level is required; it is gone",
            "_schema.yaml:1 SK038 at main the rule was: cost_center has minimum 100; it is gone",
            "_schema.yaml:1 SK038 at main the rule was: owners has minItems 2; it is gone",
            "_schema.yaml:1 SK038 at main the rule was: owners is required; it is gone",
            "_schema.yaml:1 SK038 at main the rule was: owners must be of type array; it is gone",
            "_schema.yaml:1 SK038 required lacks 'access_level', a built-in key"),
        findings(
            new Checkout(
                List.of(weaker),
                List.of(),
                Optional.empty(),
                Map.of(),
                Map.of(),
                Optional.of(new Checkout.Base("main", List.of(schema))))));
    assertEquals(
        List.of(
            "_schema.yaml:1 SK039 holds the keyword 'requird', which is not in the subset (did"
                + " you mean 'required'?)"),
        findings(Checkout.of(List.of(file(SkillParser.SCHEMA, "requird: [name]\n")))));
  }

  @Test
  void theShortestFormOfTheSchemaFileIsTwoListsOfKeys() {
    SkillFile schema =
        file(
            SkillParser.SCHEMA,
            """
            required: [name, version, description, tags, access_level, owners]
            optional: [depends_on, cost_center]
            """);
    List<SkillFile> files =
        new ArrayList<>(skills("a/x 1.0.0 cost_center: 310|a/y 1.0.0 costs: 1"));
    files.add(schema);
    assertEquals(List.of("a/y.md:8 SK008 unknown key 'costs'"), findings(Checkout.of(files)));
  }

  @Test
  void suitesOfEvalsAreCheckedForWhatARunnerNeeds() {
    SkillFile good =
        file(
            "evals/a/x/evals.json",
            """
            {"skill_name": "a/x", "triggers": [{"query": "q", "should_trigger": true},
             {"query": "r", "should_trigger": true}, {"query": "s", "should_trigger": false}],
             "evals": [{"id": "1", "prompt": "p", "expectations": ["e"], "files": ["f.json"]}]}
            """);
    SkillFile bad =
        file(
            "evals/a/y/evals.json",
            """
            {"skill_name": "a/x", "triggers": [{"query": "q", "should_trigger": "yes"}],
             "evals": [{"id": "1", "assertions": [], "expectations": []},
                       {"id": "1", "prompt": "p", "files": ["../x"]}]}
            """);
    assertEquals(
        List.of(
            "evals/a/y/evals.json:1 SK061 evals[0] has assertions and expectations; they are one"
                + " thing, keep one",
            "evals/a/y/evals.json:1 SK061 evals[0].prompt wants text",
            "evals/a/y/evals.json:1 SK061 evals[1].files wants paths below the suite's folder,"
                + " found '../x'",
            "evals/a/y/evals.json:1 SK061 evals[1].id '1' is used twice",
            "evals/a/y/evals.json:1 SK061 skill_name wants 'a/y', found 'a/x'",
            "evals/a/y/evals.json:1 SK061 triggers[0].should_trigger wants true or false",
            "evals/a/y/evals.json:1 SK062 has 0 triggers that should match and 0 that should not;"
                + " at least 3, both kinds, are wanted"),
        findings(
            new Checkout(
                skills("a/x 1.0.0|a/y 1.0.0"),
                List.of(good, bad),
                Optional.empty(),
                Map.of(),
                Map.of(),
                Optional.empty())));
  }
}
