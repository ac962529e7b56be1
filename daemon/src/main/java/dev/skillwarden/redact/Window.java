package dev.skillwarden.redact;

/// The text that is searched.
record Window(String text) {
  int length() {
    return text.length();
  }

  /// ASCII letters in lower case, all else as it is.
  static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
  }

  /// Whether a keyword, which is in lower case, stands here in any case.
  boolean holds(String keyword, int at) {
    if (at + keyword.length() > text.length()) {
      return false;
    }
    for (int i = 0; i < keyword.length(); i++) {
      if (folded(text.charAt(at + i)) != keyword.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// From a position on, at most so many characters.
  String from(int at, int most) {
    return text.substring(at, Math.min(text.length(), at + most));
  }

  /// Whether a word may begin here: at the beginning, after white space, a quote or what separates
  /// commands.
  boolean beginsWord(int at) {
    return at == 0
        || Character.isWhitespace(text.charAt(at - 1))
        || "\"'`;|&(){}<>=,".indexOf(text.charAt(at - 1)) >= 0;
  }
}
