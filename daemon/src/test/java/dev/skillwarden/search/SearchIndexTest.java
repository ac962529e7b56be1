package dev.skillwarden.search;

import static dev.skillwarden.search.TestSkills.deprecated;
import static dev.skillwarden.search.TestSkills.skill;
import static dev.skillwarden.search.TestSkills.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.search.SearchResult.Hit;
import dev.skillwarden.search.SearchResult.Mode;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchIndexTest {
  private static final List<Skill> SKILLS =
      List.of(
          skill("support/refunds", "Process a refund for a customer"),
          skill("finance/payouts", "Send money to a supplier", AccessLevel.TEAM),
          skill("platform/rollout", "Deploy a service to production"),
          skill("platform/vault", "Rotate a password or secret", AccessLevel.SENSITIVE),
          skill("data/weekly", "Write the weekly report", AccessLevel.ROLE_RESTRICTED));

  private static boolean everyone(Skill skill) {
    return true;
  }

  private static SearchIndex hybrid(List<Skill> skills) {
    return SearchIndex.build(
        snapshot(skills), Optional.of(FakeModel.working()), VectorCache.none());
  }

  private static SearchIndex lexical(List<Skill> skills) {
    return SearchIndex.build(snapshot(skills), Optional.empty(), VectorCache.none());
  }

  private static List<String> ids(SearchResult result) {
    return result.hits().stream().map(hit -> hit.skill().id().toString()).toList();
  }

  @Test
  void findsByMeaningWhatSharesNoWord() {
    SearchResult result =
        hybrid(SKILLS).search(SearchQuery.of("ship the new release", 1), SearchIndexTest::everyone);
    assertEquals(List.of("platform/rollout"), ids(result));
    assertEquals(Mode.HYBRID, result.mode());
  }

  @Test
  void findsByWordWhatTheModelDoesNotKnow() {
    List<Skill> skills = new ArrayList<>(SKILLS);
    skills.add(skill("ops/kafka-lag", "Explain consumer lag"));
    assertEquals(
        "ops/kafka-lag",
        ids(hybrid(skills).search(SearchQuery.of("kafka lag", 5), SearchIndexTest::everyone))
            .getFirst());
  }

  @ParameterizedTest
  @EnumSource
  void neverShowsWhatIsNotPermittedAndStillFillsThePage(Mode mode) {
    Random random = new Random(7);
    List<Skill> skills = new ArrayList<>();
    AccessLevel[] levels = AccessLevel.values();
    for (int i = 0; i < 300; i++) {
      skills.add(skill("team/skill-" + i, "refund payment number " + i, levels[i % levels.length]));
    }
    try (SearchIndex index = hybrid(skills)) {
      for (int round = 0; round < 50; round++) {
        Set<Skill> allowed = new HashSet<>();
        int wanted = 1 + random.nextInt(40);
        while (allowed.size() < wanted) {
          allowed.add(skills.get(random.nextInt(skills.size())));
        }
        SearchResult result =
            index.search(SearchQuery.of("refund a payment", 10), allowed::contains, mode);
        assertEquals(Math.min(10, wanted), result.hits().size());
        assertTrue(allowed.containsAll(result.hits().stream().map(Hit::skill).toList()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void skillsThatAreNotPermittedDoNotChangeAnyScore(Mode mode) {
    List<Skill> visible =
        List.of(
            skill("a/one", "refund an order"),
            skill("a/two", "order a release"),
            skill("a/three", "order a quarterly digest"));
    List<Skill> all = new ArrayList<>(visible);
    for (int i = 0; i < 30; i++) {
      all.add(skill("b/hidden-" + i, "refund refund merger " + i, AccessLevel.SENSITIVE));
    }
    for (String text : List.of("refund an order", "merger", "hidden refund digest")) {
      SearchQuery query = SearchQuery.of(text, 10);
      assertEquals(
          hybrid(visible).search(query, SearchIndexTest::everyone, mode),
          hybrid(all).search(query, s -> s.accessLevel() == AccessLevel.PUBLIC, mode));
    }
  }

  /// Through the files of the word index too: what was once there leaves no trace.
  @Test
  void addingAndRemovingAHiddenSkillLeavesTheAnswerAsItWas(@TempDir Path words) throws Exception {
    List<Skill> visible =
        List.of(
            skill("a/one", "refund an order"),
            skill("a/two", "order a release", AccessLevel.TEAM),
            skill("c/three", "order a quarterly digest"));
    List<Skill> hidden =
        List.of(
            skill("a/nine", "refund a merger order", AccessLevel.SENSITIVE),
            skill("a/one", "2.0.0", "refund merger", AccessLevel.SENSITIVE, Optional.empty()),
            skill("b/merger", "quarterly merger release", AccessLevel.ROLE_RESTRICTED));
    List<List<Skill>> catalogs = new ArrayList<>(List.of(visible));
    for (Skill skill : hidden) {
      List<Skill> more = new ArrayList<>(visible);
      more.add(skill);
      catalogs.add(more);
      catalogs.add(visible);
    }
    List<List<SearchResult>> answers = new ArrayList<>();
    for (List<Skill> catalog : catalogs) {
      FakeModel model = FakeModel.working();
      try (SearchIndex index =
          SearchIndex.byWords(snapshot(catalog), Optional.of(words))
              .withMeaning(model, model, VectorCache.in(words), (done, total) -> true)) {
        List<SearchResult> found = new ArrayList<>();
        for (String text : List.of("refund an order", "merger", "quarterly release digest")) {
          found.add(index.search(SearchQuery.of(text, 10), skill -> !hidden.contains(skill)));
        }
        answers.add(found);
      }
    }
    assertEquals(1, new HashSet<>(answers).size(), answers::toString);
  }

  @Test
  void aSkillIsFoundInItsHighestPermittedMajor() {
    Skill one = skill("a/refund", "1.4.0", "refund", AccessLevel.PUBLIC, Optional.empty());
    Skill two = skill("a/refund", "2.0.0", "refund", AccessLevel.TEAM, Optional.empty());
    Skill three = skill("a/refund", "3.1.0", "refund", AccessLevel.SENSITIVE, Optional.empty());
    Skill early = skill("a/refund", "4.0.0-rc.1", "refund", AccessLevel.PUBLIC, Optional.empty());
    SearchIndex index = hybrid(List.of(one, two, three, early));
    SearchQuery query = SearchQuery.of("refund", 5);

    Hit all = index.search(query, SearchIndexTest::everyone).hits().getFirst();
    assertEquals(three, all.skill());
    assertEquals(
        List.of("3.1.0", "2.0.0", "1.4.0"), all.majors().stream().map(Version::toString).toList());

    SearchResult some = index.search(query, s -> !s.equals(three));
    assertEquals(List.of(two), some.hits().stream().map(Hit::skill).toList());
    assertEquals(List.of(two.version(), one.version()), some.hits().getFirst().majors());

    SearchQuery ofTeams =
        new SearchQuery(
            "refund", 5, Optional.empty(), Optional.of(AccessLevel.PUBLIC), Optional.empty());
    assertEquals(List.of(), index.search(ofTeams, SearchIndexTest::everyone).hits());
  }

  @Test
  void saysWhyASkillMatched() {
    Hit hit =
        hybrid(SKILLS)
            .search(
                SearchQuery.of("Refunding the CUSTOMER of yesterday", 1), SearchIndexTest::everyone)
            .hits()
            .getFirst();
    assertEquals("support/refunds", hit.skill().id().toString());
    assertEquals(List.of("Refunding", "CUSTOMER"), hit.words());
    assertEquals(1, hit.similarity().orElseThrow());
    assertEquals(
        OptionalDouble.empty(),
        lexical(SKILLS)
            .search(SearchQuery.of("refund", 1), SearchIndexTest::everyone)
            .hits()
            .getFirst()
            .similarity());
  }

  @Test
  void scoresAreRounded() {
    for (Hit hit :
        hybrid(SKILLS)
            .search(SearchQuery.of("refund the weekly production release", 5), s -> true)
            .hits()) {
      assertEquals((double) Math.round(hit.score() * 1_000), hit.score() * 1_000, 1e-9);
    }
  }

  @Test
  void aClosedIndexSaysSo() {
    SearchIndex index = hybrid(SKILLS);
    index.close();
    assertThrows(
        IllegalStateException.class,
        () -> index.search(SearchQuery.of("refund", 1), SearchIndexTest::everyone));
  }

  @Test
  void searchesACatalogWithoutAnyPublicSkill() {
    List<Skill> skills =
        SKILLS.stream().filter(s -> s.accessLevel() != AccessLevel.PUBLIC).toList();
    assertEquals(
        List.of("finance/payouts"),
        ids(
            lexical(skills)
                .search(SearchQuery.of("money for the supplier", 5), SearchIndexTest::everyone)));
  }

  @Test
  void asksForPermissionOnceASkill() {
    List<Skill> asked = new ArrayList<>();
    hybrid(SKILLS).search(SearchQuery.of("refund", 5), asked::add);
    assertEquals(SKILLS.size(), asked.size());
    assertEquals(new HashSet<>(SKILLS), new HashSet<>(asked));
  }

  static List<FakeModel> brokenModels() {
    return List.of(
        new FakeModel("fails always", text -> true),
        new FakeModel("fails on one skill", text -> text.contains("production")),
        new FakeModel("fails on queries", text -> text.startsWith("refund")),
        new FakeModel(
            "throws",
            text -> {
              throw new IllegalStateException("told to throw");
            }));
  }

  @ParameterizedTest
  @MethodSource("brokenModels")
  void answersLexicallyWhenTheModelFails(FakeModel model) {
    SearchQuery query = SearchQuery.of("refund for a customer", 5);
    SearchResult result =
        SearchIndex.build(snapshot(SKILLS), Optional.of(model), VectorCache.none())
            .search(query, SearchIndexTest::everyone);
    assertEquals(lexical(SKILLS).search(query, SearchIndexTest::everyone), result);
    assertEquals(Mode.LEXICAL, result.mode());
    assertEquals("support/refunds", ids(result).getFirst());
  }

  @Test
  void saysWhichModeItAnswersIn() {
    assertEquals(Mode.LEXICAL, lexical(SKILLS).mode());
    assertEquals(Mode.HYBRID, hybrid(SKILLS).mode());
    assertEquals(
        Mode.DENSE,
        hybrid(SKILLS)
            .search(SearchQuery.of("refund", 5), SearchIndexTest::everyone, Mode.DENSE)
            .mode());
    assertEquals(
        Mode.LEXICAL,
        lexical(SKILLS)
            .search(SearchQuery.of("refund", 5), SearchIndexTest::everyone, Mode.DENSE)
            .mode());
  }

  @Test
  void showsTheNewestVersionOnly() {
    Skill old = skill("a/x", "1.0.0", "refund", AccessLevel.PUBLIC, Optional.empty());
    Skill recent = skill("a/x", "1.10.0", "refund", AccessLevel.PUBLIC, Optional.empty());
    List<Hit> hits =
        hybrid(List.of(old, recent))
            .search(SearchQuery.of("refund", 5), SearchIndexTest::everyone)
            .hits();
    assertEquals(List.of(recent), hits.stream().map(Hit::skill).toList());
  }

  @Test
  void deprecatedSkillsComeAfterLiveOnes() {
    SearchIndex index =
        hybrid(
            List.of(
                deprecated("a/old-refund", "Process a refund payment for a customer"),
                skill("b/refund", "Process a refund payment for a customer"),
                skill("c/deploy", "Deploy a service")));
    SearchQuery query = SearchQuery.of("refund payment for a customer", 3);
    assertEquals(
        List.of("b/refund", "c/deploy", "a/old-refund"),
        ids(index.search(query, SearchIndexTest::everyone)));
    assertEquals(
        List.of("b/refund"),
        ids(index.search(SearchQuery.of("refund payment", 1), SearchIndexTest::everyone)));
  }

  @Test
  void equalScoresAreOrderedById() {
    List<Skill> skills = new ArrayList<>();
    for (String team : List.of("delta", "alpha", "charlie", "bravo")) {
      skills.add(skill(team + "/same", "refund"));
    }
    skills.add(skill("aardvark/same", "refund", AccessLevel.TEAM));
    assertEquals(
        List.of("aardvark/same", "alpha/same", "bravo/same", "charlie/same", "delta/same"),
        ids(hybrid(skills).search(SearchQuery.of("refund", 5), SearchIndexTest::everyone)));
  }

  @Test
  void filtersNarrowByTeamLevelAndTag() {
    List<Skill> skills = new ArrayList<>(SKILLS);
    skills.add(
        skill(
            "support/chargebacks",
            "1.0.0",
            "refund a charge",
            AccessLevel.TEAM,
            Optional.empty(),
            "cards"));
    SearchIndex index = hybrid(skills);
    assertEquals(
        List.of("support/chargebacks"),
        ids(index.search(filtered("", "team", ""), SearchIndexTest::everyone)).subList(0, 1));
    assertEquals(
        Set.of("support/chargebacks", "support/refunds"),
        Set.copyOf(ids(index.search(filtered("support", "", ""), SearchIndexTest::everyone))));
    assertEquals(
        List.of("support/chargebacks"),
        ids(index.search(filtered("", "", "cards"), SearchIndexTest::everyone)));
    assertEquals(List.of(), ids(index.search(filtered("support", "", "cards"), skill -> false)));
  }

  private static SearchQuery filtered(String team, String level, String tag) {
    return new SearchQuery(
        "refund",
        5,
        Optional.of(team).filter(s -> !s.isEmpty()),
        level.isEmpty() ? Optional.empty() : Optional.of(AccessLevel.TEAM),
        Optional.of(tag).filter(s -> !s.isEmpty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the",
        "+-&&||!(){}[]^\"~*?:\\/ AND OR NOT",
        "text:refund",
        "😀😀",
        "\ud83d",
        "\u0000",
        "漢字",
      })
  void anyTextIsAQuery(String text) {
    assertEquals(
        3, hybrid(SKILLS).search(SearchQuery.of(text, 3), SearchIndexTest::everyone).hits().size());
    assertTrue(
        lexical(SKILLS).search(SearchQuery.of(text, 3), SearchIndexTest::everyone).hits().size()
            <= 3);
  }

  @Test
  void aQueryOfManyWordsIsCut() {
    StringBuilder many = new StringBuilder("refund");
    for (int c = 0x4E00; many.length() < SearchQuery.MAX_LENGTH - 3; c++) {
      many.appendCodePoint(c);
    }
    assertEquals(
        List.of("support/refunds"),
        ids(lexical(SKILLS).search(SearchQuery.of(many.toString(), 3), SearchIndexTest::everyone)));
  }

  @Test
  void anEmptyCatalogHasNoHitsAndAbstains() {
    SearchResult result =
        hybrid(List.of()).search(SearchQuery.of("refund", 5), SearchIndexTest::everyone);
    assertEquals(new SearchResult(List.of(), Mode.LEXICAL, true), result);
  }

  @Test
  void nothingPermittedLooksLikeAnEmptyCatalog() {
    SearchResult result = hybrid(SKILLS).search(SearchQuery.of("refund", 5), skill -> false);
    assertEquals(new SearchResult(List.of(), Mode.HYBRID, true), result);
  }

  @Test
  void abstainsWhenNoWordIsShared() {
    SearchResult result =
        lexical(SKILLS).search(SearchQuery.of("xylophone", 5), SearchIndexTest::everyone);
    assertEquals(new SearchResult(List.of(), Mode.LEXICAL, true), result);
  }

  @Test
  void theRealModelFindsByIntentAndAbstainsOffTopic(@TempDir Path state) throws Exception {
    try (EmbeddingModel model = MiniLm.open(state);
        SearchIndex index =
            SearchIndex.build(snapshot(SKILLS), Optional.of(model), VectorCache.none())) {
      SearchResult intent =
          index.search(
              SearchQuery.of("a shopper wants their cash back", 1), SearchIndexTest::everyone);
      assertEquals(List.of("support/refunds"), ids(intent));
      SearchResult onTopic =
          index.search(SearchQuery.of("process a customer refund", 1), SearchIndexTest::everyone);
      assertFalse(onTopic.abstained());
      SearchResult offTopic =
          index.search(
              SearchQuery.of("best hiking trails near the lake", 1), SearchIndexTest::everyone);
      assertTrue(offTopic.abstained());
      assertTrue(
          onTopic.hits().getFirst().score() > offTopic.hits().getFirst().score(),
          "scores tell how well the best hit fits");
    }
  }

  @Test
  void embedsDescriptionAndTagsButNeitherNameNorBody() {
    Skill tagged =
        skill("a/some-name", "1.0.0", "Does it", AccessLevel.PUBLIC, Optional.empty(), "x", "y");
    assertEquals("Does it x y", SearchIndex.embeddedText(tagged));
    assertNotEquals("", SearchIndex.embeddedText(SKILLS.getFirst()));
  }

  @Test
  void threadsShareOneIndex() throws Exception {
    List<Skill> skills = new ArrayList<>(SKILLS);
    for (int i = 0; i < 200; i++) {
      skills.add(skill("many/skill-" + i, "refund number " + i));
    }
    SearchQuery query = SearchQuery.of("refund a customer", 10);
    try (SearchIndex index =
            SearchIndex.build(
                snapshot(skills), Optional.of(new ConcurrentModel()), VectorCache.none());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      SearchResult alone = index.search(query, SearchIndexTest::everyone);
      List<Future<SearchResult>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        answers.add(threads.submit(() -> index.search(query, SearchIndexTest::everyone)));
      }
      for (Future<SearchResult> answer : answers) {
        assertEquals(alone, answer.get());
      }
    }
  }

  /// A [FakeModel] a call, because that one records.
  private static final class ConcurrentModel implements EmbeddingModel {
    @Override
    public String id() {
      return "fake:concurrent";
    }

    @Override
    public float[] embed(String text) throws EmbeddingException {
      return FakeModel.working().embed(text);
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
