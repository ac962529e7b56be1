package dev.skillwarden.search;

import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// How the vector libraries run. Both ask on every start for the incubating vector module and
/// complain that it is not there. The scan of 5,000 vectors without it is a tenth of a search.
final class Vectorization {
  /// Held here because a logger that nobody holds forgets its level.
  private static final List<Logger> QUIET =
      Stream.of(
              "io.github.jbellis.jvector.vector.VectorizationProvider",
              "org.apache.lucene.internal.vectorization.VectorizationProvider",
              "org.apache.lucene.internal.vectorization.PanamaVectorizationProvider")
          .map(Logger::getLogger)
          .toList();

  private static final VectorTypeSupport TYPES;

  static {
    QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
    TYPES = VectorizationProvider.getInstance().getVectorTypeSupport();
  }

  private Vectorization() {}

  /// Makes vectors that the vector index can score.
  static VectorTypeSupport types() {
    return TYPES;
  }
}
