package dev.skillwarden.effect;

/// What is known of a word: its text, and whether part of it is unknown.
///
/// @param text the text, an unknown part as [#HOLE]
/// @param known whether all of it is known
/// @param dynamic whether an unknown part comes from a network read or from decoding
/// @param glob whether unquoted `*`, `?` or `[` stand in it
record Value(String text, boolean known, boolean dynamic, boolean glob) {
  /// Stands for an unknown part; no file name holds it.
  static final char HOLE = '\uFFFF';

  static Value of(String text) {
    return new Value(text, true, false, false);
  }
}
