package dev.skillwarden.search;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult.NodeScore;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorUtil;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/// Walks a neighbour graph. Approximate: it may miss a neighbour, it never returns one that is not
/// permitted. Where few documents are permitted it scans those instead, which is faster and exact.
final class GraphVectors implements VectorIndex {
  private static final int DEGREE = 16;
  private static final int BUILD_BEAM = 100;
  private static final float NEIGHBOUR_OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;

  /// Candidates looked at for each one wanted; with fewer the recall drops below .95.
  private static final int OVER_QUERY = 4;

  /// Documents that stand for all in mean and deviation.
  private static final int SAMPLE = 4_000;

  /// The graph is walked only when at least one document in this many is permitted.
  private static final int SELECTIVE = 2;

  private final ExactVectors exact;
  private final ListRandomAccessVectorValues values;
  private final GraphIndexBuilder builder;
  private final ImmutableGraphIndex graph;

  private GraphVectors(
      ExactVectors exact, ListRandomAccessVectorValues values, GraphIndexBuilder builder) {
    this.exact = exact;
    this.values = values;
    this.builder = builder;
    this.graph = builder.getGraph();
  }

  /// Builds on the calling thread and one helper; minutes for 100,000 vectors.
  static GraphVectors build(ExactVectors exact) {
    List<VectorFloat<?>> vectors = exact.vectors();
    int dimensions = vectors.getFirst().length();
    ListRandomAccessVectorValues values = new ListRandomAccessVectorValues(vectors, dimensions);
    try (ForkJoinPool one = new ForkJoinPool(1)) {
      GraphIndexBuilder builder =
          GraphIndexBuilder.builder(
                  BuildScoreProvider.randomAccessScoreProvider(
                      values, VectorSimilarityFunction.DOT_PRODUCT),
                  dimensions,
                  DEGREE)
              .withBeamWidth(BUILD_BEAM)
              .withNeighborOverflow(NEIGHBOUR_OVERFLOW)
              .withAlpha(ALPHA)
              .withSimdExecutor(one)
              .withParallelExecutor(one)
              .build();
      for (int doc = 0; doc < vectors.size(); doc++) {
        builder.addGraphNode(doc, vectors.get(doc));
      }
      builder.cleanup();
      return new GraphVectors(exact, values, builder);
    }
  }

  @Override
  public ArmScores scores(float[] query, int count, BitSet permitted) {
    int size = permitted.cardinality();
    if (size < exact.vectors().size() / SELECTIVE) {
      return exact.scores(query, count, permitted);
    }
    ArmScores sampled = exact.scores(query, 0, sample(permitted, size));
    return new ArmScores(
        nearest(query, count, permitted), sampled.mean(), sampled.deviation(), sampled.score());
  }

  /// Mean and deviation of all are those of some thousand, evenly chosen, to a percent or two.
  private static BitSet sample(BitSet permitted, int size) {
    int step = Math.max(1, size / SAMPLE);
    BitSet sample = new BitSet(permitted.length());
    int nth = 0;
    for (int doc = permitted.nextSetBit(0); doc >= 0; doc = permitted.nextSetBit(doc + 1)) {
      sample.set(doc, nth++ % step == 0);
    }
    return sample;
  }

  private List<Scored> nearest(float[] query, int count, BitSet permitted) {
    VectorFloat<?> wanted = Vectorization.types().createFloatVector(query);
    List<Scored> nearest = new ArrayList<>();
    try (GraphSearcher searcher = new GraphSearcher(graph)) {
      for (NodeScore node :
          searcher
              .search(
                  DefaultSearchScoreProvider.exact(
                      wanted, VectorSimilarityFunction.DOT_PRODUCT, values),
                  count,
                  count * OVER_QUERY,
                  0f,
                  0f,
                  permitted::get)
              .getNodes()) {
        // The graph's own score is scaled; report the cosine as the scan does.
        nearest.add(
            new Scored(node.node, VectorUtil.dotProduct(wanted, exact.vectors().get(node.node))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the vector graph is in memory and must be readable", e);
    }
    nearest.sort(Scored.BEST_FIRST);
    return nearest;
  }

  @Override
  public void close() {
    try {
      builder.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the vector graph is in memory and must close", e);
    }
  }
}
