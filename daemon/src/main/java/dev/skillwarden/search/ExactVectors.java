package dev.skillwarden.search;

import io.github.jbellis.jvector.vector.VectorUtil;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.util.BitSet;
import java.util.List;

/// Looks at every permitted vector.
final class ExactVectors implements VectorIndex {
  private final List<VectorFloat<?>> vectors;

  ExactVectors(List<VectorFloat<?>> vectors) {
    this.vectors = List.copyOf(vectors);
  }

  List<VectorFloat<?>> vectors() {
    return vectors;
  }

  @Override
  public ArmScores scores(float[] query, int count, BitSet permitted) {
    VectorFloat<?> wanted = Vectorization.types().createFloatVector(query);
    ArmScores.Best best = new ArmScores.Best(count);
    ArmScores.Moments moments = new ArmScores.Moments();
    for (int doc = permitted.nextSetBit(0); doc >= 0; doc = permitted.nextSetBit(doc + 1)) {
      float score = VectorUtil.dotProduct(wanted, vectors.get(doc));
      best.add(doc, score);
      moments.add(score);
    }
    return new ArmScores(
        best.sorted(),
        moments.mean(),
        moments.deviation(),
        doc -> VectorUtil.dotProduct(wanted, vectors.get(doc)));
  }

  @Override
  public void close() {
    // Only memory.
  }
}
