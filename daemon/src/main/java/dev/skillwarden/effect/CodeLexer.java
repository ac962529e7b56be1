package dev.skillwarden.effect;

import dev.skillwarden.effect.CodeToken.Kind;
import dev.skillwarden.effect.CodeToken.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Cuts inline code into names, texts and signs: comments are gone, texts are data. Reads every
/// character once, but for the code inside texts, which is read once more per level.
final class CodeLexer {
  private static final String CLOSERS = "])}";

  private final String text;
  private final CodeDialect dialect;
  private final List<CodeToken> tokens = new ArrayList<>();
  private final List<String> documents = new ArrayList<>();
  private int at;
  private int noPatternBefore;

  private CodeLexer(String text, CodeDialect dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  static List<CodeToken> tokens(String text, CodeDialect dialect) {
    CodeLexer lexer = new CodeLexer(text, dialect);
    while (lexer.at < text.length()) {
      lexer.next();
    }
    return lexer.tokens;
  }

  private void add(Kind kind, String value) {
    tokens.add(CodeToken.of(kind, value));
  }

  private char at(int index) {
    return index < text.length() ? text.charAt(index) : '\0';
  }

  private void next() {
    char c = text.charAt(at);
    int block = dialect.blockEnd(text, at);
    if (c == '\n' || c == ';') {
      at++;
      add(Kind.END, ";");
      if (c == '\n') {
        skipDocuments();
      }
    } else if (Character.isWhitespace(c) || (c == '\\' && at(at + 1) == '\n')) {
      at++;
    } else if (dialect == CodeDialect.LUA && luaBrackets(text.startsWith("--", at) ? 2 : 0)) {
      return; // a long text or comment
    } else if (block >= 0) {
      at = block;
    } else if (dialect.comments(text, at)) {
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end;
    } else if (Character.isLetter(c) || c == '_' || sigil(c)) {
      name();
    } else if (Character.isDigit(c)) {
      int start = at;
      while (Character.isLetterOrDigit(at(at)) || at(at) == '_') {
        at++;
      }
      add(Kind.NUMBER, text.substring(start, at));
    } else if (c == '"' || c == '\'' || c == '`') {
      quoted(c, "");
    } else if (c == '%' && dialect == CodeDialect.RUBY && percent()) {
      return;
    } else if (c == '/' && patternHere()) {
      add(Kind.PATTERN, "");
    } else if (c == '<' && document()) {
      return;
    } else {
      sign();
    }
  }

  private boolean sigil(char c) {
    boolean perl = dialect == CodeDialect.PERL && (c == '@' || c == '%');
    boolean starts = Character.isLetter(at(at + 1)) || at(at + 1) == '_' || at(at + 1) == '{';
    boolean value = tokens.isEmpty() || !isValue(tokens.getLast());
    return (c == '$' && dialect.sigils() && starts)
        || (perl && starts && value)
        || (c == '$' && dialect == CodeDialect.PERL && "_0!@&".indexOf(at(at + 1)) >= 0)
        || (c == '@' && dialect == CodeDialect.RUBY && starts);
  }

  private static boolean isValue(CodeToken token) {
    return switch (token.kind()) {
      case NAME -> !KEYWORDS.contains(token.text());
      case NUMBER, TEXT, SHELL, PATTERN -> true;
      case SIGN -> token.text().length() == 1 && CLOSERS.indexOf(token.text().charAt(0)) >= 0;
      case END -> false;
    };
  }

  /// Words after which a value begins.
  private static final Set<String> KEYWORDS =
      Set.of(
          "return", "in", "and", "or", "not", "if", "unless", "while", "until", "when", "case",
          "print", "puts", "split", "grep", "map", "else", "do", "typeof", "await", "of");

  private void name() {
    int start = at;
    if (sigil(at(at))) {
      at++;
      if (at(at) == '{') {
        at++; // `${name}`; the brace at its end is passed below
        int from = at;
        while (isName(at(at))) {
          at++;
        }
        String name = text.substring(from, at);
        at += at(at) == '}' ? 1 : 0;
        add(Kind.NAME, "$" + name);
        return;
      }
      if (!isName(at(at))) {
        at++;
      }
    }
    while (isName(at(at)) || (dialect == CodeDialect.R && at(at) == '.')) {
      at++;
    }
    if (dialect == CodeDialect.RUBY || dialect == CodeDialect.ELIXIR) {
      boolean mark = (at(at) == '!' || at(at) == '?') && at(at + 1) != '=';
      at += mark ? 1 : 0;
    }
    String name = text.substring(start, at);
    boolean quote = at(at) == '"' || at(at) == '\'';
    if (dialect == CodeDialect.PYTHON && quote && name.matches("(?i)[rbfu]{1,2}")) {
      quoted(at(at), name.toLowerCase(java.util.Locale.ROOT));
    } else if (dialect != CodeDialect.PERL || !perlQuote(name)) {
      add(Kind.NAME, dialect == CodeDialect.PERL ? name.replaceFirst("^[@%]", "\\$") : name);
    }
  }

  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  // ---- texts

  private void quoted(char quote, String prefix) {
    boolean triple =
        (dialect == CodeDialect.PYTHON
                || dialect == CodeDialect.JULIA
                || dialect == CodeDialect.JVM)
            && at(at + 1) == quote
            && at(at + 2) == quote;
    at += triple ? 3 : 1;
    boolean raw = prefix.indexOf('r') >= 0;
    boolean single = quote == '\'' && dialect.rawSingle();
    boolean open =
        switch (dialect) {
          case PYTHON -> prefix.indexOf('f') >= 0;
          case SCRIPT -> quote == '`';
          case PERL, RUBY, PHP, JULIA, JVM, ELIXIR -> quote != '\'';
          case LUA, AWK, APPLE, R -> false;
        };
    String close = String.valueOf(quote).repeat(triple ? 3 : 1);
    List<Part> parts = body(close, '\0', raw, single, open);
    boolean shell = quote == '`' && dialect != CodeDialect.SCRIPT;
    tokens.add(new CodeToken(shell ? Kind.SHELL : Kind.TEXT, "", parts));
  }

  /// Up to the closing text, which is passed.
  private List<Part> body(
      String close, char opener, boolean raw, boolean single, boolean interpolates) {
    List<Part> parts = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (text.startsWith(close, at) && depth == 0) {
        at += close.length();
        break;
      }
      depth += opener != '\0' && c == opener ? 1 : text.startsWith(close, at) ? -1 : 0;
      if (c == '\\' && at + 1 < text.length()) {
        escape(plain, raw, single, close);
      } else if (!interpolates || !expressionAt(parts, plain)) {
        plain.append(c);
        at++;
      }
    }
    parts.add(new Part(plain.toString(), false));
    return parts;
  }

