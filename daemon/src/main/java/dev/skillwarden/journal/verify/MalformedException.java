package dev.skillwarden.journal.verify;

import java.io.Serial;

/// Something in a journal does not have the form it should have. Becomes a finding.
final class MalformedException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /// @param message continues a sentence that names the thing: `has no ...`
  MalformedException(String message) {
    super(message, null, false, false); // a crafted journal makes many
  }

  String what() {
    return String.valueOf(getMessage());
  }
}
