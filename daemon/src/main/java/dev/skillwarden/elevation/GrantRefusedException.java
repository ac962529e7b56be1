package dev.skillwarden.elevation;

import java.util.Locale;

/// A grant is not taken. The message says why and what to do.
public final class GrantRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Journalled in lower case with hyphens: never rename.
  public enum Code {
    /// No signed note, or nobody who may sign signed it.
    SIGNATURE,
    /// Signed, but not a grant as it should be.
    MALFORMED,
    /// For another machine.
    DEVICE,
    EXPIRED,
    /// Taken before.
    REPLAYED,
    /// From before the time at which what was taken was lost.
    TOO_OLD,
    /// Too many are held.
    FULL,
    /// It had to be uploaded first, and was not.
    UPLOAD,
    /// Only signed ones are taken.
    UNSIGNED;

    /// As in the journal.
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Code code;

  public GrantRefusedException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
