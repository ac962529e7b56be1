package dev.skillwarden.effect;

import java.util.List;

/// A piece of inline code.
///
/// @param text of a name, number or sign
/// @param parts of a text, in order
record CodeToken(Kind kind, String text, List<Part> parts) {
  enum Kind {
    NAME,
    NUMBER,
    SIGN,
    /// Text in quotes.
    TEXT,
    /// Text the language runs as a shell command: backticks, `%x{…}`, `qx{…}`.
    SHELL,
    /// A regular expression: its value does not matter.
    PATTERN,
    /// End of a line or statement.
    END
  }

  /// @param expression whether the text is code whose value stands here
  record Part(String text, boolean expression) {}

  static CodeToken of(Kind kind, String text) {
    return new CodeToken(kind, text, List.of());
  }

  boolean is(String sign) {
    return (kind == Kind.SIGN || kind == Kind.NAME) && text.equals(sign);
  }

  boolean isName() {
    return kind == Kind.NAME;
  }
}
