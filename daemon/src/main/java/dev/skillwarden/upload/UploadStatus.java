package dev.skillwarden.upload;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the upload is doing, at one moment.
///
/// @param state one word: `idle`, `waiting` (for its interval), `sending`, `retrying`, `refused`
///   (the receiver does not know us), `saving-power`, `not-enrolled`
/// @param acknowledged number of the last record that was answered for good, -1 before the first
/// @param unsent records after it
/// @param unsentBytes of their lines, estimated from those sent before
/// @param covered number of the last record under a receipt, -1 when there is none
/// @param receipt the last receipt in words, empty before the first
/// @param lastSuccess when the receiver last took records
/// @param next when it is tried again, when there is such a time
/// @param problem what went wrong last, empty when the last try went well
/// @param deadLetters files of batches the receiver did not take
/// @param failures tries since the start that did not bring records further
/// @param answers requests since the start by what came of them
/// @param records records since the start that the receiver took
public record UploadStatus(
    String endpoint,
    String state,
    long acknowledged,
    long unsent,
    long unsentBytes,
    long covered,
    String receipt,
    Optional<Instant> lastSuccess,
    Optional<Instant> next,
    String problem,
    long deadLetters,
    long failures,
    Map<String, Long> answers,
    long records,
    List<String> alarms) {
  public UploadStatus {
    answers = Map.copyOf(answers);
    alarms = List.copyOf(alarms);
  }
}
