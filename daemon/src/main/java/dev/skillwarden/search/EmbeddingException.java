package dev.skillwarden.search;

/// A model did not turn a text into a vector. Search goes on lexically.
public final class EmbeddingException extends Exception {
  private static final long serialVersionUID = 1L;

  public EmbeddingException(String message) {
    super(message);
  }

  public EmbeddingException(String message, Throwable cause) {
    super(message, cause);
  }
}