  private void escape(StringBuilder plain, boolean raw, boolean single, String close) {
    char next = at(at + 1);
    at += 2;
    if (raw || (single && next != '\\' && close.indexOf(next) < 0)) {
      plain.append('\\').append(next);
      return;
    }
    switch (next) {
      case 'n' -> plain.append('\n');
      case 't' -> plain.append('\t');
      case 'r' -> plain.append('\r');
      case '\n' -> {}
      case 'x' -> number(plain, 16, 2);
      case 'u' -> number(plain, 16, 4);
      case 'U' -> number(plain, 16, 8);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        at--;
        // Lua counts in tens.
        number(plain, dialect == CodeDialect.LUA ? 10 : 8, 3);
      }
      default -> plain.append(next);
    }
  }

  private void number(StringBuilder plain, int radix, int digits) {
    boolean braces = at(at) == '{';
    at += braces ? 1 : 0;
    int value = 0;
    int count = 0;
    while (Character.digit(at(at), radix) >= 0 && count < (braces ? 8 : digits)) {
      value = value * radix + Character.digit(at(at), radix);
      at++;
      count++;
    }
    at += braces && at(at) == '}' ? 1 : 0;
    plain.append(Character.isValidCodePoint(value) ? Character.toString(value) : "?");
  }

  /// `{x}`, `${x}`, `#{x}` or `$x` inside a text.
  private boolean expressionAt(List<Part> parts, StringBuilder plain) {
    char c = text.charAt(at);
    int brace =
        switch (dialect) {
          case PYTHON -> c == '{' ? at : -1;
          case RUBY, ELIXIR -> c == '#' && at(at + 1) == '{' ? at + 1 : -1;
          case PHP -> c == '{' && at(at + 1) == '$' ? at : braceAfterDollar(c);
          case JULIA -> c == '$' && at(at + 1) == '(' ? at + 1 : -1;
          case SCRIPT, JVM, PERL -> braceAfterDollar(c);
          case LUA, AWK, APPLE, R -> -1;
        };
    if (dialect == CodeDialect.PYTHON && c == '{' && at(at + 1) == '{') {
      plain.append('{');
      at += 2;
      return true;
    }
    int end;
    String code;
    if (brace >= 0) {
      end = balanced(brace);
      code = text.substring(brace + 1, Math.max(brace + 1, end - 1));
      code = dialect == CodeDialect.PERL ? "$" + code : code;
    } else if (c == '$' && isName(at(at + 1)) && dialect != CodeDialect.SCRIPT) {
      end = at + 1;
      while (isName(at(end))) {
        end++;
      }
      if (dialect == CodeDialect.PERL && at(end) == '{') {
        end = balanced(end); // `$ENV{HOME}`
      }
      code = text.substring(dialect.sigils() ? at : at + 1, end);
    } else {
      return false;
    }
    parts.add(new Part(plain.toString(), false));
    plain.setLength(0);
    parts.add(new Part(code, true));
    at = end;
    return true;
  }

  private int braceAfterDollar(char c) {
    return c == '$' && at(at + 1) == '{' ? at + 1 : -1;
  }

  private static final int LONGEST_EXPRESSION = 500;

  /// Index after the bracket that closes the one at `open`, bounded.
  private int balanced(int open) {
    char opener = text.charAt(open);
    char closer = opener == '(' ? ')' : '}';
    int depth = 0;
    int last = Math.min(text.length(), open + LONGEST_EXPRESSION);
    for (int i = open; i < last; i++) {
      depth += text.charAt(i) == opener ? 1 : text.charAt(i) == closer ? -1 : 0;
      if (depth == 0) {
        return i + 1;
      }
    }
    return last;
  }

  /// `q{…}`, `qq{…}`, `qw(…)`, `qx{…}`, `m/…/`, `s/…/…/`, `tr/…/…/`.
  private boolean perlQuote(String name) {
    if (!Set.of("q", "qq", "qw", "qx", "m", "s", "tr", "y", "qr").contains(name)) {
      return false;
    }
    char open = at(at);
    boolean arrow = text.startsWith("=>", at);
    if (Character.isWhitespace(open) || isName(open) || ",;=)}\0".indexOf(open) >= 0 || arrow) {
      return false;
    }
    at++;
    List<Part> parts = delimited(open, name.equals("q") || name.equals("qw"));
    switch (name) {
      case "q", "qq" -> tokens.add(new CodeToken(Kind.TEXT, "", parts));
      case "qx" -> tokens.add(new CodeToken(Kind.SHELL, "", parts));
      case "qw" -> words(parts);
      case "m", "qr" -> add(Kind.PATTERN, "");
      default -> {
        if (CLOSING.containsKey(open)) {
          while (Character.isWhitespace(at(at))) {
            at++;
          }
          at++;
        }
        delimited(open, true);
        add(Kind.PATTERN, "");
      }
    }
    return true;
  }

  private static final java.util.Map<Character, Character> CLOSING =
      java.util.Map.of('{', '}', '(', ')', '[', ']', '<', '>');

  private List<Part> delimited(char open, boolean single) {
    char close = CLOSING.getOrDefault(open, open);
    return body(String.valueOf(close), close == open ? '\0' : open, false, single, !single);
  }

  private void words(List<Part> parts) {
    add(Kind.SIGN, "[");
    for (String word : parts.getFirst().text().strip().split("\\s+", 500)) {
      tokens.add(new CodeToken(Kind.TEXT, "", List.of(new Part(word, false))));
      add(Kind.SIGN, ",");
    }
    add(Kind.SIGN, "]");
  }

  /// Ruby's `%w[…]`, `%q(…)`, `%x{…}`.
  private boolean percent() {
    boolean value = !tokens.isEmpty() && isValue(tokens.getLast());
    int open = Character.isLetter(at(at + 1)) ? at + 2 : at + 1;
    char kind = open == at + 2 ? at(at + 1) : 'Q';
    if (value || "wWqQxi".indexOf(kind) < 0 || !CLOSING.containsKey(at(open))) {
      return false;
    }
    at = open + 1;
    List<Part> parts = delimited(at(open), kind == 'q' || kind == 'w');
    switch (kind) {
      case 'w', 'W', 'i' -> words(parts);
      case 'x' -> tokens.add(new CodeToken(Kind.SHELL, "", parts));
      default -> tokens.add(new CodeToken(Kind.TEXT, "", parts));
    }
    return true;
  }

  /// A regular expression stands where a value may begin and ends on its line.
  private boolean patternHere() {
    boolean value = !tokens.isEmpty() && isValue(tokens.getLast());
    if (!dialect.patterns() || value || at < noPatternBefore) {
      return false;
    }
    for (int i = at + 1; i < text.length() && text.charAt(i) != '\n'; i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '/') {
        at = i + 1;
        return true;
      }
    }
    int line = text.indexOf('\n', at);
    noPatternBefore = line < 0 ? text.length() : line;
    return false;
  }

  /// Lua's `[[…]]`, also after `--`, where it is a comment.
  private boolean luaBrackets(int skip) {
    int open = at + skip;
    if (at(open) != '[') {
      return false;
    }
    int level = open + 1;
    while (at(level) == '=') {
      level++;
    }
    if (at(level) != '[') {
      return false;
    }
    String close = "]" + "=".repeat(level - open - 1) + "]";
    int end = text.indexOf(close, level + 1);
    int last = end < 0 ? text.length() : end;
    if (skip == 0) {
      String inside = text.substring(level + 1, last);
      tokens.add(new CodeToken(Kind.TEXT, "", List.of(new Part(inside, false))));
    }
    at = Math.min(text.length(), last + close.length());
    return true;
  }

  /// `<<EOT`: the text stands below the line.
  private boolean document() {
    boolean has =
        dialect == CodeDialect.PERL || dialect == CodeDialect.RUBY || dialect == CodeDialect.PHP;
    int i = at;
    while (at(i) == '<' && i < at + 3) {
      i++;
    }
    if (!has || i - at < 2) {
      return false;
    }
    while (at(i) == '~' || at(i) == '-') {
      i++;
    }
    boolean quoted = at(i) == '"' || at(i) == '\'';
    i += quoted ? 1 : 0;
    int start = i;
    while (isName(at(i))) {
      i++;
    }
    if (i == start || Character.isDigit(at(start))) {
      return false;
    }
    documents.add(text.substring(start, i));
    at = i + (quoted ? 1 : 0);
    tokens.add(new CodeToken(Kind.TEXT, "", List.of(new Part("", true)))); // not followed
    return true;
  }

  private void skipDocuments() {
    while (!documents.isEmpty()) {
      String end = documents.removeFirst();
      while (at < text.length()) {
        int line = text.indexOf('\n', at);
        String content = text.substring(at, line < 0 ? text.length() : line).strip();
        at = line < 0 ? text.length() : line + 1;
        if (content.equals(end) || content.equals(end + ";")) {
          break;
        }
      }
    }
  }

  private static final List<String> LONG_SIGNS =
      List.of(
          "===", "!==", "**=", "...", "=>", "->", "::", "==", "!=", "<=", ">=", "&&", "||", "??",
          "?.", "+=", "-=", ".=", "..", "//", "**", ":=", "|>", "=~", "++", "--", "<<", ">>");

  private void sign() {
    for (String sign : LONG_SIGNS) {
      if (text.startsWith(sign, at)) {
        at += sign.length();
        add(Kind.SIGN, sign);
        return;
      }
    }
    add(Kind.SIGN, String.valueOf(text.charAt(at)));
    at++;
  }
}
