package dev.skillwarden.sync;

/// What a remote offers is not taken. The message says what was found and what is wanted.
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Shown in status and journalled: never rename.
  public enum Code {
    /// The pointer is too old, wrongly signed, for something else, or malformed.
    POINTER,
    /// The catalog file of the commit is no catalog.
    CATALOG
  }

  private final Code code;

  RefusedException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
