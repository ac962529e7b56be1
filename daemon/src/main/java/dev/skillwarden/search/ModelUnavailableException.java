package dev.skillwarden.search;

/// The embedding model cannot be loaded on this machine. Search stays lexical until it can.
public final class ModelUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public ModelUnavailableException(String message) {
    super(message);
  }

  public ModelUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
