package dev.skillwarden.journal;

import java.io.IOException;

/// Another process, or another part of this one, appends to the journal. The message says who and
/// what to do.
public final class JournalInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  JournalInUseException(String message) {
    super(message);
  }
}
