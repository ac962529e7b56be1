package dev.skillwarden.daemon;

import java.util.Optional;

/// A daemon runs in this home already.
public final class AlreadyRunningException extends Exception {
  private static final long serialVersionUID = 1L;

  AlreadyRunningException(Home home, Optional<RunFile> who) {
    super(
        "a daemon already runs in %s%s; stop it with: skillwarden stop --home %s"
            .formatted(
                home,
                who.map(w ->
                        ": process %d, port %d, since %s".formatted(w.pid(), w.port(), w.started()))
                    .orElse(""),
                home));
  }
}
