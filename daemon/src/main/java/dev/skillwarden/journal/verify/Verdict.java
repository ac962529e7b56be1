package dev.skillwarden.journal.verify;

import java.util.List;
import java.util.Optional;

/// What a verification found.
///
/// @param path what was verified
/// @param files files read
/// @param records chained records read, those with findings included
/// @param unchained records of version 1, which have no hash
/// @param first number of the first chained record here, 0 when there is none
/// @param last highest number here
/// @param device id in the newest `enroll` or `key-rotation`, empty when none is known
/// @param keyId id of the newest device key that was accepted
/// @param macs MACs that were right
/// @param checkpoints signatures that were right and whose root is the journal's
/// @param unsignedTail records after the last one that a good checkpoint covers, up to the last
///   that is no checkpoint itself
/// @param lost numbers that the journal declares lost
/// @param stubs deleted files whose stub is here
/// @param clockBack how often a record has an earlier time than the one before; no fault
/// @param findings the first 1,000, in the order of the journal
/// @param findingCount of all
/// @param notChecked one sentence each: what this verification could not see
public record Verdict(
    String path,
    int files,
    long records,
    long unchained,
    long first,
    long last,
    String device,
    String install,
    String keyId,
    Ratchet ratchet,
    long macs,
    long checkpoints,
    long unsignedTail,
    long lost,
    int stubs,
    long clockBack,
    List<Finding> findings,
    long findingCount,
    List<String> notChecked) {
  public Verdict {
    findings = List.copyOf(findings);
    notChecked = List.copyOf(notChecked);
  }

  /// What is known of the MACs.
  public enum Ratchet {
    VERIFIED("verified"),
    PARTLY("verified in part: not every ratchet key is known"),
    WRONG("wrong: see the findings"),
    NO_KEY("not checked: no escrow key given"),
    KEY_UNUSABLE("not checked: the key given opens none of this journal's"),
    OFF("off: chain and checkpoints only"),
    UNKNOWN("not checked: the journal's first record is not here");

    private final String text;

    Ratchet(String text) {
      this.text = text;
    }

    /// For people.
    public String text() {
      return text;
    }
  }

  public boolean sound() {
    return findingCount == 0;
  }

  /// The first bad position.
  public Optional<Finding> firstFinding() {
    return findings.stream().findFirst();
  }
}
