package dev.skillwarden.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class DifferenceTest {
  private static double[] values(int n, IntToDoubleFunction value) {
    double[] values = new double[n];
    Arrays.setAll(values, value);
    return values;
  }

  @Test
  void theSameChangeEverywhereLeavesNoDoubt() {
    Difference d =
        Difference.of(values(50, i -> i % 3 * 0.25), values(50, i -> i % 3 * 0.25 - 0.125));
    assertEquals(-0.125, d.change(), 1e-12);
    assertEquals(-0.125, d.low(), 1e-12);
    assertEquals(-0.125, d.high(), 1e-12);
    assertTrue(d.isWorse());
  }

  @Test
  void equalRunsDoNotDiffer() {
    double[] run = values(20, i -> i / 20.0);
    assertEquals(new Difference(20, 0.475, 0.475, 0, 0), Difference.of(run, run));
  }

  @Test
  void whatMayBeChanceHasZeroInItsInterval() {
    Difference d = Difference.of(values(40, i -> 0.5), values(40, i -> i % 2 == 0 ? 0.8 : 0.21));
    assertTrue(d.low() < 0 && d.high() > 0, d.toString());
    assertFalse(d.isWorse());
    assertFalse(Difference.of(values(40, i -> 0.1), values(40, i -> 0.9)).isWorse());
  }

  /// The mean of n changes of 0 or 1, half each, has a standard deviation of 0.5 / sqrt(n).
  @Test
  void theIntervalIsThatOfTheMean() {
    Difference d = Difference.of(values(400, i -> 0), values(400, i -> i % 2));
    assertEquals(0.5 - 1.96 * 0.025, d.low(), 0.004);
    assertEquals(0.5 + 1.96 * 0.025, d.high(), 0.004);
  }

  /// Two runs that differ much from query to query, and always by the same: pairing sees that.
  @Test
  void queriesArePaired() {
    Difference d =
        Difference.of(values(60, i -> i / 60.0), values(60, i -> i / 60.0 + (i % 2) * 0.01));
    assertTrue(d.low() > 0 && d.high() < 0.01, d.toString());
  }

  @Test
  void isTheSameEveryTime() {
    double[] before = values(31, i -> Math.sin(i));
    double[] now = values(31, i -> Math.cos(i));
    assertEquals(Difference.of(before, now), Difference.of(before, now));
  }

  @Test
  void runsOfDifferentLengthCannotBeCompared() {
    assertThrows(IllegalArgumentException.class, () -> Difference.of(new double[2], new double[3]));
    assertThrows(IllegalArgumentException.class, () -> Difference.of(new double[0], new double[0]));
  }
}
