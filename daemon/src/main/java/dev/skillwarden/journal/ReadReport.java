package dev.skillwarden.journal;

import java.util.List;

/// What a reading of the journal came to.
///
/// @param entries entries read, wanted or not
/// @param unreadable records that are no entry this version understands
/// @param missing sequence numbers that are absent between the first and the last entry read
/// @param problems the first of what is wrong, for people, at most [#MAX_PROBLEMS]
public record ReadReport(long entries, long unreadable, long missing, List<String> problems) {
  public static final int MAX_PROBLEMS = 20;

  public ReadReport {
    problems = List.copyOf(problems);
  }

  /// Whether everything was there and understood.
  public boolean clean() {
    return unreadable == 0 && missing == 0 && problems.isEmpty();
  }
}
