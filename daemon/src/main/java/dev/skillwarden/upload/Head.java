package dev.skillwarden.upload;

import dev.skillwarden.otlp.Identity;
import java.io.IOException;

/// Asks a witness.
interface Head {
  /// The witness's newest note on a journal.
  ///
  /// @throws DisagreementException when the witness has another history than it signed before
  /// @throws IOException when there is none to be had now
  String of(Identity identity) throws IOException, InterruptedException;

  /// The witness does not sign: what it sees now contradicts what it signed.
  final class DisagreementException extends IOException {
    private static final long serialVersionUID = 1L;

    DisagreementException(String message) {
      super(message);
    }
  }
}
