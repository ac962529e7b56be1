package dev.skillwarden.eval;

import java.util.List;

/// Whether a run can tell queries that nothing answers from the others; shares, each 0 to 1.
///
/// @param queries how many have no answer
/// @param auc chance that an answerable query has the higher top score of the two; a tie is half
/// @param abstained of the queries without an answer those that the run said nothing fits
/// @param abstainedWrongly of the answerable ones those
public record NoAnswer(int queries, double auc, double abstained, double abstainedWrongly) {
  /// @param answerable answers to queries that have one, at least one
  /// @param none answers to queries that have none, at least one
  static NoAnswer of(List<Answer> answerable, List<Answer> none) {
    double above = 0;
    for (Answer good : answerable) {
      for (Answer bad : none) {
        int order = Double.compare(good.topScore(), bad.topScore());
        above += order > 0 ? 1 : order == 0 ? 0.5 : 0;
      }
    }
    return new NoAnswer(
        none.size(),
        above / ((double) answerable.size() * none.size()),
        abstained(none),
        abstained(answerable));
  }

  private static double abstained(List<Answer> answers) {
    return (double) answers.stream().filter(Answer::abstained).count() / answers.size();
  }
}
