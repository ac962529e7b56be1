package dev.skillwarden.search;

import java.util.Comparator;

/// One candidate of one arm.
///
/// @param doc number of the skill in the index
/// @param score raw score of the arm
record Scored(int doc, float score) {
  /// Best first; equal scores in the order of the index, which is by skill id.
  static final Comparator<Scored> BEST_FIRST =
      Comparator.comparingDouble((Scored s) -> -s.score()).thenComparingInt(Scored::doc);
}
