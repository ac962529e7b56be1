package dev.skillwarden.search;

import dev.skillwarden.search.SearchResult.Mode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One ranking out of the candidates of both arms. Within a query each arm's scores are stretched
/// to 0..1 and added with weights; a candidate that only one arm has gets 0 from the other. Such
/// sums say nothing about how well the best one fits, so they are scaled to give the best candidate
/// the strength of the query, which comes from raw scores and is comparable between queries.
///
/// docs/search.md names the constants.
final class Fusion {
  /// Candidates taken from each arm.
  static final int CANDIDATES = 50;

  /// Factor on the score of a deprecated skill.
  static final double DEPRECATED = 0.8;

  private static final double DENSE_WEIGHT = 0.7;

  /// Lexical score of the best candidate that counts as half certain, in rare words.
  private static final double HALF_CERTAIN = 1.5;

  private final Mode mode;
  private final List<Scored> words;
  private final List<Scored> near;

  /// @param words candidates by BM25, best first
  /// @param near candidates by cosine, best first
  Fusion(Mode mode, List<Scored> words, List<Scored> near) {
    this.mode = mode;
    this.words = words;
    this.near = near;
  }

  /// Score of every candidate, 0 to 1; the best one has [#strength].
  Map<Integer, Double> scores() {
    double dense =
        switch (mode) {
          case HYBRID -> DENSE_WEIGHT;
          case LEXICAL -> 0;
          case DENSE -> 1;
        };
    Map<Integer, Double> scores = new HashMap<>();
    add(scores, words, 1 - dense);
    add(scores, near, dense);
    double best = scores.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    if (best > 0) {
      scores.replaceAll((doc, score) -> score / best * strength());
    }
    return scores;
  }

  private static void add(Map<Integer, Double> scores, List<Scored> arm, double weight) {
    if (arm.isEmpty()) {
      return;
    }
    double low = arm.getLast().score();
    double range = arm.getFirst().score() - low;
    for (Scored candidate : arm) {
      double scaled = range > 0 ? (candidate.score() - low) / range : 1;
      scores.merge(candidate.doc(), weight * scaled, Double::sum);
    }
  }

  /// How well the best candidates fit, 0 to 1, from the raw scores alone.
  double strength() {
    double cosine = near.isEmpty() ? 0 : Math.clamp(near.getFirst().score(), 0, 1);
    double rareWords = words.isEmpty() ? 0 : words.getFirst().score();
    double lexical = rareWords / (rareWords + HALF_CERTAIN);
    return switch (mode) {
      case HYBRID -> (cosine + lexical) / 2;
      case LEXICAL -> lexical;
      case DENSE -> cosine;
    };
  }

  /// Whether the best candidate is too weak to be what was asked for.
  boolean abstains() {
    double threshold =
        switch (mode) {
          case HYBRID -> 0.35;
          case LEXICAL -> 0.33;
          case DENSE -> 0.32;
        };
    return strength() < threshold;
  }
}
