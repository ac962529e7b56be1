package dev.skillwarden.search;

import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntToDoubleFunction;

/// What one arm says of the permitted skills for one query.
///
/// @param best candidates, best first
/// @param mean of the scores of all permitted skills
/// @param deviation standard deviation of these
/// @param score of any permitted skill
record ArmScores(List<Scored> best, double mean, double deviation, IntToDoubleFunction score) {
  static final ArmScores NONE = new ArmScores(List.of(), 0, 0, doc -> 0);

  ArmScores {
    best = List.copyOf(best);
  }

  /// How far a skill stands out among the permitted ones, in standard deviations; 0 when the arm
  /// does not tell them apart.
  double standard(int doc) {
    return deviation > 0 ? (score.applyAsDouble(doc) - mean) / deviation : 0;
  }

  /// Adds up scores for mean and deviation.
  static final class Moments {
    private long count;
    private double sum;
    private double squares;

    void add(double score) {
      count++;
      sum += score;
      squares += score * score;
    }

    /// Counts skills whose score is 0.
    void addZeros(int zeros) {
      count += zeros;
    }

    double mean() {
      return count == 0 ? 0 : sum / count;
    }

    double deviation() {
      return count == 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean() * mean()));
    }
  }

  /// Keeps the best of many. Equal scores go by position.
  static final class Best {
    private final int count;
    private final PriorityQueue<Scored> best = new PriorityQueue<>(Scored.BEST_FIRST.reversed());

    Best(int count) {
      this.count = count;
    }

    void add(int doc, float score) {
      if (best.size() < count) {
        best.add(new Scored(doc, score));
      } else if (count > 0
          && (score > best.element().score()
              || (score == best.element().score() && doc < best.element().doc()))) {
        best.poll();
        best.add(new Scored(doc, score));
      }
    }

    List<Scored> sorted() {
      return best.stream().sorted(Scored.BEST_FIRST).toList();
    }
  }
}
