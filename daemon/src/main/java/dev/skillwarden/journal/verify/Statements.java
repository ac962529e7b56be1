package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.Sha256;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks what records say of the journal itself: keys, MACs, checkpoints, files, losses,
/// deletions.
final class Statements {
  /// What was read of the file before.
  ///
  /// @param exact whether its records were all read without a finding
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record FileSummary(long from, long to, long count, byte[] lastHash, boolean exact) {}

  private final Findings findings;
  private final DeviceKeys keys;
  private final Ratchet ratchet;
  private final RecentHashes recent = new RecentHashes();
  private final boolean directory;

  private final Map<String, String> stubs = new HashMap<>();
  private final Map<String, Stub> stubContents = new HashMap<>();
  private final Set<String> files = new HashSet<>();
  private final Set<String> named = new HashSet<>();

  private @Nullable FileSummary before;
  private boolean segmentDue;
  private long fileFrom;
  private long fileCount;
  private long fileTo;
  private byte[] fileHash = new byte[0];
  private long findingsAtFile;

  private boolean enrolled;
  private boolean macSeen;
  private long macs;
  private long wrongMacs;
  private long unknownMacs;
  private long notes;
  private long checkpoints;

  /// Number of the last record that is no checkpoint itself.
  private long lastToSign = -1;

  private long signedSize;
  private long lostNumbers;

  Statements(Findings findings, VerifyOptions options, boolean directory) {
    this.findings = findings;
    this.directory = directory;
    this.ratchet = new Ratchet();
    this.keys = new DeviceKeys(options, ratchet);
  }

  // ---------------------------------------------------------------- files

  void knows(String fileName) {
    files.add(fileName);
  }

  void knowsStub(String fileName, byte[] bytes, Optional<Stub> stub) {
    stubs.put(fileName, Sha256.of(bytes));
    stub.ifPresent(s -> stubContents.put(fileName, s));
  }

  void fileBegins() {
    if (fileCount > 0) {
      before =
          new FileSummary(
              fileFrom, fileTo, fileCount, fileHash, findings.total() == findingsAtFile);
    }
    segmentDue = before != null;
    fileFrom = 0;
    fileCount = 0;
    findingsAtFile = findings.total();
  }

  void stubPassed(Stub stub, byte[] lastHash) {
    before = new FileSummary(stub.first(), stub.last(), stub.records(), lastHash, true);
    fileCount = 0;
  }

  /// Takes over the keys of records that are not here.
  void keysBefore(Stub stub, boolean genesisWanted) throws MalformedException {
    for (String line : stub.keys()) {
      RecordLine.Chained keyRecord = Stub.keyRecord(line);
      switch (keyRecord.kind()) {
        case JournalFormat.Kinds.ENROLL -> enroll(keyRecord, Place.START);
        case JournalFormat.Kinds.KEY_ROTATION -> rotate(keyRecord, Place.START, true);
        default -> throw new MalformedException("has a `" + keyRecord.kind() + "` in `keys`");
      }
    }
    if (genesisWanted && !enrolled) {
      throw new MalformedException("has no enroll record in `keys`");
    }
  }

  /// The note of a stub or sidecar. Call when the keys of its time are in use.
  void noteOutside(String text, long from, long to) throws MalformedException {
    if (text.isEmpty()) {
      return; // a later checkpoint covers it, by the hash of its last record
    }
    notes++;
    checkNote(Note.parse(text), to + 1, from);
  }

  // ---------------------------------------------------------------- records

