package dev.skillwarden.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a run is worth.
///
/// @param classes metrics by class of queries in the order of their first query, [#ALL] last; empty
///   when no query has an answer
/// @param noAnswer empty unless there are queries with and without an answer
public record Quality(SequencedMap<String, Metrics> classes, Optional<NoAnswer> noAnswer) {
  /// Name of all queries that have an answer together.
  public static final String ALL = "all";

  public Quality {
    classes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(classes));
  }

  /// @param run answer by qid, at least to every query
  public static Quality of(List<GradedQuery> queries, Map<String, Answer> run) {
    SequencedMap<String, Metrics> classes = new LinkedHashMap<>();
    byClass(queries)
        .forEach((name, of) ->
            classes.put(name, Metrics.mean(of.stream().map(q -> metrics(q, run)).toList())));
    List<Answer> answerable = answers(queries, true, run);
    List<Answer> none = answers(queries, false, run);
    return new Quality(
        classes,
        answerable.isEmpty() || none.isEmpty()
            ? Optional.empty()
            : Optional.of(NoAnswer.of(answerable, none)));
  }

  /// How nDCG@5 changed from one run to another, by class as in [#classes].
  ///
  /// @param before answer by qid of the earlier run, at least to every query
  /// @param now the same of the later one
  public static SequencedMap<String, Difference> compare(
      List<GradedQuery> queries, Map<String, Answer> before, Map<String, Answer> now) {
    SequencedMap<String, Difference> differences = new LinkedHashMap<>();
    byClass(queries)
        .forEach(
            (name, of) -> differences.put(name, Difference.of(ndcg5(of, before), ndcg5(of, now))));
    return differences;
  }

  /// nDCG@5 over all queries; empty when none has an answer.
  public Optional<Double> overall() {
    return Optional.ofNullable(classes.get(ALL)).map(Metrics::ndcg5);
  }

  private static SequencedMap<String, List<GradedQuery>> byClass(List<GradedQuery> queries) {
    SequencedMap<String, List<GradedQuery>> byClass = new LinkedHashMap<>();
    List<GradedQuery> all = queries.stream().filter(GradedQuery::hasAnswer).toList();
    all.forEach(q -> byClass.computeIfAbsent(q.type(), t -> new ArrayList<>()).add(q));
    if (!all.isEmpty()) {
      byClass.put(ALL, all);
    }
    return byClass;
  }

  private static double[] ndcg5(List<GradedQuery> queries, Map<String, Answer> run) {
    return queries.stream().mapToDouble(q -> metrics(q, run).ndcg5()).toArray();
  }

  private static Metrics metrics(GradedQuery query, Map<String, Answer> run) {
    return Metrics.of(answer(query, run).ids(), query.relevant());
  }

  private static List<Answer> answers(
      List<GradedQuery> queries, boolean answerable, Map<String, Answer> run) {
    return queries.stream()
        .filter(q -> q.hasAnswer() == answerable)
        .map(q -> answer(q, run))
        .toList();
  }

  private static Answer answer(GradedQuery query, Map<String, Answer> run) {
    return Optional.ofNullable(run.get(query.qid()))
        .orElseThrow(() -> new IllegalArgumentException("the run has no answer to " + query.qid()));
  }
}
