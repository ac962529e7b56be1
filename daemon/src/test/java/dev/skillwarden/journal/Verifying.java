package dev.skillwarden.journal;

import dev.skillwarden.journal.verify.Finding;
import dev.skillwarden.journal.verify.JournalVerifier;
import dev.skillwarden.journal.verify.Progress;
import dev.skillwarden.journal.verify.Verdict;
import dev.skillwarden.journal.verify.VerifyOptions;
import dev.skillwarden.keys.Hpke;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// What the writer wrote, seen by the verifier, which shares nothing with it.
final class Verifying {
  /// What the verifier may find where the end of a file was destroyed.
  static final Set<Finding.Kind> DESTROYED_END =
      EnumSet.of(
          Finding.Kind.UNREADABLE,
          Finding.Kind.HOLE,
          Finding.Kind.MISSING,
          Finding.Kind.TAIL,
          Finding.Kind.LOST,
          Finding.Kind.UNSIGNED); // only the genesis may be left

  private Verifying() {}

  static Verdict verify(Path journal, Path escrow) throws Exception {
    return JournalVerifier.verify(
        journal,
        new VerifyOptions(
            Optional.empty(),
            Optional.of(Hpke.Opener.parse(Files.readString(escrow))),
            Optional.empty()),
        Progress.NONE);
  }

  static Verdict verify(Path journal) throws Exception {
    return JournalVerifier.verify(journal, VerifyOptions.none(), Progress.NONE);
  }
}
