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
      List<Scored> wanted = exact.scores(query, WANTED, most).best();
      List<Scored> found = graph.scores(query, WANTED, most).best();
      assertEquals(WANTED, found.size());
      assertTrue(found.stream().allMatch(s -> most.get(s.doc())), "nothing that is not permitted");
      Set<Scored> common = new HashSet<>(found);
      common.retainAll(new HashSet<>(wanted)); // same document and same score
      same += common.size();
      total += wanted.size();
    }
    assertTrue(same >= 0.97 * total, same + " of " + total);
  }

  /// The scale of the graph's scores comes from a sample.
  @Test
  void meanAndDeviationAreThoseOfTheScan() {
    BitSet all = new BitSet();
    all.set(0, SIZE);
    float[] query = vector();
    ArmScores wanted = exact.scores(query, 1, all);
    ArmScores found = graph.scores(query, 1, all);
    assertEquals(wanted.mean(), found.mean(), 0.01);
    assertEquals(wanted.deviation(), found.deviation(), 0.01);
    assertEquals(
        wanted.standard(wanted.best().getFirst().doc()),
        found.standard(wanted.best().getFirst().doc()),
        0.05);
  }

  @Test
  void aNarrowPermissionIsScannedAndExact() {
    BitSet few = every(100);
    for (int round = 0; round < 10; round++) {
      float[] query = vector();
      assertEquals(exact.scores(query, 10, few).best(), graph.scores(query, 10, few).best());
      assertTrue(docs(graph.scores(query, 50, few).best()).stream().allMatch(few::get));
      assertEquals(SIZE / 100, graph.scores(query, 50, few).best().size());
    }
  }

  @Test
  void theScanReturnsTheBestInOrder() {
    BitSet all = every(1);
    float[] query = vector();
    List<Scored> ranked = exact.scores(query, SIZE, all).best();
    assertEquals(SIZE, ranked.size());
    assertEquals(ranked.subList(0, 10), exact.scores(query, 10, all).best());
    List<Scored> sorted = new ArrayList<>(ranked);
    sorted.sort(Scored.BEST_FIRST);
    assertEquals(sorted, ranked);
    assertEquals(List.of(), exact.scores(query, 10, new BitSet()).best());
  }

  @Test
  void smallSetsAreScanned() {
    assertInstanceOf(ExactVectors.class, VectorIndex.of(List.of(vector(), vector())));
  }
}
