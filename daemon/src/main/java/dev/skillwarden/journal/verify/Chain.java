package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import dev.skillwarden.text.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Follows numbers and hashes from record to record, and hands what a record says to those who
/// check it. After damage it goes on from the stored hash of the next readable record, so that one
/// fault is one finding.
final class Chain {
  private static final int PROGRESS_EVERY = 8192;
  private static final int MOST_GAPS = 16;
  private static final byte[] ZEROS = new byte[JournalFormat.HASH_BYTES];

  /// What the reader of a file is to do.
  enum Reply {
    TAKEN,
    /// It looks wrong; a record that was just being written looks like that. Nothing was taken.
    READ_AGAIN,
    /// It is no record, and its length need not be right.
    UNREADABLE
  }

  /// Damage that the next readable record will tell the extent of.
  private record Pending(
      Kind kind, String file, Place place, String what, long records, boolean open) {}

  /// Numbers that were missing when a higher one came.
  private record Gap(long from, long to, byte @Nullable [] before, int finding) {}

  /// A record that stands where another number was to come: perhaps only its number was changed.
  ///
  /// @param number that was to come
  /// @param stored hash of the record
  /// @param finding about it
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Suspect(long number, byte[] stored, int finding) {}

  private final MessageDigest sha256 = Sha256.start();

  /// Stands for a number while none is known.
  static final long NONE = -1;

  private final Findings findings;
  private final Statements statements;
  private final Progress progress;
  private final List<Gap> gaps = new ArrayList<>();

  private long expected = NONE;
  private byte @Nullable [] previous;
  private byte @Nullable [] otherwise;
  private @Nullable Pending pending;
  private @Nullable Suspect suspect;

  private long records;
  private long unchained;
  private Optional<Place> firstUnchained = Optional.empty();
  private String fileOfUnchained = "";
  private long first = NONE;
  private long last;
  private String lastTime = "";
  private long clockBack;

  Chain(Findings findings, Statements statements, Progress progress) {
    this.findings = findings;
    this.statements = statements;
    this.progress = progress;
  }

  /// Goes on after records that are not here.
  ///
  /// @param before hash of the record before the next one
  void continueAt(long next, byte[] before) {
    expected = next;
    previous = before;
    otherwise = null;
    statements.recent().put(next - 1, before);
  }

  /// Number of the next record, [#NONE] while none is known.
  long expected() {
    return expected;
  }

  byte @Nullable [] previous() {
    return previous;
  }

  /// Something that is no record; what it cost is known when the next one comes.
  void damage(Kind kind, Place place, String what) {
    Pending before = pending;
    boolean unreadable = kind == Kind.UNREADABLE;
    if (before == null) {
      pending = new Pending(kind, findings.file(), place, what, unreadable ? 1 : 0, !unreadable);
    } else {
      pending =
          new Pending(
              before.kind(),
              before.file(),
              before.place(),
              before.what(),
              before.records() + (unreadable ? 1 : 0),
              before.open() || !unreadable);
    }
  }

  /// @param again whether the reader can read it again
  Reply record(Place place, byte[] buffer, int from, int length, boolean again) {
    return switch (RecordLine.parse(buffer, from, length)) {
      case RecordLine.Chained line -> chained(line, place, again);
      case RecordLine.Unchained line -> unchained(place);
      case RecordLine.Bad bad -> {
        if (again) {
          yield Reply.READ_AGAIN;
        }
        damage(Kind.UNREADABLE, place, "a record that " + bad.what());
        yield Reply.UNREADABLE;
      }
    };
  }

  private Reply unchained(Place place) {
    if (firstUnchained.isEmpty()) {
      firstUnchained = Optional.of(place);
      fileOfUnchained = findings.file();
    }
    unchained++;
    told();
    if (records > 0 || !statements.keys().device().isEmpty()) {
      flush(expected);
      findings.add(
          Kind.UNCHAINED,
          place,
          expected,
          1,
          "a record of version 1 after chained ones: it has no hash and may be of anybody");
    } else {
      expected = NONE; // the genesis is still to come, whatever its number
      previous = null;
    }
    return Reply.TAKEN;
  }

