package dev.skillwarden.upload;

import dev.skillwarden.otlp.Identity;
import java.io.IOException;

/// Asks a witness.
interface Head {
  /// The witness's newest note on a journal.
  ///
  /// @throws IOException when there is none to be had now
  String of(Identity identity) throws IOException, InterruptedException;
}
