package dev.skillwarden.search;

import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Vectors of the skills and the nearest of them to a query.
sealed interface VectorIndex extends AutoCloseable permits ExactVectors, GraphVectors {
  /// Up to this many vectors are scanned one by one: exact, ready at once, and fast enough, above
  /// all behind a permission filter.
  int EXACT_UP_TO = 50_000;

  /// @param vectors of unit length, one a document, in document order
  static VectorIndex of(List<float[]> vectors) {
    ExactVectors exact = new ExactVectors(typed(vectors));
    return vectors.size() <= EXACT_UP_TO ? exact : GraphVectors.build(exact);
  }

  static List<VectorFloat<?>> typed(List<float[]> vectors) {
    List<VectorFloat<?>> typed = new ArrayList<>(vectors.size());
    for (float[] vector : vectors) {
      typed.add(Vectorization.types().createFloatVector(vector));
    }
    return typed;
  }

  /// Cosines of the permitted documents.
  ///
  /// @param query of unit length
  /// @param count how many of the nearest are candidates
  /// @param permitted numbers of documents that have a vector
  ArmScores scores(float[] query, int count, BitSet permitted);

  @Override
  void close();
}