  private Reply chained(RecordLine.Chained line, Place place, boolean again) {
    if (onlyNumberChanged(line)) {
      accept(line, place, true, true, null);
      return Reply.TAKEN;
    }
    if (expected != NONE && line.seq() < expected) {
      late(line, place);
      return Reply.TAKEN;
    }
    boolean genesis = line.kind().equals(JournalFormat.Kinds.ENROLL) && records == 0;
    if (expected == NONE && genesis) {
      flush(line.seq());
      expected = line.seq();
      previous = ZEROS;
    }
    if (line.seq() != expected || pending != null) {
      jump(line, place);
      return Reply.TAKEN;
    }
    byte[] before = previous;
    byte[] computed = before == null ? line.hash() : line.hashAfter(before, sha256);
    boolean right = Arrays.equals(computed, line.hash()) || matchesOtherwise(line);
    if (!right && again) {
      return Reply.READ_AGAIN;
    }
    if (!right) {
      findings.add(
          Kind.HASH,
          place,
          line.seq(),
          1,
          "its hash is not that of its bytes and the record before: one of them was changed");
    }
    accept(line, place, right, right, right ? null : computed);
    return Reply.TAKEN;
  }

  /// Whether this record goes on as if the one before had the number that was to come.
  private boolean onlyNumberChanged(RecordLine.Chained line) {
    Suspect before = suspect;
    suspect = null;
    if (before == null
        || pending != null
        || line.seq() != before.number() + 1
        || !Arrays.equals(line.hashAfter(before.stored(), sha256), line.hash())) {
      return false;
    }
    findings.replace(
        before.finding(), Kind.HASH, before.number(), "its number, or more of it, was changed");
    gaps.removeIf(gap -> gap.finding() == before.finding());
    return true;
  }

  /// When only the stored hash of the record before was changed, that one has the finding already.
  private boolean matchesOtherwise(RecordLine.Chained line) {
    byte[] other = otherwise;
    return other != null && Arrays.equals(line.hashAfter(other, sha256), line.hash());
  }

  /// A record that does not follow: numbers are missing before it, or damage is.
  private void jump(RecordLine.Chained line, Place place) {
    long from = expected == NONE ? damagedFrom(line.seq()) : expected;
    long explained = flush(line.seq(), from);
    boolean continues = previous != null && pendingNone(explained, from, line.seq());
    if (line.kind().equals(JournalFormat.Kinds.LOST) && expected != NONE) {
      statements.lost(line, place, expected, previous);
      accept(line, place, true, lossFollows(line, place), null);
      return;
    }
    if (expected == NONE && records == 0) {
      begin(line, place, from, explained);
    } else if (from + explained < line.seq()) {
      missing(line, place, from + explained);
    } else if (continues) {
      checkAfterDamage(line, place);
      return;
    }
    accept(line, place, true, false, null);
  }

  private static boolean pendingNone(long explained, long from, long seq) {
    return explained == 0 && from == seq;
  }

  /// The first number that damage before all readable records may have had.
  private long damagedFrom(long seq) {
    Pending damaged = pending;
    if (damaged == null) {
      return seq;
    }
    return damaged.open() ? 0 : Math.max(0, seq - damaged.records());
  }

  /// Damage without a number missing: the record after it must still follow the one before.
  private void checkAfterDamage(RecordLine.Chained line, Place place) {
    byte[] before = previous;
    boolean right = before == null || Arrays.equals(line.hashAfter(before, sha256), line.hash());
    if (!right) {
      findings.add(Kind.HASH, place, line.seq(), 1, "does not follow the record before the damage");
    }
    accept(line, place, right, right, null);
  }

  private boolean lossFollows(RecordLine.Chained line, Place place) {
    byte[] before = previous;
    boolean follows = before != null && Arrays.equals(line.hashAfter(before, sha256), line.hash());
    if (before != null && !follows) {
      findings.add(
          Kind.HASH,
          place,
          line.seq(),
          1,
          "declares a loss, but its hash does not follow the last record before it");
    }
    return follows;
  }

  private void begin(RecordLine.Chained line, Place place, long from, long explained) {
    if (from + explained < line.seq() || explained == 0) {
      findings.add(
          Kind.MISSING,
          place,
          0,
          Math.max(1, line.seq()),
          unchained > 0 || line.seq() == 0
              ? "the first chained record is no genesis (enroll): what came before it is not here"
              : "begins with number %d; 0 to %d are not here, and no stub covers them"
                  .formatted(line.seq(), line.seq() - 1));
    }
  }

