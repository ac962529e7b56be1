package dev.skillwarden.search;

import dev.skillwarden.search.SearchResult.Mode;
import java.util.HashMap;
import java.util.Map;

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

  /// Factor on the score of a deprecated skill.
  static final double DEPRECATED = 0.8;

  private static final double DENSE_WEIGHT = 0.75;

  /// Lexical score of the best candidate that counts as half certain, in rare words.
  private static final double HALF_CERTAIN = 1.5;

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
  /// @param shown 0 to 1; the best one has [#strength]
  /// @param standing the sum of both arms, which also orders those that are shown as 0
  record Fused(double shown, double standing) {}

  /// Every candidate of either arm.
  Map<Integer, Fused> candidates() {
    Map<Integer, Double> standings = new HashMap<>();
    words.best().forEach(s -> standings.put(s.doc(), standing(s.doc())));
    near.best().forEach(s -> standings.put(s.doc(), standing(s.doc())));
    double best = standings.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    Map<Integer, Fused> candidates = new HashMap<>();
    standings.forEach((doc, standing) ->
        candidates.put(doc, new Fused(strength() * share(standing, best), standing)));
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
  double strength() {
    double cosine = near.best().isEmpty() ? 0 : Math.clamp(near.best().getFirst().score(), 0, 1);
    double rareWords = words.best().isEmpty() ? 0 : words.best().getFirst().score();
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
