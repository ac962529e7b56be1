package dev.skillwarden.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Scan and graph over growing numbers of vectors, 384 dimensions, gathered around topics as
/// descriptions are: where does the graph begin to pay? In this package to reach both directly.
public final class VectorGrowth {
  private static final int DIMENSIONS = 384;
  private static final int COUNT = 100;
  private static final int WARM_UP = 300;
  private static final int QUERIES = 300;

  private VectorGrowth() {}

  /// Arguments: the largest number of vectors for which a graph is built, then numbers of vectors.
  public static void main(String[] args) {
    int graphUpTo = Integer.parseInt(args[0]);
    System.out.println("vectors  arm    permitted  build s  p50 ms  p99 ms  recall");
    for (String size : Arrays.asList(args).subList(1, args.length)) {
      measure(Integer.parseInt(size), graphUpTo);
    }
  }

  private static void measure(int size, int graphUpTo) {
    Random random = new Random(size);
    List<float[]> centers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      centers.add(noise(random, 1));
    }
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      vectors.add(near(centers, random));
    }
    List<float[]> queries = new ArrayList<>();
    for (int i = 0; i < WARM_UP + QUERIES; i++) {
      queries.add(near(centers, random));
    }
    ExactVectors exact = new ExactVectors(VectorIndex.typed(vectors));
    for (int percent : new int[] {100, 10}) {
      print(size, "scan", percent, 0, exact, exact, queries);
    }
    if (size <= graphUpTo) {
      long start = System.nanoTime();
      try (GraphVectors graph = GraphVectors.build(exact)) {
        double seconds = (System.nanoTime() - start) / 1e9;
        print(size, "graph", 100, seconds, graph, exact, queries);
      }
    }
  }

  private static void print(
      int size,
      String arm,
      int percent,
      double buildSeconds,
      VectorIndex index,
      ExactVectors exact,
      List<float[]> queries) {
    BitSet permitted = new BitSet(size);
    for (int i = 0; i < size; i++) {
      permitted.set(i, i % 100 < percent);
    }
    double[] millis = new double[QUERIES];
    int found = 0;
    int wanted = 0;
    for (int i = 0; i < queries.size(); i++) {
      long start = System.nanoTime();
      List<Scored> best = index.scores(queries.get(i), COUNT, permitted).best();
      if (i >= WARM_UP) {
        millis[i - WARM_UP] = (System.nanoTime() - start) / 1e6;
      }
      if (i % 20 == 0) {
        List<Scored> right = exact.scores(queries.get(i), 10, permitted).best();
        wanted += right.size();
        found += (int) right.stream().filter(best::contains).count();
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%7d  %-5s  %8d%%  %7.1f  %6.2f  %6.2f  %.3f%n",
        size,
        arm,
        percent,
        buildSeconds,
        millis[QUERIES / 2],
        millis[QUERIES * 99 / 100],
        (double) found / wanted);
  }

  private static float[] noise(Random random, double spread) {
    float[] vector = new float[DIMENSIONS];
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] = (float) (spread * random.nextGaussian());
    }
    return vector;
  }

  private static float[] near(List<float[]> centers, Random random) {
    float[] center = centers.get(random.nextInt(centers.size()));
    float[] vector = noise(random, 0.8);
    double square = 0;
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] += center[i];
      square += vector[i] * vector[i];
    }
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] /= (float) Math.sqrt(square);
    }
    return vector;
  }
}
