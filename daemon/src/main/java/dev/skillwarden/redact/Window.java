package dev.skillwarden.redact;

import java.util.List;
import java.util.function.IntFunction;

/// The text that is searched, and how much work may go into it. For one thread.
///
/// Work is counted and not timed, so that the same text gives the same result on a busy machine. A
/// unit is what takes some 30 ns on a machine of 2026, measured over texts of many kinds (17 to 78
/// ns): a place where a rule is asked, a character that a pattern matches, a word. Going over the
/// text itself takes 2 ns a character and is not counted. 8 KiB have 2,838 units, some 100 µs, and
/// at most 200; of 500 texts of 8 KiB made of everyday commands none took more than 639, and no
/// single command a ninth of what it may.
final class Window {
  /// Work of asking a rule.
  static final int TRY = 1;

  /// Work of trying a pattern, whatever it looks at.
  static final int PATTERN = 16;

  /// Characters that are read without a pattern for one unit.
  static final int PLAIN_CHARACTERS = 8;

  /// Work for any text.
  private static final int UNITS = 1_200;

  /// Characters for which there is one more unit.
  private static final int CHARACTERS_PER_UNIT = 5;

  private final String text;
  private int left;
  private int wordsFrom = -1;
  private List<CommandRule.Word> words = List.of();

  Window(String text) {
    this.text = text;
    this.left = UNITS + text.length() / CHARACTERS_PER_UNIT;
  }

  String text() {
    return text;
  }

  int length() {
    return text.length();
  }

  /// Counts work.
  ///
  /// @return whether some was left
  boolean spend(int units) {
    left -= units;
    return left >= 0;
  }

  /// One past the last of so many characters.
  int end(int from, int most) {
    return Math.min(text.length(), from + most);
  }

  /// The words behind a program, for which several rules ask.
  List<CommandRule.Word> wordsFrom(int from, IntFunction<List<CommandRule.Word>> read) {
    if (wordsFrom != from) {
      words = read.apply(from);
      wordsFrom = from;
    }
    return words;
  }

  /// ASCII letters in lower case, all else as it is.
  static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
  }

  /// Whether a word may begin here: at the beginning, after white space, a quote or what separates
  /// commands.
  boolean beginsWord(int at) {
    return at == 0
        || Character.isWhitespace(text.charAt(at - 1))
        || "\"'`;|&(){}<>=,".indexOf(text.charAt(at - 1)) >= 0;
  }
}