  /// @param right whether no other finding is about this record's hash
  /// @param follows whether it is known to follow the record before; if not, its number is not
  ///   certain, and the ratchet is not turned to it
  void says(RecordLine.Chained line, Place place, boolean right, boolean follows) {
    if (!line.kind().equals(JournalFormat.Kinds.CHECKPOINT)) {
      lastToSign = Math.max(lastToSign, line.seq());
    }
    if (right && line.kind().equals(JournalFormat.Kinds.LOST)) {
      saidAgain(line, place);
    }
    checkMac(line, place, right, follows);
    boolean wasDue = segmentDue;
    if (!line.kind().equals(JournalFormat.Kinds.LOST)) {
      segmentDue = false;
    }
    switch (line.kind()) {
      case JournalFormat.Kinds.ENROLL -> enrolled(line, place, right);
      case JournalFormat.Kinds.KEY_ROTATION -> rotate(line, place, right);
      case JournalFormat.Kinds.CHECKPOINT -> checkpoint(line, place, right);
      case JournalFormat.Kinds.SEGMENT -> {
        if (right) {
          segment(line, place, wasDue, follows);
        }
      }
      case JournalFormat.Kinds.RETENTION -> {
        if (right) {
          retention(line, place);
        }
      }
      default -> {}
    }
    if (wasDue && !segmentDue && !line.kind().equals(JournalFormat.Kinds.SEGMENT)) {
      findings.add(
          Kind.SEGMENT, place, line.seq(), 1, "the file does not begin with a segment record");
    }
    count(line);
  }

  private void count(RecordLine.Chained line) {
    if (fileCount == 0) {
      fileFrom = line.seq();
    }
    fileCount++;
    fileTo = line.seq();
    fileHash = line.hash();
  }

  private void checkMac(RecordLine.Chained line, Place place, boolean right, boolean follows) {
    byte[] mac = line.mac();
    switch (keys.mode()) {
      case UNKNOWN -> macSeen |= mac != null;
      case OFF -> {
        if (mac != null) {
          wrongMacs++;
          findings.add(Kind.MAC, place, line.seq(), 1, "carries a MAC while the ratchet is off");
        }
      }
      case ON -> {
        macSeen = true;
        if (mac == null) {
          findings.add(
              Kind.MAC_MISSING, place, line.seq(), 1, "carries no MAC while the ratchet is on");
          return;
        }
        if (!right || !follows) {
          unknownMacs++; // it has a finding already
          return;
        }
        switch (ratchet.check(line.seq(), line.hash(), mac)) {
          case RIGHT -> macs++;
          case UNKNOWN -> unknownMacs++;
          case WRONG -> {
            wrongMacs++;
            findings.add(
                Kind.MAC,
                place,
                line.seq(),
                1,
                "its MAC is not of the key of its number: not written by the journal's writer,"
                    + " or changed");
          }
        }
      }
    }
  }

  private void enrolled(RecordLine.Chained line, Place place, boolean right) {
    if (enrolled) {
      keys.lessTrust(DeviceKeys.Trust.REFUSED);
      findings.add(
          Kind.GENESIS,
          place,
          line.seq(),
          1,
          "a second genesis: whoever wrote it need not have had the journal's key");
      return;
    }
    try {
      enroll(line, place);
    } catch (MalformedException e) {
      findings.add(Kind.GENESIS, place, line.seq(), 1, "the genesis " + e.what());
    }
    if (!right) {
      keys.genesisChanged();
    }
  }

  private void enroll(RecordLine.Chained line, Place place) throws MalformedException {
    if (enrolled) {
      throw new MalformedException("has a second enroll record in `keys`");
    }
    enrolled = true;
    try {
      keys.enroll(line.facts(), line.seq(), !macSeen);
    } catch (DeviceKeys.WrongKeyException e) {
      findings.add(Kind.KEY, place, line.seq(), 1, String.valueOf(e.getMessage()));
    }
  }

  /// @param right otherwise the record has its finding already
  private void rotate(RecordLine.Chained line, Place place, boolean right) {
    try {
      keys.rotate(line.facts(), line.seq(), !macSeen);
    } catch (MalformedException e) {
      keys.lessTrust(DeviceKeys.Trust.DOUBTFUL);
      if (right) {
        findings.add(Kind.ROTATION, place, line.seq(), 1, "the key rotation " + e.what());
      }
    } catch (DeviceKeys.WrongKeyException e) {
      findings.add(Kind.KEY, place, line.seq(), 1, String.valueOf(e.getMessage()));
    }
  }

