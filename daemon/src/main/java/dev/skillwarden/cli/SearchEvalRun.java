package dev.skillwarden.cli;

import dev.skillwarden.eval.Answer;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// What search answered to the queries of a file, and how long it took.
///
/// @param answers by qid, in the order of the queries
/// @param skills how many were searched
/// @param buildMillis time to build the index
/// @param p50 median of a query, in milliseconds
/// @param p95 its 95th percentile
record SearchEvalRun(
    SequencedMap<String, Answer> answers, int skills, double buildMillis, double p50, double p95) {
  /// @throws ModelUnavailableException when the model failed on the way
  static SearchEvalRun of(
      EvalCorpus corpus,
      List<EvalCorpus.Query> asked,
      SearchResult.Mode mode,
      LocalModel model,
      PrintWriter err)
      throws ModelUnavailableException {
    long start = System.nanoTime();
    try (SearchIndex index = model.index(corpus.snapshot(), err)) {
      double buildMillis = millis(start);
      SequencedMap<String, Answer> answers = new LinkedHashMap<>();
      double[] millis = new double[asked.size()];
      for (EvalCorpus.Query query : asked) {
        long before = System.nanoTime();
        SearchResult result = index.search(query.query(), skill -> true, mode);
        millis[answers.size()] = millis(before);
        answers.put(
            query.qid(), answer(corpus, query.qid(), LocalModel.wanted(result, mode, query.qid())));
        LocalModel.progress(err, "answered", answers.size(), asked.size());
      }
      Arrays.sort(millis);
      return new SearchEvalRun(
          answers,
          corpus.snapshot().skills().size(),
          buildMillis,
          quantile(millis, .5),
          quantile(millis, .95));
    }
  }

  long abstained() {
    return answers.values().stream().filter(Answer::abstained).count();
  }

  /// As a run file.
  String lines() {
    return answers.values().stream()
        .map(a -> Json.write(a.json()) + "\n")
        .collect(Collectors.joining());
  }

  private static Answer answer(EvalCorpus corpus, String qid, SearchResult result) {
    return new Answer(
        qid,
        result.hits().stream().map(h -> corpus.corpusId(h.skill().id())).toList(),
        result.hits().stream().map(SearchResult.Hit::score).toList(),
        result.abstained());
  }

  private static double millis(long since) {
    return (System.nanoTime() - since) / 1e6;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
  }
}
