package dev.skillwarden.shell;

import dev.skillwarden.shell.Syntax.Assignment;
import dev.skillwarden.shell.Syntax.Piece;
import dev.skillwarden.shell.Syntax.Redirect;
import dev.skillwarden.shell.Syntax.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Parses PowerShell into the same [Syntax] as bash, as far as it takes to see which commands run
/// with which words. A method call `X.Name(args)` becomes a pipeline from X into a command `.name`,
/// a static one `[T]::Name(args)` a command `[t]::name`; a script block stays one word that begins
/// with `{`. Reads every character once, blocks once more per level.
public final class PowerShellParser {
  private static final Set<String> BRANCHES =
      Set.of(
          "if", "elseif", "else", "while", "until", "do", "for", "switch", "try", "catch",
          "finally", "begin", "process", "end", "trap", "param", "return", "throw", "exit");

  private final String text;
  private int at;
  private int depth;

  private PowerShellParser(String text, int depth) {
    this.text = text;
    this.depth = depth;
  }

  /// @throws ShellSyntaxException when the text does not parse or exceeds the budget
  public static Syntax parse(String text, int depth) throws ShellSyntaxException {
    if (text.length() > ShellParser.MAX_LENGTH) {
      throw new ShellSyntaxException(
          "the command is over %,d characters".formatted(ShellParser.MAX_LENGTH), true);
    }
    PowerShellParser parser = new PowerShellParser(text, depth);
    Syntax result = parser.statements('\0');
    if (!parser.end()) {
      throw new ShellSyntaxException(
          "unexpected '%c' at character %d".formatted(parser.peek(), parser.at), false);
    }
    return result;
  }

  private boolean end() {
    return at >= text.length();
  }

  private char peek() {
    return peek(0);
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
  }

  private boolean looking(String s) {
    return text.startsWith(s, at);
  }

  private void enter() throws ShellSyntaxException {
    if (++depth > ShellParser.MAX_DEPTH) {
      throw new ShellSyntaxException(
          "the command nests deeper than " + ShellParser.MAX_DEPTH, true);
    }
  }

  private void blanks() {
    while (!end()) {
      char c = peek();
      if (c == ' ' || c == '\t' || c == '\r') {
        at++;
      } else if (c == '`' && (peek(1) == '\n' || looking("`\r\n"))) {
        at += peek(1) == '\n' ? 2 : 3;
      } else if (looking("<#")) {
        int close = text.indexOf("#>", at + 2);
        at = close < 0 ? text.length() : close + 2;
      } else if (c == '#') {
        int line = text.indexOf('\n', at);
        at = line < 0 ? text.length() : line;
      } else {
        return;
      }
    }
  }

  private void separators() {
    blanks();
    while (!end() && (peek() == '\n' || peek() == ';' || peek() == ',')) {
      at++;
      blanks();
    }
  }

  private Syntax statements(char close) throws ShellSyntaxException {
    enter();
    List<Syntax> items = new ArrayList<>();
    separators();
    while (!end() && peek() != close) {
      int before = at;
      if (peek() == ')' || peek() == '}') {
        break;
      }
      items.add(statement());
      separators();
      while (looking("&&") || looking("||")) {
        at += 2;
        separators();
      }
      if (at == before) {
        throw new ShellSyntaxException(
            "unexpected '%c' at character %d".formatted(peek(), at), false);
      }
    }
    depth--;
    return new Syntax.Sequence(items);
  }

  private Syntax statement() throws ShellSyntaxException {
    String word = keyword();
    if (word.equals("function") || word.equals("filter")) {
      at += word.length();
      blanks();
      String name = name();
      blanks();
      if (peek() == '(') {
        parenthesis();
        blanks();
      }
      return new Syntax.Function(name.toLowerCase(Locale.ROOT), block());
    }
    if (word.equals("foreach") && afterKeyword(word) == '(') {
      return each(word);
    }
    if (BRANCHES.contains(word)) {
      return branches();
    }
    return pipeline();
  }