  /// A record of keys was among what was lost, and is said again. Its signatures hold without the
  /// records around it.
  private void saidAgain(RecordLine.Chained line, Place place) {
    try {
      String again = line.facts().optional(JournalFormat.Facts.KEY_RECORD);
      if (again.isEmpty()) {
        return;
      }
      RecordLine.Chained record = Stub.keyRecord(again);
      if (record.seq() < line.facts().number(JournalFormat.Facts.FROM)
          || record.seq() > line.facts().number(JournalFormat.Facts.TO)
          || !record.kind().equals(JournalFormat.Kinds.KEY_ROTATION)) {
        throw new MalformedException("is no rotation among the lost records");
      }
      keys.rotate(record.facts(), record.seq(), false);
    } catch (MalformedException e) {
      findings.add(Kind.ROTATION, place, line.seq(), 1, "the key rotation said again " + e.what());
    } catch (DeviceKeys.WrongKeyException e) {
      findings.add(Kind.KEY, place, line.seq(), 1, String.valueOf(e.getMessage()));
    }
  }

  /// @param right otherwise the record has its finding already
  private void checkpoint(RecordLine.Chained line, Place place, boolean right) {
    notes++;
    if (!right) {
      return;
    }
    try {
      checkNote(Note.parse(line.facts().text(JournalFormat.Facts.NOTE)), line.seq(), 1);
    } catch (MalformedException e) {
      findings.add(Kind.CHECKPOINT, place, line.seq(), 1, "the checkpoint " + e.what());
    }
  }

  /// @param limit number of the first record it cannot be about
  /// @param from number of the first record it can be about
  private void checkNote(Note note, long limit, long from) throws MalformedException {
    if (!keys.origin().isEmpty() && !note.origin().equals(keys.origin())) {
      throw new MalformedException(
          "is of `%s`; this journal is `%s`".formatted(note.origin(), keys.origin()));
    }
    long about = note.size() - 1;
    if (about < Math.max(0, from - 1) || about >= limit) {
      throw new MalformedException(
          "has size %d; %d to %d are possible here"
              .formatted(note.size(), Math.max(1, from), limit));
    }
    DeviceKeys.InUse inUse = keys.at(about);
    Optional<Ed25519.Verifier> key = inUse.key();
    if (key.isEmpty() || inUse.trust() == DeviceKeys.Trust.REFUSED) {
      return; // has its finding already, at the record that brought the key, or at the end
    }
    if (!note.signedBy(key.get())) {
      if (inUse.trust() == DeviceKeys.Trust.FULL) {
        throw new MalformedException("is not signed by the key in use, " + key.get().id());
      }
      return;
    }
    byte[] hash = recent.get(about);
    if (hash == null) {
      return; // about a record before the first one here, or one that is missing
    }
    if (!MessageDigest.isEqual(hash, note.root())) {
      throw new MalformedException(
          "has another root than record %d here: that one or those before it were changed"
              .formatted(about));
    }
    checkpoints++;
    signedSize = Math.max(signedSize, note.size());
  }

  private void segment(RecordLine.Chained line, Place place, boolean due, boolean follows) {
    try {
      Facts facts = line.facts();
      long from = facts.number(JournalFormat.Facts.FROM);
      long to = facts.number(JournalFormat.Facts.TO);
      long count = facts.number(JournalFormat.Facts.COUNT);
      byte[] hash = facts.hash(JournalFormat.Facts.LAST_HASH);
      if (directory && !due && fileCount > 0) {
        throw new MalformedException("is not the first record of its file");
      }
      FileSummary file = before;
      if (directory && follows && file != null && file.exact()) {
        if (from != file.from() || to != file.to() || count != file.count()) {
          throw new MalformedException(
              "says the file before holds %d records, %d to %d; it holds %d, %d to %d"
                  .formatted(count, from, to, file.count(), file.from(), file.to()));
        }
        if (!Arrays.equals(hash, file.lastHash())) {
          throw new MalformedException("has another hash than the last record of the file before");
        }
      }
      byte[] known = recent.get(to);
      if (follows && known != null && !Arrays.equals(hash, known)) {
        throw new MalformedException("has another hash than record " + to + " here");
      }
    } catch (MalformedException e) {
      findings.add(Kind.SEGMENT, place, line.seq(), 1, "the segment record " + e.what());
    }
  }

