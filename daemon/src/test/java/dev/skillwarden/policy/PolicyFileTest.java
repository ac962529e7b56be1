package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skillwarden.effect.Effect;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.policy.PolicyFile.Allowance;
import dev.skillwarden.policy.PolicyFile.Journaling;
import dev.skillwarden.policy.PolicyFile.Mode;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PolicyFileTest {
  private static final Path CONFIG = Path.of("..", "config");

  private static PolicyFile parse(String text) throws InvalidTextException {
    return PolicyFile.parse("policy.yaml", text.getBytes(StandardCharsets.UTF_8));
  }

  private static String problems(String text) {
    InvalidTextException e = assertThrows(InvalidTextException.class, () -> parse(text));
    return String.join("\n", e.problems().stream().map(Problem::toString).toList());
  }

  private static PolicyFile withVersion(int version, PolicyFile file) {
    return new PolicyFile(
        version,
        file.mode(),
        file.journal(),
        file.unmanagedSkills(),
        file.rules(),
        file.packs(),
        file.protectedWrite(),
        file.protectedRead(),
        file.allowances());
  }

  @Test
  void aFileThatSaysNothingIsTheDefault() throws InvalidTextException {
    assertEquals(withVersion(3, PolicyFile.defaults()), parse("version: 3\n"));
  }

  @Test
  void theDocumentedFileIsTheDefault() throws IOException, InvalidTextException {
    byte[] documented = Files.readAllBytes(CONFIG.resolve("policy.yaml"));
    assertEquals(
        withVersion(1, PolicyFile.defaults()), PolicyFile.parse("policy.yaml", documented));
  }

  @Test
  void theSchemaListsTheRules() throws IOException, InvalidTextException {
    JsonNode schema =
        Json.parse("schema", Files.readAllBytes(CONFIG.resolve("policy.schema.json")));
    List<String> listed = new ArrayList<>();
    schema.path("$defs").path("rule").path("enum").forEach(n -> listed.add(n.stringValue()));
    assertEquals(Arrays.stream(Rule.values()).map(Rule::id).toList(), listed);
  }

  @Test
  void everyKeyIsRead() throws InvalidTextException {
    PolicyFile file =
        parse(
            """
            version: 7
            mode: monitor
            journal: best-effort
            unmanaged_skills: ask
            rules:
              git-force-push: deny
              priv-esc: ask
              process-power: off
              policy-tampering: deny
            packs: [database, terraform]
            protected_paths:
              write: [/srv/data, ~/notes]
              read: [/srv/secret]
            allowances:
              - rule: recursive-delete-outside-workspace
                path: /srv/build-cache
                reason: cleaned by every build
                expires: 2027-06-30T00:00:00Z
              - rule: git-force-push
                command: git push --force origin docs
                reason: a generated branch
                expires: 2027-01-31T00:00:00Z
            """);
    assertEquals(
        new PolicyFile(
            7,
            Mode.MONITOR,
            Journaling.BEST_EFFORT,
            Verdict.ASK,
            Map.of(
                Rule.GIT_FORCE_PUSH, Verdict.DENY,
                Rule.PRIV_ESC, Verdict.ASK,
                Rule.PROCESS_POWER, Verdict.NONE,
                Rule.POLICY_TAMPERING, Verdict.DENY),
            Set.of(Effect.Pack.DATABASE, Effect.Pack.TERRAFORM),
            List.of("/srv/data", "~/notes"),
            List.of("/srv/secret"),
            List.of(
                new Allowance(
                    Rule.RECURSIVE_DELETE_OUTSIDE_WORKSPACE,
                    "",
                    "/srv/build-cache",
                    "cleaned by every build",
                    Instant.parse("2027-06-30T00:00:00Z")),
                new Allowance(
                    Rule.GIT_FORCE_PUSH,
                    "git push --force origin docs",
                    "",
                    "a generated branch",
                    Instant.parse("2027-01-31T00:00:00Z")))),
        file);
  }

  @Test
  void everyProblemIsToldWithLineAndColumn() {
    assertEquals(
        """
        policy.yaml:1:10: version wants a whole number 1..2147483647, found 'one'
        policy.yaml:2:7: mode wants one of [enforce, monitor], found 'enforced' (did you mean 'enforce'?)
        policy.yaml:4:19: rules.git-force-psh is no rule (did you mean 'git-force-push'?); docs/guard.md lists them
        policy.yaml:5:14: rules.fork-bomb wants one of [deny, ask, off], found 'warn'
        policy.yaml:7:10: protected_paths.write wants paths that begin with / or ~/, found 'data'
        policy.yaml:9:11: allowances[0].rule is no rule; docs/guard.md lists them
        policy.yaml:9:5: allowances[0].command or path is wanted, exactly one of them
        policy.yaml:9:5: allowances[0].reason is missing
        policy.yaml:10:14: allowances[0].expires wants a time like 2027-01-31T00:00:00Z, found 'soon'
        policy.yaml:11:1: unknown key 'rule' (did you mean 'rules'?); allowed here: version, valid_until, mode, journal, unmanaged_skills, rules, packs, protected_paths, allowances\
        """,
        problems(
            """
            version: one
            mode: enforced
            rules:
              git-force-psh:  deny
              fork-bomb: warn
            protected_paths:
              write: [data]
            allowances:
              - rule: everything
                expires: soon
            rule: {}
            """));
  }

  @Test
  void aVersionIsWanted() {
    assertEquals(
        "policy.yaml:1:1: version is missing; start with 1 and raise it with every change",
        problems("mode: enforce\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "policy-tampering, ask",
    "policy-tampering, off",
    "guard-self-access, off",
    "malformed-input, ask"
  })
  void theGuardsOwnRulesCannotBeSoftened(String rule, String verdict) {
    assertEquals(
        "policy.yaml:3:%d: rules.%s cannot be softened; remove the line"
            .formatted(rule.length() + 5, rule),
        problems("version: 1\nrules:\n  " + rule + ": " + verdict + "\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy-tampering", "guard-self-access", "malformed-input"})
  void theGuardsOwnRulesTakeNoAllowance(String rule) {
    assertEquals(
        "policy.yaml:3:11: allowances[0].rule " + rule + " takes no allowance",
        problems(
            "version: 1\nallowances:\n  - rule: %s\n    path: /a\n    reason: r\n    expires: 2027-01-31T00:00:00Z\n"
                .formatted(rule)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"version: 1\nversion: 2\n", "- a\n", "7\n", "version: [\n", "a: &x 1\n"})
  void whatIsNoPolicyIsRefused(String text) {
    assertThrows(InvalidTextException.class, () -> parse(text));
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void monitoringLeavesOnlyTheGuardsOwnRulesEnforced(Rule rule) throws InvalidTextException {
    PolicyFile monitor = parse("version: 1\nmode: monitor\n");
    assertEquals(!rule.alwaysEnforced(), monitor.monitored(rule));
    assertEquals(rule.defaultVerdict(), monitor.wanted(rule));
    assertEquals(false, PolicyFile.defaults().monitored(rule));
    assertEquals(java.util.Optional.of(rule), Rule.of(rule.id()));
  }

  /// The agent is told to do this instead: it must not run into the guard again.
  @ParameterizedTest
  @EnumSource(Rule.class)
  void everySuggestionPassesThePolicy(Rule rule) {
    ToolPolicy policy =
        new ToolPolicy(
            PolicyFile.defaults(),
            new GuardedPaths(List.of(Path.of("/var/lib/skillwarden")), 7431));
    ToolDecision decision =
        policy.decide(
            new ToolCall(
                "Bash",
                Json.object().put("command", rule.suggestion()),
                Path.of("/work/app"),
                Path.of("/work/app"),
                Path.of("/home/ana"),
                Map.of("PWD", "/work/app", "HOME", "/home/ana")),
            FileView.NONE,
            Instant.EPOCH);
    assertEquals(Verdict.NONE, decision.verdict(), decision.toString());
  }

  @Test
  void namesThePacksThereAre() {
    assertEquals(
        """
        policy.yaml:2:8: packs 'databse' is no pack (did you mean 'database'?); there are database, cloud, kubernetes, terraform, containers, saas
        policy.yaml:2:8: packs names 'cloud' twice\
        """,
        problems("version: 1\npacks: [databse, cloud, cloud]\n"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "git push --force origin docs-*, git push --force origin docs-a, true",
        "git push --force origin docs-*, git push --force origin main, false",
        "git push --force origin docs-*, git push --force origin docs-a; git push --force, false",
        "git push --force origin docs-*, git push --force origin docs-$(id), false",
        "git push --force origin docs-a, git push --force origin docs-a, true",
        "git push --force origin docs-a, git push --force origin docs-ab, false"
      })
  void aPatternOfACommandTakesNoOperators(String pattern, String command, boolean covered) {
    Allowance allowance = new Allowance(Rule.GIT_FORCE_PUSH, pattern, "", "r", Instant.MAX);
    assertEquals(covered, allowance.coversCommand(command));
  }

  @ParameterizedTest
  @CsvSource({
    "/srv/*/cache, /srv/a/cache, true",
    "/srv/*/cache, /srv/a/cache/x, true",
    "/srv/*/cache, /srv/a/b/cache, false",
    "~/tmp, /home/dev/tmp/x, true",
    "/srv, /srvx, false"
  })
  void aPatternOfAPathTakesNamesAndWhatIsBelow(String pattern, String path, boolean covered) {
    Allowance allowance = new Allowance(Rule.PROTECTED_PATH_WRITE, "", pattern, "r", Instant.MAX);
    assertEquals(covered, allowance.coversPath(path, "/home/dev"));
  }
}
