package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VectorIndexTest {
  private static final int SIZE = 3_000;
  private static final int DIMENSIONS = 48;
  private static final int WANTED = 50;
  private static final Random RANDOM = new Random(42);

  private static final List<float[]> CENTERS = new ArrayList<>();
  private static ExactVectors exact;
  private static GraphVectors graph;

  @BeforeAll
  static void build() {
    for (int i = 0; i < 60; i++) {
      CENTERS.add(noise(1));
    }
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      vectors.add(vector());
    }
    exact = new ExactVectors(VectorIndex.typed(vectors));
    graph = GraphVectors.build(exact);
  }

  private static float[] noise(double spread) {
    float[] vector = new float[DIMENSIONS];
    for (int i = 0; i < DIMENSIONS; i++) {
      vector[i] = (float) (spread * RANDOM.nextGaussian());
    }
    return vector;
  }

  /// Near one of the centers, as descriptions gather around topics.
  private static float[] vector() {
    float[] center = CENTERS.get(RANDOM.nextInt(CENTERS.size()));
    float[] vector = noise(0.6);
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

  private static BitSet every(int nth) {
    BitSet bits = new BitSet();
    for (int i = 0; i < SIZE; i++) {
      bits.set(i, i % nth == 0);
    }
    return bits;
  }

  private static Set<Integer> docs(List<Scored> found) {
    return found.stream().map(Scored::doc).collect(Collectors.toSet());
  }

  @Test
  void theGraphAgreesWithTheScan() {
    BitSet most = new BitSet();
    most.set(0, SIZE);
    for (int i = 0; i < SIZE; i += 3) {
      most.clear(i);
    }
    int same = 0;
    int total = 0;
    for (int round = 0; round < 40; round++) {
      float[] query = vector();
      List<Scored> wanted = exact.nearest(query, WANTED, most);
      List<Scored> found = graph.nearest(query, WANTED, most);
      assertEquals(WANTED, found.size());
      assertTrue(found.stream().allMatch(s -> most.get(s.doc())), "nothing that is not permitted");
      Set<Scored> common = new HashSet<>(found);
      common.retainAll(new HashSet<>(wanted)); // same document and same score
      same += common.size();
      total += wanted.size();
    }
    assertTrue(same >= 0.97 * total, same + " of " + total);
  }

  @Test
  void aNarrowPermissionIsScannedAndExact() {
    BitSet few = every(100);
    for (int round = 0; round < 10; round++) {
      float[] query = vector();
      assertEquals(exact.nearest(query, 10, few), graph.nearest(query, 10, few));
      assertTrue(docs(graph.nearest(query, 50, few)).stream().allMatch(few::get));
      assertEquals(SIZE / 100, graph.nearest(query, 50, few).size());
    }
  }

  @Test
  void theScanReturnsTheBestInOrder() {
    BitSet all = every(1);
    float[] query = vector();
    List<Scored> ranked = exact.nearest(query, SIZE, all);
    assertEquals(SIZE, ranked.size());
    assertEquals(ranked.subList(0, 10), exact.nearest(query, 10, all));
    List<Scored> sorted = new ArrayList<>(ranked);
    sorted.sort(Scored.BEST_FIRST);
    assertEquals(sorted, ranked);
    assertEquals(List.of(), exact.nearest(query, 10, new BitSet()));
  }

  @Test
  void smallSetsAreScanned() {
    assertInstanceOf(ExactVectors.class, VectorIndex.of(List.of(vector(), vector())));
  }
}
