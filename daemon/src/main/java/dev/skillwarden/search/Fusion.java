package dev.skillwarden.search;

import dev.skillwarden.search.SearchResult.Mode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/// One ranking out of what both arms say. A skill counts by how far it stands out in each arm, in
/// standard deviations over all permitted skills, so that an arm that tells nothing apart for this
/// query has no say. Such sums say nothing about how well the best one fits, so they are scaled to
/// give the best candidate the strength of the query, which comes from raw scores and is comparable
/// between queries.
///
/// docs/search.md names the constants and what they were chosen by.
final class Fusion {
  /// Candidates taken from each arm.
  static final int CANDIDATES = 100;

  /// Candidates that may give a query its strength, best first.
  static final int LEADERS = 10;

  /// Factor on the share of a deprecated skill.
  static final double DEPRECATED = 0.8;

  private static final double DENSE_WEIGHT = 0.75;

  /// Lexical score of the best candidate that counts as half certain, in rare words.
  private static final double HALF_CERTAIN = 1.5;

  /// What the other parts of the strength count, where the cosine counts 1.
  private static final double COVERAGE_WEIGHT = 0.3;

  private static final double WORDS_WEIGHT = 0.5;

  private final Mode mode;
  private final ArmScores words;
  private final ArmScores near;

  /// @param words by BM25, empty in mode `DENSE`
  /// @param near by cosine, empty in mode `LEXICAL`
  Fusion(Mode mode, ArmScores words, ArmScores near) {
    this.mode = mode;
    this.words = words;
    this.near = near;
  }

  /// What a candidate gets.
  ///
  /// @param share 0 to 1; 1 for the best one
  /// @param standing the sum of both arms, which also orders those whose share is 0
  record Fused(double share, double standing) {}

  /// Every candidate of either arm.
  Map<Integer, Fused> candidates() {
    Map<Integer, Double> standings = new HashMap<>();
    words.best().forEach(s -> standings.put(s.doc(), standing(s.doc())));
    near.best().forEach(s -> standings.put(s.doc(), standing(s.doc())));
    double best = standings.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    Map<Integer, Fused> candidates = new HashMap<>();
    standings.forEach(
        (doc, standing) -> candidates.put(doc, new Fused(share(standing, best), standing)));
    return candidates;
  }

  private double standing(int doc) {
    return switch (mode) {
      case HYBRID -> DENSE_WEIGHT * near.standard(doc) + (1 - DENSE_WEIGHT) * words.standard(doc);
      case LEXICAL -> words.standard(doc);
      case DENSE -> near.standard(doc);
    };
  }

  /// Nothing stands out among skills that are all alike, or of which there is one.
  private static double share(double standing, double best) {
    return best > 0 ? Math.max(0, standing) / best : standing == best ? 1 : 0;
  }

  /// How well the best candidates fit, 0 to 1, from the raw scores alone.
  ///
  /// @param leaders the first [#LEADERS] candidates
  /// @param coverage how much of the query's words, 0 to 1, a leader has
  double strength(List<Integer> leaders, IntToDoubleFunction coverage) {
    double rareWords = words.best().isEmpty() ? 0 : words.best().getFirst().score();
    double lexical = rareWords / (rareWords + HALF_CERTAIN);
    return switch (mode) {
      case HYBRID ->
          (most(leaders, doc -> cosine(doc) + COVERAGE_WEIGHT * coverage.applyAsDouble(doc))
                  + WORDS_WEIGHT * lexical)
              / (1 + COVERAGE_WEIGHT + WORDS_WEIGHT);
      case LEXICAL -> lexical;
      case DENSE -> most(leaders, this::cosine);
    };
  }

  private double cosine(int doc) {
    return Math.clamp(near.score().applyAsDouble(doc), 0, 1);
  }

  private static double most(List<Integer> docs, IntToDoubleFunction score) {
    return docs.stream().mapToDouble(score::applyAsDouble).max().orElse(0);
  }

  /// Whether candidates of this strength are too weak to be what was asked for.
  boolean abstains(double strength) {
    return strength
        < switch (mode) {
          case HYBRID -> 0.335;
          case LEXICAL -> 0.33;
          case DENSE -> 0.32;
        };
  }
}
