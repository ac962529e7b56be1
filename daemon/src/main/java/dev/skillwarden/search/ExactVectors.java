package dev.skillwarden.search;

import io.github.jbellis.jvector.vector.VectorUtil;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;

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
  public List<Scored> nearest(float[] query, int count, BitSet permitted) {
    VectorFloat<?> wanted = Vectorization.types().createFloatVector(query);
    PriorityQueue<Scored> best = new PriorityQueue<>(Scored.BEST_FIRST.reversed());
    float worst = Float.NEGATIVE_INFINITY;
    for (int doc = permitted.nextSetBit(0);
        doc >= 0 && doc < vectors.size();
        doc = permitted.nextSetBit(doc + 1)) {
      float score = VectorUtil.dotProduct(wanted, vectors.get(doc));
      if (best.size() < count || score > worst) {
        best.add(new Scored(doc, score));
        if (best.size() > count) {
          best.poll();
        }
        worst = best.element().score();
      }
    }
    List<Scored> nearest = new ArrayList<>(best);
    nearest.sort(Scored.BEST_FIRST);
    return nearest;
  }

  @Override
  public void close() {
    // Only memory.
  }
}
