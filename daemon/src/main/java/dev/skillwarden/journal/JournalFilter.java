package dev.skillwarden.journal;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Which entries are wanted.
///
/// @param since none before this instant
/// @param deniedOnly only what was denied, see [#isDenied]
/// @param accounts only of these accounts, empty for all
/// @param routine whether what the journal writes for its own sake is wanted too
public record JournalFilter(
    Optional<Instant> since, boolean deniedOnly, Set<String> accounts, boolean routine) {
  /// Session of the daemon's own probes and of `claude verify`: nobody's call, judged and not run.
  public static final String PROBE_SESSION = "skillwarden-probe";

  /// Every record.
  public static final JournalFilter ALL =
      new JournalFilter(Optional.empty(), false, Set.of(), true);

  private static final Set<JournalEntry.Kind> ROUTINE =
      EnumSet.of(
          JournalEntry.Kind.ENROLL,
          JournalEntry.Kind.CHECKPOINT,
          JournalEntry.Kind.SEGMENT,
          JournalEntry.Kind.RECEIPT);

  public JournalFilter {
    accounts = Set.copyOf(accounts);
  }

  /// @param account only of this account, empty for all
  public JournalFilter(
      Optional<Instant> since, boolean deniedOnly, String account, boolean routine) {
    this(since, deniedOnly, account.isEmpty() ? Set.<String>of() : Set.of(account), routine);
  }

  /// Whether it is left out of what is counted, too.
  boolean passesOver(JournalEntry entry) {
    return !routine && ROUTINE.contains(entry.kind());
  }

  boolean wants(JournalEntry entry) {
    return since.map(instant -> !entry.time().isBefore(instant)).orElse(true)
        && (!deniedOnly || isDenied(entry))
        && (accounts.isEmpty() || accounts.contains(entry.account()));
  }

  /// Whether the entry tells of something that was not permitted: a `deny`, or an error code, which
  /// is upper case.
  public static boolean isDenied(JournalEntry entry) {
    String decision = entry.decision();
    return decision.equals("deny")
        || (!decision.isEmpty() && Character.isUpperCase(decision.charAt(0)));
  }
}
