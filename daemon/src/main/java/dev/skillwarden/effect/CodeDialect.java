package dev.skillwarden.effect;

import java.util.Optional;

/// How a language writes comments, texts and names, as far as scanning needs it.
enum CodeDialect {
  PYTHON("#", "", ""),
  SCRIPT("//", "/*", "*/"),
  PERL("#", "", ""),
  RUBY("#", "", ""),
  PHP("//", "/*", "*/"),
  LUA("--", "", ""),
  AWK("#", "", ""),
  APPLE("--", "(*", "*)"),
  R("#", "", ""),
  JULIA("#", "#=", "=#"),
  JVM("//", "/*", "*/"),
  ELIXIR("#", "", "");

  private final String line;
  private final String open;
  private final String close;

  CodeDialect(String line, String open, String close) {
    this.line = line;
    this.open = open;
    this.close = close;
  }

  static Optional<CodeDialect> of(String language) {
    return switch (language) {
      case "python", "pypy", "ipython", "py" -> Optional.of(PYTHON);
      case "node", "nodejs", "bun", "deno", "tsx", "ts-node" -> Optional.of(SCRIPT);
      case "perl" -> Optional.of(PERL);
      case "ruby" -> Optional.of(RUBY);
      case "php" -> Optional.of(PHP);
      case "lua", "luajit" -> Optional.of(LUA);
      case "awk" -> Optional.of(AWK);
      case "osascript" -> Optional.of(APPLE);
      case "rscript" -> Optional.of(R);
      case "julia" -> Optional.of(JULIA);
      case "groovy" -> Optional.of(JVM);
      case "elixir" -> Optional.of(ELIXIR);
      default -> Optional.empty();
    };
  }

  /// Comment to the end of the line.
  boolean comments(String text, int at) {
    if (this == PHP && text.charAt(at) == '#') {
      return true;
    }
    return text.startsWith(line, at) && !(this == PERL && at > 0 && text.charAt(at - 1) == '$');
  }

  /// Index after a comment in brackets that begins here, -1 when none does.
  int blockEnd(String text, int at) {
    if (open.isEmpty() || !text.startsWith(open, at)) {
      return -1;
    }
    int end = text.indexOf(close, at + open.length());
    return end < 0 ? text.length() : end + close.length();
  }

  /// Names of variables begin with a sign.
  boolean sigils() {
    return this == PERL || this == PHP;
  }

  /// Whether `.` joins texts, rather than reaching into an object.
  boolean dotJoins() {
    return this == PERL || this == PHP;
  }

  /// Whether a function may be called without parentheses.
  boolean bareCalls() {
    return this == PERL || this == RUBY || this == ELIXIR || this == PHP;
  }

  /// Whether a backslash stands for itself in a single-quoted text.
  boolean rawSingle() {
    return this == PERL || this == PHP || this == RUBY;
  }

  boolean patterns() {
    return this == SCRIPT || this == PERL || this == RUBY || this == AWK;
  }
}
