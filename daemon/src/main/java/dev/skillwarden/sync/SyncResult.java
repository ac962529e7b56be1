package dev.skillwarden.sync;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// How the last sync went, and what is served after it.
///
/// @param code why it failed: a [dev.skillwarden.repo.FetchException.Code], a
///   [RefusedException.Code], `JOURNAL` or `INTERNAL`; empty unless it failed
/// @param message for people, never with a secret
/// @param commit commit served now, whether this sync or an earlier one brought it; empty if none;
///   with several sources a digest of theirs
/// @param at when the sync ended
/// @param skills number of skills served now
/// @param findings number of findings in the commit served now
/// @param sources how each source is
public record SyncResult(
    Status status,
    String code,
    String message,
    String commit,
    Instant at,
    Duration took,
    int skills,
    int findings,
    List<SourceStatus> sources) {
  public enum Status {
    NEVER,
    OK,
    FAILED
  }

  /// How one source is.
  ///
  /// @param follows what it follows, such as `branch stable`
  /// @param commit what is served of it, empty if nothing
  /// @param committed when that commit was made, [Instant#EPOCH] if unknown
  /// @param reached when the remote last answered as wanted, [Instant#EPOCH] if never
  /// @param code why its last look failed, empty unless it did
  /// @param pointerSeq number of the pointer, 0 without one
  /// @param pointerExpires [Instant#MAX] without one
  /// @param maxAge age of `committed` from which on there is an alarm; zero for never
  /// @param skills number of skills served of it
  /// @param restricted how many of them are not public
  public record SourceStatus(
      String name,
      String follows,
      String commit,
      Instant committed,
      Instant reached,
      String code,
      String message,
      long pointerSeq,
      Instant pointerExpires,
      Duration maxAge,
      int skills,
      int restricted) {
    /// What time alone makes wrong with the source, in words; empty when nothing is.
    public List<String> alarms(Instant now) {
      List<String> alarms = new java.util.ArrayList<>();
      if (pointerExpires.isBefore(now)) {
        alarms.add(
            "source %s: its pointer expired at %s; either nobody signs new ones or somebody holds them back. The last good commit is served"
                .formatted(name, pointerExpires));
      }
      if (!maxAge.isZero()
          && committed.isAfter(Instant.EPOCH)
          && Duration.between(committed, now).compareTo(maxAge) > 0) {
        alarms.add(
            "source %s: its commit is of %s, older than sync.max-age; either nothing was released or somebody holds it back"
                .formatted(name, committed));
      }
      return alarms;
    }
  }

  public SyncResult {
    sources = List.copyOf(sources);
  }

  /// Before the first sync.
  static final SyncResult NONE =
      new SyncResult(
          Status.NEVER,
          "",
          "nothing synced yet",
          "",
          Instant.EPOCH,
          Duration.ZERO,
          0,
          0,
          List.of());

  public boolean ok() {
    return status == Status.OK;
  }

  /// Whether the last look at the source went as wanted.
  public boolean isReached(String source) {
    return sources.stream().anyMatch(s -> s.name().equals(source) && s.code().isEmpty());
  }

  /// Whether something of the source is served.
  public boolean serves(String source) {
    return sources.stream().anyMatch(s -> s.name().equals(source) && !s.commit().isEmpty());
  }
}
