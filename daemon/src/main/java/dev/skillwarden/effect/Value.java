package dev.skillwarden.effect;

/// What is known of a word: its text, and whether part of it is unknown.
///
/// @param text the text, an unknown part as [#HOLE]
/// @param known whether all of it is known
/// @param taints where parts of it come from
/// @param glob whether unquoted `*`, `?` or `[` stand in it
record Value(String text, boolean known, Taints taints, boolean glob) {
  /// Stands for an unknown part; no file name holds it.
  static final char HOLE = '\uFFFF';

  static Value of(String text) {
    return new Value(text, true, Taints.NONE, false);
  }

  static Value unknown(Taints taints) {
    return new Value(String.valueOf(HOLE), false, taints, false);
  }

  /// Another text of the same origin.
  Value text(String other) {
    return new Value(other, other.indexOf(HOLE) < 0, taints, glob);
  }

  /// What follows the first `count` characters.
  Value from(int count) {
    return text(text.substring(Math.min(count, text.length())));
  }

  Value with(Taints more) {
    return new Value(text, known, taints.plus(more), glob);
  }

  /// Whether nothing at all is known of it.
  boolean blank() {
    return !known && text.chars().allMatch(c -> c == HOLE);
  }
}
