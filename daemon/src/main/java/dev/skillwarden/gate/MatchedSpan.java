package dev.skillwarden.gate;

import dev.skillwarden.journal.JournalEntry.Span;

/// Where in a command stands what a rule was about. A decision tells it as text, with white space
/// folded and its end cut off, and of a command inside of another as it is run; so the place is
/// sought, and what is not found as a whole is sought by its longest word.
final class MatchedSpan {
  private static final String CUT = "…";

  /// Shortest word that says anything.
  private static final int SHORTEST = 4;

  private MatchedSpan() {}

  /// The first place of the span in the command.
  ///
  /// @param span as the decision has it, empty for none
  static Span of(String command, String span) {
    String[] words =
        (span.endsWith(CUT) ? span.substring(0, span.length() - CUT.length()) : span)
            .strip()
            .split("\\s+", -1);
    if (words[0].isEmpty()) {
      return Span.NONE;
    }
    for (int at = command.indexOf(words[0]); at >= 0; at = command.indexOf(words[0], at + 1)) {
      int end = end(command, at, words);
      if (end >= 0) {
        return new Span(at, end);
      }
    }
    return longestWord(command, words);
  }

  /// One past the last word, when all of them stand here one after the other.
  private static int end(String command, int start, String[] words) {
    int at = start;
    for (String word : words) {
      while (at < command.length() && at > start && Character.isWhitespace(command.charAt(at))) {
        at++;
      }
      if (!command.startsWith(word, at)) {
        return -1;
      }
      at += word.length();
    }
    return at;
  }

  private static Span longestWord(String command, String[] words) {
    Span found = Span.NONE;
    int longest = SHORTEST - 1;
    for (String word : words) {
      int at = word.length() > longest ? command.indexOf(word) : -1;
      if (at >= 0) {
        longest = word.length();
        found = new Span(at, at + word.length());
      }
    }
    return found;
  }
}