  private void missing(RecordLine.Chained line, Place place, long from) {
    byte[] before = previous;
    boolean goesOn = before != null && Arrays.equals(line.hashAfter(before, sha256), line.hash());
    long to = line.seq() - 1;
    int finding =
        findings.add(
            Kind.MISSING,
            place,
            from,
            line.seq() - from,
            (from == to
                    ? "number %d is missing".formatted(from)
                    : "numbers %d to %d are missing".formatted(from, to))
                + (goesOn ? ", though the hashes go on: its writer left them out" : ""));
    if (gaps.size() < MOST_GAPS) {
      gaps.add(new Gap(from, to, before, finding));
    }
    suspect = new Suspect(from, line.hash(), finding);
  }

  /// A number that was passed already: the chain stays where it is.
  private void late(RecordLine.Chained line, Place place) {
    flush(expected);
    records++;
    told();
    for (Gap gap : gaps) {
      if (gap.from() <= line.seq() && line.seq() <= gap.to()) {
        fill(gap, line, place);
        return;
      }
    }
    byte[] known = statements.recent().get(line.seq());
    String fork = known == null || Arrays.equals(known, line.hash()) ? "" : ", and says otherwise";
    int finding =
        findings.add(
            Kind.DUPLICATE,
            place,
            line.seq(),
            1,
            "number %d is here a second time%s".formatted(line.seq(), fork));
    suspect = new Suspect(expected, line.hash(), finding);
  }

  private void fill(Gap gap, RecordLine.Chained line, Place place) {
    findings.replace(
        gap.finding(),
        Kind.ORDER,
        gap.from(),
        "number %d stands in the place of %d, which comes after it"
            .formatted(gap.to() + 1, gap.from()));
    byte[] before = gap.before();
    if (line.seq() == gap.from()
        && before != null
        && !Arrays.equals(line.hashAfter(before, sha256), line.hash())) {
      findings.add(Kind.HASH, place, line.seq(), 1, "is out of place and was changed as well");
    }
    gaps.remove(gap);
    if (gap.from() < line.seq()) {
      gaps.add(new Gap(gap.from(), line.seq() - 1, gap.before(), gap.finding()));
    }
    if (line.seq() < gap.to()) {
      gaps.add(new Gap(line.seq() + 1, gap.to(), line.hash(), gap.finding()));
    }
    statements.recent().put(line.seq(), line.hash());
    statements.says(line, place, false, false);
  }

  /// @param right whether its hash was not found wrong
  /// @param follows whether it was found to follow the record before
  private void accept(
      RecordLine.Chained line,
      Place place,
      boolean right,
      boolean follows,
      byte @Nullable [] computed) {
    if (first == NONE) {
      first = line.seq();
    }
    if (line.time().compareTo(lastTime) < 0) {
      clockBack++;
    }
    lastTime = line.time();
    last = line.seq();
    expected = line.seq() + 1;
    previous = line.hash();
    otherwise = computed;
    statements.recent().put(line.seq(), line.hash());
    statements.says(line, place, right, follows);
    records++;
    told();
  }

  private void told() {
    if ((records + unchained) % PROGRESS_EVERY == 0) {
      progress.reached(records + unchained);
    }
  }

  /// Tells pending damage that no record follows.
  void flush(long seq) {
    flush(seq, seq);
  }

  /// Tells pending damage, now that the next number is known.
  ///
  /// @return how many of the numbers between it explains
  private long flush(long seq, long from) {
    Pending damaged = pending;
    if (damaged == null) {
      return 0;
    }
    pending = null;
    long between = Math.max(0, seq - from);
    long explained = damaged.open() ? between : Math.min(between, damaged.records());
    String cost =
        explained == 0
            ? ""
            : explained == 1
                ? " (number %d)".formatted(from)
                : " (numbers %d to %d)".formatted(from, from + explained - 1);
    findings.add(
        new Finding(
            damaged.kind(),
            damaged.file(),
            damaged.place(),
            from,
            Math.max(1, explained),
            damaged.what() + cost));
    return explained;
  }

  /// How many numbers from the next one on pending damage at the end may have held.
  long endDamage() {
    Pending damaged = pending;
    flush(Math.max(0, expected));
    return damaged == null ? 0 : Math.max(1, damaged.records());
  }

  void onlyUnchained() {
    if (records == 0 && unchained > 0) {
      findings.first(
          new Finding(
              Kind.UNCHAINED,
              fileOfUnchained,
              firstUnchained.orElse(Place.START),
              0,
              unchained,
              "all records are of version 1: nothing is chained or signed"));
    }
  }

  long records() {
    return records;
  }

  long unchained() {
    return unchained;
  }

  long first() {
    return Math.max(0, first);
  }

  long last() {
    return last;
  }

  long clockBack() {
    return clockBack;
  }
}
