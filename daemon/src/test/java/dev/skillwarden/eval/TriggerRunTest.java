package dev.skillwarden.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.VectorCache;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class TriggerRunTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  private static Skill skill(
      String id, String description, AccessLevel level, Set<String> roles, String... needs) {
    return new Skill(
        SkillId.parse(id),
        Version.parse("1.0.0"),
        description,
        List.of(),
        level,
        roles,
        List.of(needs).stream()
            .map(n -> new Dependency(SkillId.parse(n), VersionRange.ANY))
            .toList(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("Steps.\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static final CatalogSnapshot SKILLS =
      new CatalogSnapshot(
          "",
          List.of(
              skill("pay/refund", "Give a customer money back", AccessLevel.TEAM, Set.of()),
              skill("pay/fees", "Explain a fee to a customer", AccessLevel.PUBLIC, Set.of()),
              skill("ops/rollback", "Undo a deploy", AccessLevel.ROLE_RESTRICTED, Set.of("sre")),
              skill("ops/keys", "Rotate a signing key", AccessLevel.SENSITIVE, Set.of()),
              skill("ops/money", "Give money back for an outage", AccessLevel.TEAM, Set.of())),
          List.of());

  private static Suite suite(String skill, Trigger... triggers) {
    return new Suite(
        SkillId.parse(skill), "evals/%s/evals.json".formatted(skill), List.of(triggers));
  }

  private static Trigger wanted(String query) {
    return new Trigger(query, true, Trigger.Kind.POSITIVE, 5);
  }

  private static Trigger unwanted(String query) {
    return new Trigger(query, false, Trigger.Kind.NEGATIVE, 5);
  }

  /// Answers by words over the skills above.
  private static List<TriggerResult> run(Optional<Baseline> baseline, Suite... suites)
      throws Exception {
    try (SearchIndex index = SearchIndex.build(SKILLS, Optional.empty(), VectorCache.none())) {
      return new TriggerRun(
              SKILLS,
              Organization.empty(),
              NOW,
              (q, p) -> TriggerRun.Found.of(index.search(q, p)),
              baseline)
          .run(List.of(suites));
    }
  }

  private static List<String> verdicts(List<TriggerResult> results) {
    return results.stream().map(r -> r.verdict().text()).toList();
  }

  @Test
  void everySkillIsFoundByItsOwnCaller() throws Exception {
    List<TriggerResult> results =
        run(
            Optional.empty(),
            suite("pay/refund", wanted("give money back"), unwanted("explain this fee")),
            suite("pay/fees", wanted("explain this fee")),
            suite("ops/rollback", wanted("undo the deploy")),
            suite("ops/keys", wanted("rotate the key")));
    assertEquals(List.of("passed", "passed", "passed", "passed", "passed"), verdicts(results));
    assertEquals(OptionalInt.of(1), results.getFirst().place());
  }

  @Test
  void whatTheCallerMayNotSeeIsNotInTheWay() throws Exception {
    List<SkillId> seen = new ArrayList<>();
    TriggerRun.Finder finder =
        (query, permitted) -> {
          SKILLS.skills().stream().filter(permitted).map(Skill::id).forEach(seen::add);
          return new TriggerRun.Found(List.of(), true);
        };
    new TriggerRun(SKILLS, Organization.empty(), NOW, finder, Optional.empty())
        .run(List.of(suite("pay/refund", unwanted("x"))));
    assertEquals(Set.of(SkillId.parse("pay/refund"), SkillId.parse("pay/fees")), Set.copyOf(seen));
  }

  @Test
  void aSkillOfAnotherTeamIsNotFoundByThisCallerAndByItsOwn() throws Exception {
    Trigger outage = wanted("give money back for an outage");
    List<TriggerResult> results =
        run(Optional.empty(), suite("pay/refund", outage), suite("ops/money", outage));
    assertEquals(Optional.of(SkillId.parse("pay/refund")), results.get(0).first());
    assertEquals(Optional.of(SkillId.parse("ops/money")), results.get(1).first());
    assertEquals(List.of("passed", "passed"), verdicts(results));
  }

  @Test
  void failuresSayWhatWasWantedAndWhatWasFound() throws Exception {
    List<TriggerResult> results =
        run(
            Optional.empty(),
            suite("pay/refund", wanted("undo the deploy"), unwanted("money back")),
            suite("pay/fees", new Trigger("customer wants money", true, Trigger.Kind.POSITIVE, 1)));
    assertEquals(List.of("failed", "failed", "passed"), verdicts(results));
    assertEquals(
        "should be among the first 5, is not found; search says that nothing fits well",
        results.get(0).detail());
    assertEquals("should not be first, is number 1", results.get(1).detail());
  }

  /// A list of ids, whatever is asked, cut to k.
  private static TriggerRun.Finder always(String... ids) {
    return (query, permitted) ->
        new TriggerRun.Found(
            List.of(ids).stream()
                .map(id -> SKILLS.representative(SkillId.parse(id)).orElseThrow())
                .filter(permitted)
                .limit(query.k())
                .map(Skill::id)
                .toList(),
            false);
  }

  private static TriggerResult one(TriggerRun.Finder finder, String skill, Trigger trigger)
      throws Exception {
    return new TriggerRun(SKILLS, Organization.empty(), NOW, finder, Optional.empty())
        .run(List.of(suite(skill, trigger)))
        .getFirst();
  }

  @Test
  void theFirstKDecideAndThePlaceBeyondIsTold() throws Exception {
    TriggerRun.Finder finder = always("pay/fees", "pay/refund");
    Trigger first = new Trigger("q", true, Trigger.Kind.POSITIVE, 1);
    TriggerResult result = one(finder, "pay/refund", first);
    assertEquals(Verdict.FAILED, result.verdict());
    assertEquals("should be among the first 1, is number 2; first is pay/fees", result.detail());
    assertEquals(Verdict.PASSED, one(finder, "pay/refund", wanted("q")).verdict());
    assertEquals(Verdict.PASSED, one(finder, "pay/refund", unwanted("q")).verdict());
    assertEquals(
        Verdict.FAILED,
        one(always("pay/refund", "pay/fees"), "pay/refund", unwanted("q")).verdict());
  }

  @Test
  void edgeCasesNeverFail() throws Exception {
    Trigger edge = new Trigger("q", true, Trigger.Kind.EDGE, 5);
    assertEquals(Verdict.EDGE_UNMET, one(always("pay/fees"), "pay/refund", edge).verdict());
    assertEquals(Verdict.EDGE_MET, one(always("pay/refund"), "pay/refund", edge).verdict());
    assertFalse(Verdict.EDGE_UNMET.fails());
  }

  private static Baseline baseline(String... queriesAndPassed) {
    Map<Baseline.Key, Boolean> passed = new HashMap<>();
    for (String text : queriesAndPassed) {
      String[] parts = text.split("=", -1);
      passed.put(new Baseline.Key("pay/refund", parts[0], true), parts[1].equals("passed"));
    }
    return new Baseline("lexical", passed);
  }

  @Test
  void withABaselineOnlyWhatBecameWorseFails() throws Exception {
    Baseline before =
        baseline("undo=passed", "deploy=failed", "money=failed", "customer=passed", "gone=passed");
    Suite now =
        suite(
            "pay/refund",
            wanted("undo"),
            wanted("deploy"),
            wanted("money"),
            wanted("customer"),
            wanted("key"));
    List<TriggerResult> results = run(Optional.of(before), now);
    assertEquals(List.of("regressed", "known", "fixed", "passed", "failed"), verdicts(results));
    TriggerReport report =
        TriggerReport.of("lexical", List.of(now), results, before.passed().keySet());
    assertTrue(report.fails());
    assertEquals(
        "1 suite, 5 triggers: 2 passed (1 fixed), 2 failed (1 regressed), 1 known, 1 gone since the"
            + " baseline",
        report.summary());
    assertFalse(TriggerReport.of("lexical", List.of(now), results.subList(1, 4), Set.of()).fails());
  }

  @Test
  void aTriggerThatAsksForTheOppositeNowIsNew() throws Exception {
    List<TriggerResult> results =
        run(Optional.of(baseline("money=failed")), suite("pay/refund", unwanted("money")));
    assertEquals(List.of("failed"), verdicts(results));
  }

  @Test
  void aResultIsTheBaselineOfTheNextRun() throws Exception {
    Suite suite =
        suite(
            "pay/refund",
            wanted("undo"),
            wanted("money"),
            new Trigger("edge", true, Trigger.Kind.EDGE, 5));
    String json =
        Json.write(
            TriggerReport.of("lexical", List.of(suite), run(Optional.empty(), suite), Set.of())
                .json());
    Baseline read = Baseline.parse("b.json", json.getBytes(StandardCharsets.UTF_8));
    assertEquals(baseline("undo=failed", "money=passed"), read);
    assertEquals(List.of("known", "passed", "edge-unmet"), verdicts(run(Optional.of(read), suite)));
  }

  @Test
  void aFileThatIsNoResultIsNoBaseline() {
    String message =
        assertThrows(
                InvalidTextException.class,
                () ->
                    Baseline.parse(
                        "b.json", "{\"triggers\":[{}]}".getBytes(StandardCharsets.UTF_8)))
            .getMessage();
    assertEquals(
        """
        b.json:1:1: wants what `eval triggers --out FILE` wrote
        b.json:1:1: triggers[0] wants skill, query, kind, should_trigger and passed\
        """,
        message);
  }

  @Test
  void aSkillThatNobodyCanUseIsToldWithItsSuite() {
    CatalogSnapshot closed =
        new CatalogSnapshot(
            "",
            List.of(
                skill("a/x", "X", AccessLevel.ROLE_RESTRICTED, Set.of("dba"), "b/y"),
                skill("b/y", "Y", AccessLevel.ROLE_RESTRICTED, Set.of("sre"))),
            List.of());
    TriggerRun run =
        new TriggerRun(
            closed, Organization.empty(), NOW, TriggerRunTest::unasked, Optional.empty());
    assertEquals(
        "evals/a/x/evals.json:1:1: nobody can use a/x: no role opens it and all it depends on",
        assertThrows(InvalidTextException.class, () -> run.run(List.of(suite("a/x", wanted("q")))))
            .getMessage());
  }

  private static TriggerRun.Found unasked(SearchQuery query, Predicate<Skill> permitted) {
    throw new AssertionError("asked " + query);
  }

  @Test
  void theReportShowsWhoAskedAndWhatDidNotPass() throws Exception {
    Suite refund = suite("pay/refund", wanted("money"), wanted("undo"));
    Suite keys = suite("ops/keys", wanted("rotate"));
    Suite rollback = suite("ops/rollback", wanted("undo"));
    Suite fees = suite("pay/fees", wanted("fee"));
    List<Suite> suites = List.of(refund, keys, rollback, fees);
    assertEquals(
        """
        SKILL         ASKED AS            TRIGGERS  PASSED  FAILED  KNOWN  EDGE
        pay/refund    team pay            2         1       1       0      0
        ops/keys      team ops, elevated  1         1       0       0      0
        ops/rollback  team ops, role sre  1         1       0       0      0
        pay/fees      anybody             1         1       0       0      0
        evals/pay/refund/evals.json: failed: "undo": should be among the first 5, is not found; search says that nothing fits well
        4 suites, 5 triggers: 4 passed, 1 failed
        """,
        TriggerReport.of(
                "lexical", suites, run(Optional.empty(), refund, keys, rollback, fees), Set.of())
            .text());
  }
}
