package dev.skillwarden.gate;

import java.time.Instant;
import java.util.Optional;

/// Which entries of the journal somebody asks for.
///
/// @param since none before this instant
/// @param denied only what was denied
/// @param everybody not only of the caller's own account
/// @param before only entries with a lower number: where the page before ended
/// @param limit most entries of the page, 1 to [#MAX_LIMIT]
public record RecordQuery(
    Optional<Instant> since, boolean denied, boolean everybody, long before, int limit) {
  public static final int MAX_LIMIT = 1_000;
  public static final int DEFAULT_LIMIT = 100;

  public RecordQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "limit wants 1 to %d, found %d".formatted(MAX_LIMIT, limit));
    }
    if (before < 1) {
      throw new IllegalArgumentException("before wants the number of an entry, found " + before);
    }
  }
}
