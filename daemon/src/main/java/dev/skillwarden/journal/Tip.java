package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat.Facts;
import dev.skillwarden.keys.SignedNote;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;

/// The end of the chain at some moment: what a checkpoint signs.
///
/// @param size number of the last record and one
/// @param root its hash
record Tip(long size, byte[] root, Identity identity) {
  /// The record of a signed checkpoint, see docs/journal.md.
  ///
  /// @param why one word
  JournalEntry entry(Instant time, String why, String account) {
    return JournalEntry.of(time, "c" + size, JournalEntry.Kind.CHECKPOINT, account)
        .facts(Map.of(Facts.NOTE, checkpoint(time, why)))
        .build();
  }

  private String checkpoint(Instant time, String why) {
    String origin = identity.origin();
    String text =
        "%s\n%d\n%s\ntime %s\nwhy %s\n"
            .formatted(
                origin,
                size,
                Base64.getEncoder().encodeToString(root),
                time.truncatedTo(ChronoUnit.MILLIS),
                why);
    try {
      return SignedNote.sign(text, origin, identity.key(), identity.publicKey().key()).toString();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the device key was used before and does not sign now", e);
    }
  }
}
