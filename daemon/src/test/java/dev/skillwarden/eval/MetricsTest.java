package dev.skillwarden.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {
  private static final double TINY = 1e-12;

  /// Discounts by hand: 1, 1/log2(3) = 0.63093, 1/2, 0.43068, 0.38685.
  @ParameterizedTest
  @CsvSource({
    "a b,             a=2 b=1,                   1.0,      1.0, 1.0,   1", // the ideal order
    "b a,             a=2 b=1,                   0.796708, 1.0, 1.0,   0", // (1+1.892789)/3.630930
    "x a,             a=2,                       0.630930, 1.0, 0.5,   0",
    "a,               a=1,                       1.0,      1.0, 1.0,   0", // first, but no 2
    "x y z u v a,     a=2,                       0.0,      0.0, 0.1666666, 0", // sixth: MRR only
    "1 2 3 4 5 6 7 8 9 10 a, a=2,                0.0,      0.0, 0.0,   0", // eleventh
    "a b,             a=2 b=2 c=2 d=2 e=2 f=2,   0.553147, 0.4, 1.0,   1", // room for five only
    "a,               a=1 b=0,                   1.0,      0.5, 1.0,   0", // a grade 0 takes room
    "'',              a=2,                       0.0,      0.0, 0.0,   0",
  })
  void followTheirDefinitions(
      String ids, String relevant, double ndcg, double recall, double mrr, double first) {
    Metrics m =
        Metrics.of(ids.isEmpty() ? List.of() : List.of(ids.split(" ", -1)), grades(relevant));
    assertEquals(ndcg, m.ndcg5(), 1e-6);
    assertEquals(recall, m.recall5(), TINY);
    assertEquals(mrr, m.mrr10(), 1e-6);
    assertEquals(first, m.p1(), TINY);
  }

  private static Map<String, Integer> grades(String text) {
    Map<String, Integer> grades = new HashMap<>();
    for (String pair : text.split(" ", -1)) {
      grades.put(pair.split("=", -1)[0], Integer.valueOf(pair.split("=", -1)[1]));
    }
    return grades;
  }

  private static final List<GradedQuery> QUERIES =
      List.of(
          new GradedQuery("e1", "easy", Map.of("x", 2, "y", 1)),
          new GradedQuery("e2", "easy", Map.of("x", 1, "z", 1, "w", 0)),
          new GradedQuery("i1", "intent", Map.of("v", 2)),
          new GradedQuery("i2", "intent", Map.of("a", 2, "b", 2, "c", 1, "d", 1, "e", 1, "f", 1)),
          new GradedQuery("n1", "no-answer", Map.of()),
          new GradedQuery("n2", "no-answer", Map.of()));

  private static final Map<String, Answer> RUN =
      Map.of(
          "e1", answer("e1", "y x u", false, .9, .8, .1),
          "e2", answer("e2", "u w z a b x", false, .7, .6, .5, .4, .3, .2),
          "i1", answer("i1", "a b c d e f v", true, .5, .4, .3, .2, .1, .05, .01),
          "i2", answer("i2", "a c u b d e", false, .6, .5, .4, .3, .2, .1),
          "n1", answer("n1", "a", true, .5),
          "n2", new Answer("n2", List.of(), List.of(), false));

  private static Answer answer(String qid, String ids, boolean abstained, double... scores) {
    return new Answer(
        qid, List.of(ids.split(" ", -1)), Arrays.stream(scores).boxed().toList(), abstained);
  }

  /// The figures are those of another program, written in another language, for the same run.
  @Test
  void equalThoseOfAnIndependentScorer() {
    Quality quality = Quality.of(QUERIES, RUN);
    assertEquals(List.of("easy", "intent", "all"), List.copyOf(quality.classes().keySet()));
    assertMetrics(2, 0.551640588686618, 2 / 3.0, 2 / 3.0, 0, quality, "easy");
    assertMetrics(2, 0.427499179573263, 0.4, 4 / 7.0, 0.5, quality, "intent");
    assertMetrics(4, 0.489569884129940, 8 / 15.0, 13 / 21.0, 0.25, quality, "all");
    NoAnswer none = quality.noAnswer().orElseThrow();
    assertEquals(new NoAnswer(2, 0.9375, 0.5, 0.25), none);
    assertEquals(0.489569884129940, quality.overall().orElseThrow(), TINY);
  }

  private static void assertMetrics(
      int n, double ndcg, double recall, double mrr, double first, Quality quality, String name) {
    Metrics m = Objects.requireNonNull(quality.classes().get(name));
    assertEquals(n, m.queries());
    assertEquals(ndcg, m.ndcg5(), TINY, name);
    assertEquals(recall, m.recall5(), TINY, name);
    assertEquals(mrr, m.mrr10(), TINY, name);
    assertEquals(first, m.p1(), TINY, name);
  }

  @Test
  void nothingIsJudgedWithoutGrades() {
    Quality quality = Quality.of(QUERIES.subList(4, 6), RUN);
    assertTrue(quality.classes().isEmpty() && quality.noAnswer().isEmpty());
    assertTrue(quality.overall().isEmpty());
  }

  @Test
  void aRunWithoutAnAnswerIsRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Quality.of(QUERIES, Map.of()))
            .getMessage();
    assertEquals("the run has no answer to e1", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all|2|class 'all' stands for all queries together; take another",
        "easy|3|the grade of 'a' wants 0 to 2, found 3",
        "easy|-1|the grade of 'a' wants 0 to 2, found -1",
        "easy|0|relevant wants an id with a grade above 0, or class no-answer",
        "no-answer|1|has class no-answer and relevant ids; keep one",
      })
  void aQueryThatCannotBeJudgedIsRefused(String type, int grade, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> new GradedQuery("q", type, Map.of("a", grade)))
            .getMessage());
  }
}
