package dev.skillwarden.sync;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyncScheduleTest {
  private static final int MACHINES = 100_000;
  private static final Duration INTERVAL = Duration.ofSeconds(45);
  private static final int BUCKETS = 45;

  /// 99.9 % quantile of chi-square with 44 degrees of freedom.
  private static final double CHI_SQUARE = 78.75;

  /// The fleet restarts in one moment; virtual time, one bucket a second.
  @Test
  void aFleetThatRestartsTogetherAsksEvenly() {
    Random seeds = new Random(7);
    List<SyncSchedule> machines = new ArrayList<>();
    long[] next = new long[MACHINES];
    int[] first = new int[BUCKETS];
    for (int i = 0; i < MACHINES; i++) {
      SyncSchedule schedule = new SyncSchedule(new Random(seeds.nextLong()));
      machines.add(schedule);
      next[i] = schedule.first(INTERVAL).toNanos();
      first[(int) (next[i] / 1_000_000_000L)]++;
    }
    assertTrue(chiSquare(first) < CHI_SQUARE, "first looks are not uniform: " + chiSquare(first));
    for (int round = 0; round < 20; round++) {
      int[] asked = new int[BUCKETS];
      long from = (round + 1) * INTERVAL.toNanos();
      long to = from + INTERVAL.toNanos();
      for (int i = 0; i < MACHINES; i++) {
        while (next[i] < to) {
          if (next[i] >= from) {
            asked[(int) ((next[i] - from) / 1_000_000_000L)]++;
          }
          next[i] += machines.get(i).after(true, INTERVAL).toNanos();
        }
      }
      int peak = 0;
      int sum = 0;
      for (int count : asked) {
        peak = Math.max(peak, count);
        sum += count;
      }
      double ratio = peak / (sum / (double) BUCKETS);
      assertTrue(ratio <= 1.3, "round %d: peak/mean %.2f".formatted(round, ratio));
    }
  }

  private static double chiSquare(int[] counts) {
    double expected = MACHINES / (double) counts.length;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  @Test
  void pausesGrowWithFailuresAndEndWithTheFirstSuccess() {
    SyncSchedule schedule = new SyncSchedule(new Random(1));
    for (int failure = 1; failure <= 20; failure++) {
      Duration most =
          Duration.ofSeconds(5L << Math.min(failure - 1, 9)).compareTo(SyncSchedule.MAX_PAUSE) < 0
              ? Duration.ofSeconds(5L << Math.min(failure - 1, 9))
              : SyncSchedule.MAX_PAUSE;
      Duration pause = schedule.after(false, INTERVAL);
      assertTrue(pause.compareTo(most) <= 0, failure + ": " + pause);
    }
    Duration pause = schedule.after(true, INTERVAL);
    assertTrue(
        pause.toMillis() >= 40_500 && pause.toMillis() <= 49_500, "after a success: " + pause);
    assertTrue(schedule.after(false, INTERVAL).compareTo(SyncSchedule.FIRST_RETRY) <= 0);
  }
}
