package dev.skillwarden.search;

/// Turns text into a vector of unit length. Safe for use by several threads.
public interface EmbeddingModel extends AutoCloseable {
  /// Names the model and everything that shapes its vectors; two models with the same id give the
  /// same vector for the same text.
  String id();

  /// @return a new array of unit length, always of the same size for one model
  /// @throws EmbeddingException when the model cannot answer; it may answer the next call
  float[] embed(String text) throws EmbeddingException;

  /// Starts to embed a text, so that the caller can do something else meanwhile. Models that cannot
  /// do that embed it when the vector is asked for.
  default Pending begin(String text) {
    return () -> embed(text);
  }

  /// A vector that may still be in the making.
  interface Pending {
    /// Waits for it; to be called once.
    ///
    /// @throws EmbeddingException as [#embed] does
    float[] vector() throws EmbeddingException;
  }

  @Override
  void close();
}