  /// A record that declares a loss.
  ///
  /// @param expected number that was to come
  void lost(RecordLine.Chained line, Place place, long expected, byte @Nullable [] previous) {
    long seq = expected;
    long count = Math.max(1, line.seq() - expected);
    String text;
    try {
      Facts facts = line.facts();
      long from = facts.number(JournalFormat.Facts.FROM);
      long to = facts.number(JournalFormat.Facts.TO);
      boolean fits =
          from == expected
              && to == line.seq() - 1
              && facts.number(JournalFormat.Facts.COUNT) == to - from + 1
              && facts.number(JournalFormat.Facts.AFTER) == expected - 1
              && (previous == null
                  || Arrays.equals(previous, facts.hash(JournalFormat.Facts.AFTER_HASH)));
      text =
          "numbers %d to %d were lost, says the journal itself (%s)%s"
              .formatted(
                  from,
                  to,
                  facts.text(JournalFormat.Facts.WHY),
                  fits
                      ? ""
                      : ", but what is here ends with %d, and that is not what it says"
                          .formatted(expected - 1));
    } catch (MalformedException e) {
      text = "a journal-lost record that " + e.what();
    }
    lostNumbers += line.seq() - expected;
    findings.add(Kind.LOST, place, seq, count, text);
  }

  private void retention(RecordLine.Chained line, Place place) {
    if (!directory) {
      return;
    }
    try {
      Facts facts = line.facts();
      String file = facts.text(JournalFormat.Facts.FILE);
      String stub = stubs.get(file);
      if (stub == null) {
        if (!files.contains(file)) {
          long from = facts.number(JournalFormat.Facts.FROM);
          long to = facts.number(JournalFormat.Facts.TO);
          String missing =
              "numbers %d to %d were in %s, which was deleted, and its stub is not here"
                  .formatted(from, to, file);
          if (!findings.missingIsRetention(from, to, missing)) {
            findings.add(Kind.RETENTION, place, line.seq(), 1, missing);
          }
        }
        return; // else the file was still to be deleted
      }
      named.add(file);
      if (!stub.equals(facts.text(JournalFormat.Facts.STUB_HASH))) {
        throw new MalformedException("names another SHA-256 for the stub of " + file);
      }
      checkStubFacts(facts, stubContents.get(file));
    } catch (MalformedException e) {
      findings.add(Kind.RETENTION, place, line.seq(), 1, "the retention record " + e.what());
    }
  }

  private static void checkStubFacts(Facts facts, @Nullable Stub stub) throws MalformedException {
    if (stub != null
        && (stub.first() != facts.number(JournalFormat.Facts.FROM)
            || stub.last() != facts.number(JournalFormat.Facts.TO)
            || stub.records() != facts.number(JournalFormat.Facts.COUNT)
            || !stub.facts()
                .text(JournalFormat.Facts.LAST_HASH)
                .equals(facts.text(JournalFormat.Facts.LAST_HASH)))) {
      throw new MalformedException("says something else than the stub it names");
    }
  }

  // ---------------------------------------------------------------- results

  /// Whether a retention record that is here names this stub.
  boolean isNamed(String fileName) {
    return named.contains(fileName);
  }

  RecentHashes recent() {
    return recent;
  }

  DeviceKeys keys() {
    return keys;
  }

  Ratchet ratchet() {
    return ratchet;
  }

  long notes() {
    return notes;
  }

  long macs() {
    return macs;
  }

  long checkpoints() {
    return checkpoints;
  }

  long lastToSign() {
    return lastToSign;
  }

  long signedSize() {
    return signedSize;
  }

  long lostNumbers() {
    return lostNumbers;
  }

  Verdict.Ratchet ratchetVerdict(VerifyOptions options) {
    if (wrongMacs > 0) {
      return Verdict.Ratchet.WRONG;
    }
    if (macs > 0) {
      return unknownMacs == 0 ? Verdict.Ratchet.VERIFIED : Verdict.Ratchet.PARTLY;
    }
    if (!keys.sealedSeen()) {
      return keys.mode() == DeviceKeys.RatchetMode.UNKNOWN
          ? Verdict.Ratchet.UNKNOWN
          : Verdict.Ratchet.OFF;
    }
    if (options.escrow().isEmpty() && options.firstKey().isEmpty()) {
      return Verdict.Ratchet.NO_KEY;
    }
    return keys.opened() ? Verdict.Ratchet.VERIFIED : Verdict.Ratchet.KEY_UNUSABLE;
  }
}
