package dev.skillwarden.eval;

import java.util.Arrays;
import java.util.Random;

/// How a mean changed between two runs over the same queries, with its 95 % interval by the paired
/// bootstrap: queries are drawn again with replacement, [#RESAMPLES] times, each with both its
/// values; the interval is the middle 95 % of the differences of means. Queries are drawn from all
/// that are compared, not class by class. The same values give the same interval.
///
/// @param queries how many are compared
/// @param before mean of the earlier run
/// @param now mean of the later run
/// @param low lower bound of `now - before`
/// @param high upper bound
public record Difference(int queries, double before, double now, double low, double high) {
  public static final int RESAMPLES = 10_000;
  public static final double CONFIDENCE = 0.95;
  public static final long SEED = 5;

  /// @param before one value a query, at least one
  /// @param now the values of the same queries in the same order
  static Difference of(double[] before, double[] now) {
    if (before.length == 0 || before.length != now.length) {
      throw new IllegalArgumentException(
          "wants as many values before as now, found %d and %d"
              .formatted(before.length, now.length));
    }
    double[] change = new double[now.length];
    Arrays.setAll(change, i -> now[i] - before[i]);
    double[] means = resampledMeans(change);
    int tail = (int) Math.round(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new Difference(
        now.length,
        Arrays.stream(before).average().orElseThrow(),
        Arrays.stream(now).average().orElseThrow(),
        means[tail],
        means[RESAMPLES - 1 - tail]);
  }

  /// In ascending order.
  private static double[] resampledMeans(double[] values) {
    Random random = new Random(SEED); // its algorithm is specified: the same on every JDK
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double sum = 0;
      for (int j = 0; j < values.length; j++) {
        sum += values[random.nextInt(values.length)];
      }
      means[i] = sum / values.length;
    }
    Arrays.sort(means);
    return means;
  }

  public double change() {
    return now - before;
  }

  /// Whether the whole interval is below 0.
  public boolean isWorse() {
    return high < 0;
  }
}
