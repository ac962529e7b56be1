package dev.skillwarden.journal.verify;

import java.util.Locale;

/// One thing that is wrong with a journal.
///
/// @param file name of the file it was found in
/// @param place where in that file
/// @param seq number of the first record concerned, 0 when none can be said
/// @param records how many records in a row are concerned, at least 1
/// @param message for people, one sentence
public record Finding(Kind kind, String file, Place place, long seq, long records, String message) {

  /// What is wrong. Names are written to JSON: never rename.
  public enum Kind {
    /// A file has no bytes, or an export no record.
    EMPTY,
    /// Bytes that should be a record are none.
    UNREADABLE,
    /// A stretch was never written or was zeroed, and records follow.
    HOLE,
    /// Numbers that no record has, and that nothing declares lost.
    MISSING,
    /// A number that was there already.
    DUPLICATE,
    /// A record stands after one with a higher number.
    ORDER,
    /// The stored hash is not that of the bytes and the record before.
    HASH,
    /// The MAC is not that of the ratchet key of this number.
    MAC,
    /// The ratchet is on, and the record carries no MAC.
    MAC_MISSING,
    /// A checkpoint is malformed, wrongly signed, or its root is not the journal's.
    CHECKPOINT,
    /// Nothing is signed, or no key is known to check it with.
    UNSIGNED,
    /// Records of version 1 after, or instead of, chained ones.
    UNCHAINED,
    /// More records existed than are here.
    TAIL,
    /// `chain.state` of a directory, or the sidecar of an export, is missing, damaged or disagrees.
    STATE,
    /// The journal itself declares that numbers are lost.
    LOST,
    /// The stub of a deleted file is missing, altered, or does not cover what it should.
    RETENTION,
    /// The key given is not the journal's.
    KEY,
    /// A key rotation is not signed by both keys, or does not replace the key in use.
    ROTATION,
    /// A second genesis, or one that does not say what it must.
    GENESIS,
    /// A file does not begin with what it should say about the one before.
    SEGMENT;

    /// As in JSON and in texts: `mac-missing`.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// @param line whether it counts lines, from 1, instead of bytes, from 0
  public record Place(long number, boolean line) {
    static final Place START = new Place(0, false);

    static Place ofByte(long position) {
      return new Place(position, false);
    }

    static Place ofLine(long line) {
      return new Place(line, true);
    }

    @Override
    public String toString() {
      return (line ? "line " : "byte ") + number;
    }
  }
}
