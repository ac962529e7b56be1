package dev.skillwarden.sync;

import java.time.Duration;
import java.time.Instant;

/// How the last sync went, and what is served after it.
///
/// @param code why it failed: a [dev.skillwarden.repo.FetchException.Code], `JOURNAL` or
///   `INTERNAL`; empty unless it failed
/// @param message for people, never with a secret
/// @param commit commit served now, whether this sync or an earlier one brought it; empty if none
/// @param at when the sync ended
/// @param skills number of skills served now
/// @param findings number of findings in the commit served now
public record SyncResult(
    Status status,
    String code,
    String message,
    String commit,
    Instant at,
    Duration took,
    int skills,
    int findings) {
  public enum Status {
    NEVER,
    OK,
    FAILED
  }

  /// Before the first sync.
  static final SyncResult NONE =
      new SyncResult(
          Status.NEVER, "", "nothing synced yet", "", Instant.EPOCH, Duration.ZERO, 0, 0);

  public boolean ok() {
    return status == Status.OK;
  }
}
