package dev.skillwarden.journal.verify;

import java.io.IOException;
import java.io.Serial;

/// There is no journal and no export at the path given.
public final class NothingToVerifyException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  NothingToVerifyException(String message) {
    super(message);
  }
}
