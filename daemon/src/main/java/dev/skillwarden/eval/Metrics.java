package dev.skillwarden.eval;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// How well answers list what is relevant: means over queries, each 0 to 1.
///
/// @param ndcg5 nDCG of the first five, with gain 2^grade - 1
/// @param recall5 relevant ones among the first five, of those there is room for
/// @param mrr10 1 / place of the first relevant one among the first ten, 0 without
/// @param p1 whether the first one has the highest grade
public record Metrics(int queries, double ndcg5, double recall5, double mrr10, double p1) {
  /// Of one answer.
  ///
  /// @param ids best first
  /// @param relevant grade by id, at least one above 0
  static Metrics of(List<String> ids, Map<String, Integer> relevant) {
    List<Integer> grades = ids.stream().map(id -> relevant.getOrDefault(id, 0)).toList();
    List<Integer> ideal = relevant.values().stream().sorted(Comparator.reverseOrder()).toList();
    List<Integer> five = first(5, grades);
    double found = five.stream().filter(grade -> grade > 0).count();
    return new Metrics(
        1,
        dcg(five) / dcg(first(5, ideal)),
        found / Math.min(5, relevant.size()),
        reciprocalPlace(first(10, grades)),
        !grades.isEmpty() && grades.getFirst() == GradedQuery.MAX_GRADE ? 1 : 0);
  }

  /// @param each of one query each, at least one
  static Metrics mean(List<Metrics> each) {
    return new Metrics(
        each.size(),
        each.stream().mapToDouble(Metrics::ndcg5).average().orElseThrow(),
        each.stream().mapToDouble(Metrics::recall5).average().orElseThrow(),
        each.stream().mapToDouble(Metrics::mrr10).average().orElseThrow(),
        each.stream().mapToDouble(Metrics::p1).average().orElseThrow());
  }

  private static List<Integer> first(int n, List<Integer> grades) {
    return grades.subList(0, Math.min(n, grades.size()));
  }

  private static double dcg(List<Integer> grades) {
    double sum = 0;
    for (int i = 0; i < grades.size(); i++) {
      sum += ((1 << grades.get(i)) - 1) * Math.log(2) / Math.log(i + 2);
    }
    return sum;
  }

  private static double reciprocalPlace(List<Integer> grades) {
    for (int i = 0; i < grades.size(); i++) {
      if (grades.get(i) > 0) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }
}