  private String keyword() {
    int i = at;
    while (i < text.length() && Character.isLetter(text.charAt(i)) && i - at < 12) {
      i++;
    }
    char next = i < text.length() ? text.charAt(i) : '\0';
    boolean whole = next == '\0' || Character.isWhitespace(next) || "({;})".indexOf(next) >= 0;
    return whole ? text.substring(at, i).toLowerCase(Locale.ROOT) : "";
  }

  private char afterKeyword(String word) {
    int i = at + word.length();
    while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
      i++;
    }
    return i < text.length() ? text.charAt(i) : '\0';
  }

  private String name() {
    int start = at;
    while (!end() && (Character.isLetterOrDigit(peek()) || "_-:.".indexOf(peek()) >= 0)) {
      at++;
    }
    return text.substring(start, at);
  }

  /// `foreach ($x in list) { … }`.
  private Syntax each(String word) throws ShellSyntaxException {
    at += word.length();
    blanks();
    at++;
    blanks();
    at += peek() == '$' ? 1 : 0;
    String variable = name().toLowerCase(Locale.ROOT);
    blanks();
    if (keyword().equals("in")) {
      at += 2;
    }
    List<Word> words = expressions(')');
    separators();
    return new Syntax.For(variable, words, block());
  }

  /// Keywords with conditions and blocks, one after another: all of it may run.
  private Syntax branches() throws ShellSyntaxException {
    List<Syntax> parts = new ArrayList<>();
    List<Word> words = new ArrayList<>();
    boolean repeats = false;
    String word = keyword();
    while (BRANCHES.contains(word)) {
      repeats |= word.equals("while") || word.equals("for") || word.equals("do");
      at += word.length();
      blanks();
      if (peek() == '(') {
        at++;
        parts.add(statements(')'));
        at++;
        separators();
      }
      while (peek() == '[') {
        type();
        blanks();
      }
      if (peek() == '{') {
        parts.add(block());
      } else if (!end() && "\n;})".indexOf(peek()) < 0) {
        parts.add(pipeline());
        break;
      }
      int after = at;
      separators();
      word = keyword();
      boolean continues =
          Set.of("else", "elseif", "catch", "finally", "while", "until", "process", "end")
              .contains(word);
      if (!continues) {
        at = after;
        break;
      }
    }
    return new Syntax.Compound(parts, words, List.of(), false, repeats);
  }

  private Syntax block() throws ShellSyntaxException {
    separators();
    if (peek() != '{' || end()) {
      throw new ShellSyntaxException("'{' is missing at character " + at, false);
    }
    at++;
    Syntax body = statements('}');
    if (end()) {
      throw new ShellSyntaxException("'{' is not closed", false);
    }
    at++;
    return body;
  }

  private Syntax pipeline() throws ShellSyntaxException {
    int start = at;
    List<Syntax> stages = new ArrayList<>();
    stages.add(command());
    blanks();
    while (peek() == '|' && !looking("||")) {
      at++;
      separators();
      stages.add(command());
      blanks();
    }
    boolean background = peek() == '&' && !looking("&&");
    at += background ? 1 : 0;
    Syntax all =
        stages.size() == 1
            ? stages.getFirst()
            : new Syntax.Pipeline(stages, text.substring(start, at).strip());
    return background ? new Syntax.Background(all) : all;
  }

  private Syntax command() throws ShellSyntaxException {
    enter();
    try {
      blanks();
      int start = at;
      if (peek() == '&' || (peek() == '.' && Character.isWhitespace(peek(1)))) {
        at++;
        blanks();
        return simple(start, List.of());
      }
      if (peek() == '$' && assigns()) {
        return assignment(start);
      }
      if ("\"'($[@{".indexOf(peek()) >= 0 && !end()) {
        Word value = expression();
        List<Word> words = new ArrayList<>();
        words.add(literal("write-output"));
        words.add(value);
        return simple(start, words);
      }
      return simple(start, List.of());
    } finally {
      depth--;
    }
  }

  private static Word literal(String text) {
    return new Word(List.of(new Piece.Text(text, true)), text);
  }

  private boolean assigns() {
    int i = at + 1;
    while (i < text.length()
        && (Character.isLetterOrDigit(text.charAt(i)) || "_:{}".indexOf(text.charAt(i)) >= 0)) {
      i++;
    }
    while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
      i++;
    }
    boolean plain = i < text.length() && text.charAt(i) == '=' && !text.startsWith("==", i);
    return plain || text.startsWith("+=", i);
  }

  private Syntax assignment(int start) throws ShellSyntaxException {
    at++;
    String name = variable();
    blanks();
    boolean append = peek() == '+';
    at += append ? 2 : 1;
    separators();
    boolean expression = "\"'$[@({".indexOf(peek()) >= 0 || Character.isDigit(peek());
    Word value;
    if (expression && !end()) {
      value = expression();
      blanks();
      if (peek() == '|') { // `$x = $y | command`
        at++;
        value =
            new Word(
                List.of(
                    new Piece.Substitution(
                        new Syntax.Pipeline(
                            List.of(
                                new Syntax.Simple(
                                    List.of(),
                                    List.of(literal("write-output"), value),
                                    List.of(),
                                    ""),
                                pipeline()),
                            ""),
                        Syntax.Kind.COMMAND,
                        true)),
                "");
      }
    } else {
      value = new Word(List.of(new Piece.Substitution(statement(), Syntax.Kind.COMMAND, true)), "");
    }
    return new Syntax.Simple(
        List.of(new Assignment(name, append, value, Optional.empty())),
        List.of(),
        List.of(),
        text.substring(start, at));
  }

  /// Words and redirections up to the end of the command.
  private Syntax simple(int start, List<Word> before) throws ShellSyntaxException {
    List<Word> words = new ArrayList<>(before);
    List<Redirect> redirects = new ArrayList<>();
    while (true) {
      blanks();
      if (end() || "\n;|)}".indexOf(peek()) >= 0 || looking("&&") || peek() == '&') {
        break;
      }
      if (looking("--%")) { // the rest of the line is taken as it is
        int line = text.indexOf('\n', at);
        for (String word :
            text.substring(at + 3, line < 0 ? text.length() : line).strip().split("\\s+", 500)) {
          words.add(literal(word));
        }
        at = line < 0 ? text.length() : line;
      } else if (peek() == ',') {
        at++;
      } else if (!redirect(redirects)) {
        words.add(argument());
      }
    }
    return new Syntax.Simple(List.of(), words, redirects, text.substring(start, at).strip());
  }

  private boolean redirect(List<Redirect> redirects) throws ShellSyntaxException {
    int i = at;
    while (i < text.length()
        && (Character.isDigit(text.charAt(i)) || text.charAt(i) == '*')
        && i - at < 2) {
      i++;
    }
    if (i >= text.length() || text.charAt(i) != '>') {
      return false;
    }
    String descriptor = text.substring(at, i).replace("*", "");
    boolean append = text.startsWith(">>", i);
    at = i + (append ? 2 : 1);
    if (peek() == '&') {
      at += 2;
      return true;
    }
    blanks();
    redirects.add(new Redirect(append ? ">>" : ">", descriptor, argument(), Optional.empty()));
    return true;
  }

  // ---- words

  /// A word of a command: bare text, or an expression in quotes, brackets or after a `$`.
  private Word argument() throws ShellSyntaxException {
    if (peek() == '{') {
      int start = at;
      skipBlock();
      return new Word(List.of(new Piece.Text(text.substring(start, at), true)), "{…}");
    }
    boolean list = looking("@(");
    if (list
        || peek() == '('
        || peek() == '['
        || looking("@'")
        || looking("@\"")
        || looking("@{")) {
      return expression();
    }
    int start = at;
    List<Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    while (!end() && " \t\r\n;|,)}".indexOf(peek()) < 0 && !(peek() == '&' && plain.isEmpty())) {
      char c = peek();
      if (c == '\'') {
        flush(plain, pieces);
        pieces.add(new Piece.Text(single(), true));
      } else if (c == '"') {
        flush(plain, pieces);
        pieces.addAll(quoted());
      } else if (c == '`' && at + 1 < text.length()) {
        plain.append(escaped());
      } else if (c == '$' && begins(peek(1))) {
        flush(plain, pieces);
        pieces.add(dollar());
        if ((peek() == '.' && Character.isLetter(peek(1))) || peek() == '[') {
          Word whole = after(new Word(pieces, ""));
          pieces = new ArrayList<>(whole.pieces());
        }
      } else if (c == '(') {
        flush(plain, pieces);
        pieces.add(new Piece.Substitution(parenthesis(), Syntax.Kind.COMMAND, true));
      } else if (c == '{') {
        int from = at;
        skipBlock();
        plain.append(text, from, at);
      } else {
        plain.append(c);
        at++;
      }
    }
    flush(plain, pieces);
    if (at == start) {
      throw new ShellSyntaxException(
          "unexpected '%c' at character %d".formatted(peek(), at), false);
    }
    return new Word(pieces, text.substring(start, at));
  }

  private static boolean begins(char c) {
    return Character.isLetter(c) || "_({?$^".indexOf(c) >= 0;
  }

  private static void flush(StringBuilder plain, List<Piece> pieces) {
    if (!plain.isEmpty()) {
      pieces.add(new Piece.Text(plain.toString(), true));
      plain.setLength(0);
    }
  }

  /// Values joined by `+`; what other operators make of them is not known.
  private Word expression() throws ShellSyntaxException {
    enter();
    int start = at;
    List<Piece> pieces = new ArrayList<>(operand().pieces());
    while (true) {
      blanks();
      if (peek() == '+' && peek(1) != '=') {
        at++;
        separators();
        pieces.addAll(operand().pieces());
      } else if (peek() == '-' && Character.isLetter(peek(1))) {
        int i = at + 1;
        while (i < text.length() && Character.isLetter(text.charAt(i))) {
          i++;
        }
        String operator = text.substring(at + 1, i).toLowerCase(Locale.ROOT);
        if (!OPERATORS.contains(operator)) {
          break;
        }
        at = i;
        blanks();
        pieces.add(unknown());
        if (!end() && "\n;|)},".indexOf(peek()) < 0) {
          pieces.addAll(operand().pieces());
        }
        while (operator.matches("[ci]?replace|f") && peek() == ',') {
          at++;
          blanks();
          pieces.addAll(operand().pieces());
        }
      } else {
        break;
      }
    }
    depth--;
    return new Word(pieces, text.substring(start, at));
  }

  private static final Set<String> OPERATORS =
      Set.of(
          "eq",
          "ne",
          "gt",
          "lt",
          "ge",
          "le",
          "like",
          "notlike",
          "match",
          "notmatch",
          "and",
          "or",
          "xor",
          "in",
          "notin",
          "contains",
          "notcontains",
          "is",
          "isnot",
          "as",
          "join",
          "split",
          "replace",
          "creplace",
          "ireplace",
          "f",
          "band",
          "bor",
          "bxor",
          "ceq",
          "ieq",
          "cmatch");

  private static Piece unknown() {
    return new Piece.Parameter(
        "__unknown", Optional.empty(), Syntax.Operator.NONE, List.of(), true);
  }

  private Word operand() throws ShellSyntaxException {
    int start = at;
    char c = peek();
    Word value;
    if (c == '!' || (c == '-' && !Character.isLetter(peek(1)))) {
      at++;
      blanks();
      return operand();
    } else if (looking("@'") || looking("@\"")) {
      value = hereString();
    } else if (c == '\'') {
      value = new Word(List.of(new Piece.Text(single(), true)), "");
    } else if (c == '"') {
      value = new Word(quoted(), "");
    } else if (looking("@(")) {
      at++;
      value =
          new Word(List.of(new Piece.Substitution(parenthesis(), Syntax.Kind.COMMAND, false)), "");
    } else if (looking("@{")) {
      at++;
      skipBlock();
      value = new Word(List.of(unknown()), "");
    } else if (c == '(') {
      value =
          new Word(List.of(new Piece.Substitution(parenthesis(), Syntax.Kind.COMMAND, true)), "");
    } else if (c == '[') {
      value = typed();
    } else if (c == '$' && begins(peek(1))) {
      value = new Word(List.of(dollar()), "");
    } else if (c == '{') {
      skipBlock();
      value = new Word(List.of(new Piece.Text(text.substring(start, at), true)), "");
    } else {
      value = argument();
    }
    return after(value);
  }

  /// `.Name(args)`, `.Name`, `::Name(args)`, `[index]`.
  private Word after(Word value) throws ShellSyntaxException {
    Word current = value;
    while (!end()) {
      boolean member =
          (peek() == '.' || looking("?.")) && Character.isLetter(peek(peek() == '?' ? 2 : 1));
      if (member) {
        at += peek() == '?' ? 2 : 1;
        String name = name().toLowerCase(Locale.ROOT);
        if (peek() == '(') {
          at++;
          current = called("." + name, current, expressions(')'));
        }
      } else if (peek() == '[') {
        at++;
        expressions(']');
      } else {
        break;
      }
    }
    return current;
  }

  private static Word called(String name, Word on, List<Word> arguments) {
    List<Word> words = new ArrayList<>();
    words.add(literal(name));
    words.addAll(arguments);
    Syntax input =
        new Syntax.Simple(List.of(), List.of(literal("write-output"), on), List.of(), "");
    Syntax call = new Syntax.Simple(List.of(), words, List.of(), "");
    Syntax both = new Syntax.Pipeline(List.of(input, call), name);
    return new Word(List.of(new Piece.Substitution(both, Syntax.Kind.COMMAND, true)), name);
  }

  /// `[T]::Name(args)`, `[T]value`.
  private Word typed() throws ShellSyntaxException {
    String type = type();
    if (!looking("::")) {
      blanks();
      return end() || "\n;|)},".indexOf(peek()) >= 0
          ? new Word(List.of(new Piece.Text("", true)), "")
          : operand();
    }
    StringBuilder name = new StringBuilder("[" + type + "]");
    while (looking("::") || (peek() == '.' && Character.isLetter(peek(1)))) {
      at += peek() == ':' ? 2 : 1;
      name.append("::");
      while (Character.isLetterOrDigit(peek()) || peek() == '_') {
        name.append(Character.toLowerCase(peek()));
        at++;
      }
    }
    List<Word> words = new ArrayList<>();
    words.add(literal(name.toString()));
    if (peek() == '(') {
      at++;
      words.addAll(expressions(')'));
    }
    Syntax call = new Syntax.Simple(List.of(), words, List.of(), name.toString());
    return new Word(List.of(new Piece.Substitution(call, Syntax.Kind.COMMAND, true)), "");
  }

  private String type() {
    int close = text.indexOf(']', at);
    int last = close < 0 ? text.length() : close;
    String type = text.substring(at + 1, Math.max(at + 1, last)).strip().toLowerCase(Locale.ROOT);
    at = Math.min(text.length(), last + 1);
    return type.startsWith("system.") ? type.substring(7) : type;
  }

  /// Values up to the closing sign, which is passed.
  private List<Word> expressions(char close) throws ShellSyntaxException {
    List<Word> words = new ArrayList<>();
    separators();
    while (!end() && peek() != close) {
      int before = at;
      boolean bare = Character.isLetter(peek()) && close == ')' && keyword().isEmpty();
      words.add(bare ? commandWord() : expression());
      separators();
      while ("=|<>*/%:.".indexOf(peek()) >= 0 && !end()) {
        at++;
        separators();
      }
      if (at == before) {
        throw new ShellSyntaxException(
            "unexpected '%c' at character %d".formatted(peek(), at), false);
      }
    }
    if (end()) {
      throw new ShellSyntaxException("'%c' is missing".formatted(close), false);
    }
    at++;
    return words;
  }

  private Word commandWord() throws ShellSyntaxException {
    return new Word(List.of(new Piece.Substitution(pipeline(), Syntax.Kind.COMMAND, false)), "");
  }

  private Syntax parenthesis() throws ShellSyntaxException {
    at++;
    Syntax body = statements(')');
    if (end() || peek() != ')') {
      throw new ShellSyntaxException("'(' is not closed", false);
    }
    at++;
    return body;
  }

  /// Passes a script block, its quotes and comments respected.
  private void skipBlock() throws ShellSyntaxException {
    int open = 0;
    while (!end()) {
      char c = peek();
      if (c == '\'') {
        single();
        continue;
      }
      if (c == '"') {
        skipQuoted();
        continue;
      }
      at += c == '`' ? 2 : 1;
      open += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (open == 0) {
        return;
      }
    }
    throw new ShellSyntaxException("'{' is not closed", false);
  }

  private void skipQuoted() throws ShellSyntaxException {
    at++;
    while (!end()) {
      char c = peek();
      at += c == '`' ? 2 : 1;
      if (c == '"') {
        return;
      }
    }
    throw new ShellSyntaxException("a quote is not closed", false);
  }

  private String single() throws ShellSyntaxException {
    StringBuilder out = new StringBuilder();
    at++;
    while (!end()) {
      if (peek() == '\'' && peek(1) == '\'') {
        out.append('\'');
        at += 2;
      } else if (peek() == '\'') {
        at++;
        return out.toString();
      } else {
        out.append(peek());
        at++;
      }
    }
    throw new ShellSyntaxException("a quote is not closed", false);
  }

  private List<Piece> quoted() throws ShellSyntaxException {
    at++;
    List<Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    pieces.add(new Piece.Text("", true));
    while (!end()) {
      char c = peek();
      if (c == '"' && peek(1) == '"') {
        plain.append('"');
        at += 2;
      } else if (c == '"') {
        at++;
        flush(plain, pieces);
        return pieces;
      } else if (c == '`' && at + 1 < text.length()) {
        plain.append(escaped());
      } else if (c == '$' && begins(peek(1))) {
        flush(plain, pieces);
        pieces.add(dollar());
      } else {
        plain.append(c);
        at++;
      }
    }
    throw new ShellSyntaxException("a quote is not closed", false);
  }

  private String escaped() {
    char c = peek(1);
    at += 2;
    return switch (c) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case '0' -> "";
      default -> String.valueOf(c);
    };
  }

  /// `$name`, `${name}`, `$env:NAME`, `$(…)`.
  private Piece dollar() throws ShellSyntaxException {
    at++;
    if (peek() == '(') {
      return new Piece.Substitution(parenthesis(), Syntax.Kind.COMMAND, true);
    }
    return new Piece.Parameter(variable(), Optional.empty(), Syntax.Operator.NONE, List.of(), true);
  }

  /// The name after `$`, in lower case; of the environment in upper case, homes as `HOME`.
  private String variable() {
    String name;
    if (peek() == '{') {
      int close = text.indexOf('}', at);
      int last = close < 0 ? text.length() : close;
      name = text.substring(at + 1, last);
      at = Math.min(text.length(), last + 1);
    } else {
      int start = at;
      at += "?$^".indexOf(peek()) >= 0 ? 1 : 0;
      while (!end()
          && (Character.isLetterOrDigit(peek())
              || peek() == '_'
              || (peek() == ':' && Character.isLetter(peek(1))))) {
        at++;
      }
      name = text.substring(start, at);
    }
    String folded = name.toLowerCase(Locale.ROOT);
    if (folded.startsWith("env:")) {
      String upper = name.substring(4).toUpperCase(Locale.ROOT);
      return upper.equals("USERPROFILE") ? "HOME" : upper;
    }
    String bare = folded.replaceFirst("^(?:global|script|local|private|using):", "");
    return bare.equals("home") || bare.equals("pwd") ? bare.toUpperCase(Locale.ROOT) : bare;
  }

  /// `@'` … `'@` and `@"` … `"@`, each on a line of its own.
  private Word hereString() throws ShellSyntaxException {
    char quote = peek(1);
    int line = text.indexOf('\n', at);
    int close = text.indexOf("\n" + quote + "@", at);
    if (line < 0 || close < 0) {
      throw new ShellSyntaxException("a here-string is not closed", false);
    }
    String body = close <= line ? "" : text.substring(line + 1, close);
    at = close + 3;
    if (quote == '\'' || body.indexOf('$') < 0) {
      return new Word(List.of(new Piece.Text(body, true)), "");
    }
    PowerShellParser inner =
        new PowerShellParser('"' + body.replace("\"", "\"\"") + '"', depth + 1);
    return new Word(inner.quoted(), "");
  }
}
