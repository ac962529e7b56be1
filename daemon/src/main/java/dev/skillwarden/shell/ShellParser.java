package dev.skillwarden.shell;

import dev.skillwarden.shell.Syntax.Assignment;
import dev.skillwarden.shell.Syntax.Piece;
import dev.skillwarden.shell.Syntax.Redirect;
import dev.skillwarden.shell.Syntax.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Parses bash as agents write it, in one pass. Every character is read once, but for the text of a
/// backtick substitution, of an unquoted here-document and of what begins like arithmetic, which is
/// read once more per level.
public final class ShellParser {
  /// Deepest nesting of substitutions, groups and control structures.
  public static final int MAX_DEPTH = 48;

  /// Longest text, in characters.
  public static final int MAX_LENGTH = 256 << 10;

  private static final Set<String> CLOSERS =
      Set.of("then", "do", "done", "fi", "elif", "else", "esac", "}", "in");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(\\[[^\\]=]*])?\\+?=");
  private static final String META = " \t\n;&|()<>";

  private final String text;
  private final List<PendingHereDocument> pending = new ArrayList<>();
  private int at;
  private int depth;

  private record PendingHereDocument(
      String delimiter,
      boolean quoted,
      boolean stripTabs,
      List<Redirect> into,
      String operator,
      String descriptor,
      Word target) {}

  private ShellParser(String text, int depth) {
    this.text = text;
    this.depth = depth;
  }

  /// @throws ShellSyntaxException when the text does not parse or exceeds the budget
  public static Syntax parse(String text) throws ShellSyntaxException {
    return parse(text, 0);
  }

  /// @param depth how deep the text already stands in others
  /// @throws ShellSyntaxException when the text does not parse or exceeds the budget
  public static Syntax parse(String text, int depth) throws ShellSyntaxException {
    if (text.length() > MAX_LENGTH) {
      throw new ShellSyntaxException(
          "the command is over %,d characters".formatted(MAX_LENGTH), true);
    }
    ShellParser parser = new ShellParser(text, depth);
    Syntax result = parser.list(Set.of());
    if (parser.at < parser.text.length()) {
      throw parser.error("unexpected '" + parser.text.charAt(parser.at) + "'");
    }
    return result;
  }

  private ShellSyntaxException error(String message) {
    return new ShellSyntaxException(message + " at character " + at, false);
  }

  private void enter() throws ShellSyntaxException {
    if (++depth > MAX_DEPTH) {
      throw new ShellSyntaxException("the command nests deeper than " + MAX_DEPTH, true);
    }
  }

  private void leave() {
    depth--;
  }

  private boolean end() {
    return at >= text.length();
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean looking(String s) {
    return text.startsWith(s, at);
  }

  /// A list up to the end, a `)`, a `;;`, or one of the closing words.
  private Syntax list(Set<String> closers) throws ShellSyntaxException {
    enter();
    List<Syntax> items = new ArrayList<>();
    while (true) {
      skipSeparators();
      if (end() || peek() == ')' || looking(";;") || looking(";&")) {
        break;
      }
      if (closers.contains(wordAhead())) {
        break;
      }
      Syntax item = pipeline();
      boolean background = false;
      skipBlanks();
      if (looking("&&") || looking("||")) {
        at += 2;
      } else if (!end() && "\n;&)".indexOf(peek()) < 0 && !closers.contains(wordAhead())) {
        throw error("unexpected '" + peek() + "'");
      } else if (peek() == '&') {
        at++;
        background = true;
      }
      items.add(background ? new Syntax.Background(item) : item);
    }
    leave();
    return items.size() == 1 ? items.getFirst() : new Syntax.Sequence(items);
  }

  private void skipBlanks() {
    while (!end()) {
      char c = peek();
      if (c == ' ' || c == '\t' || c == '\r') {
        at++;
      } else if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
        at += 2;
      } else if (c == '#' && (at == 0 || META.indexOf(text.charAt(at - 1)) >= 0)) {
        while (!end() && peek() != '\n') {
          at++;
        }
      } else {
        return;
      }
    }
  }

  private void skipSeparators() throws ShellSyntaxException {
    while (true) {
      skipBlanks();
      if (peek() == '\n' && !end()) {
        newline();
      } else if (peek() == ';' && !looking(";;") && !looking(";&")) {
        at++;
      } else {
        return;
      }
    }
  }

  /// Passes a line end and reads the here-documents that begin after it.
  private void newline() throws ShellSyntaxException {
    at++;
    for (PendingHereDocument document : List.copyOf(pending)) { // at most as many as the line has
      pending.remove(document);
      readHereDocument(document);
    }
  }

  private void readHereDocument(PendingHereDocument document) throws ShellSyntaxException {
    StringBuilder body = new StringBuilder();
    while (!end()) {
      int lineEnd = text.indexOf('\n', at);
      String line = lineEnd < 0 ? text.substring(at) : text.substring(at, lineEnd);
      at = lineEnd < 0 ? text.length() : lineEnd + 1;
      String stripped = document.stripTabs() ? withoutTabs(line) : line;
      if (stripped.equals(document.delimiter())) {
        break;
      }
      body.append(stripped).append('\n');
    }
    Word content;
    if (document.quoted()) {
      content = new Word(List.of(new Piece.Text(body.toString(), true)), "");
    } else {
      ShellParser inner = new ShellParser(body.toString(), depth + 1);
      inner.enter();
      content = new Word(inner.doubleQuoted('\0'), "");
    }
    document
        .into()
        .add(
            new Redirect(
                document.operator(),
                document.descriptor(),
                document.target(),
                Optional.of(content)));
  }

  private static String withoutTabs(String line) {
    int i = 0;
    while (i < line.length() && line.charAt(i) == '\t') {
      i++;
    }
    return line.substring(i);
  }

  /// The plain word at the cursor without moving, empty when there is none.
  private String wordAhead() {
    int i = at;
    while (i < text.length() && META.indexOf(text.charAt(i)) < 0 && i - at < 12) {
      i++;
    }
    if (i < text.length() && META.indexOf(text.charAt(i)) < 0) {
      return "";
    }
    boolean carriageReturn = i > at && text.charAt(i - 1) == '\r';
    return text.substring(at, carriageReturn ? i - 1 : i);
  }

  private Syntax pipeline() throws ShellSyntaxException {
    int start = at;
    List<Syntax> stages = new ArrayList<>();
    while (true) {
      skipBlanks();
      String ahead = wordAhead();
      boolean prefixed = false;
      while (ahead.equals("!") || ahead.equals("time")) {
        prefixed = true;
        at += ahead.length();
        skipBlanks();
        ahead = wordAhead();
        while (ahead.equals("-p") || ahead.equals("--")) {
          at += ahead.length();
          skipBlanks();
          ahead = wordAhead();
        }
      }
      // `!` or `time` and nothing more is a command.
      boolean alone = prefixed && (end() || "\n;&|)".indexOf(peek()) >= 0);
      stages.add(
          ahead.equals("coproc")
              ? coprocess()
              : alone ? new Syntax.Sequence(List.of()) : command());
      skipBlanks();
      if (peek() == '|' && !looking("||")) {
        at += looking("|&") ? 2 : 1;
        skipBlanks();
        while (!end() && peek() == '\n') {
          newline();
          skipBlanks();
        }
      } else {
        break;
      }
    }
    return stages.size() == 1
        ? stages.getFirst()
        : new Syntax.Pipeline(stages, text.substring(start, at).strip());
  }

  private static final Set<String> COMPOUND =
      Set.of("{", "if", "while", "until", "for", "select", "case", "[[");

  /// `coproc [NAME] command`: what it prints is read by the descriptor `${NAME[0]}`.
  private Syntax coprocess() throws ShellSyntaxException {
    at += "coproc".length();
    skipBlanks();
    String name = "COPROC";
    int before = at;
    String ahead = wordAhead();
    if (!ahead.isEmpty()
        && !COMPOUND.contains(ahead)
        && ahead.chars().allMatch(c -> isName((char) c))) {
      at += ahead.length();
      skipBlanks();
      if (COMPOUND.contains(wordAhead()) || peek() == '(') {
        name = ahead;
      } else {
        at = before;
      }
    }
    Word descriptor = literal("/dev/fd/" + name);
    Syntax body =
        new Syntax.Compound(
            List.of(command()),
            List.of(),
            List.of(new Redirect(">", "", descriptor, Optional.empty())),
            true,
            false);
    Assignment ends =
        new Assignment(
            name, false, new Word(List.of(), ""), Optional.of(List.of(descriptor, descriptor)));
    return new Syntax.Sequence(
        List.of(
            new Syntax.Background(body),
            new Syntax.Simple(List.of(ends), List.of(), List.of(), "")));
  }

  private static Word literal(String text) {
    return new Word(List.of(new Piece.Text(text, true)), text);
  }

  private Syntax command() throws ShellSyntaxException {
    enter();
    try {
      skipBlanks();
      if (looking("((")) {
        int close = arithmeticEnd();
        if (close >= 0) {
          List<Syntax> inside = insideArithmetic(text.substring(at + 2, close));
          at = close + 2;
          return withRedirects(inside, List.of(), false);
        }
      }
      if (peek() == '(') {
        at++;
        Syntax body = list(Set.of());
        expect(')');
        return withRedirects(List.of(body), List.of(), true);
      }
      String word = wordAhead();
      return switch (word) {
        case "{" -> {
          at++;
          Syntax body = list(Set.of("}"));
          expectWord("}");
          yield withRedirects(List.of(body), List.of(), false);
        }
        case "if", "while", "until" -> conditional(word);
        case "for", "select" -> loop(word);
        case "case" -> caseOf();
        case "[[" -> test();
        case "function" -> function();
        default -> CLOSERS.contains(word) && !word.equals("in") ? refuse(word) : simple();
      };
    } finally {
      leave();
    }
  }

  private Syntax refuse(String word) throws ShellSyntaxException {
    throw error("unexpected '" + word + "'");
  }

  private Syntax conditional(String word) throws ShellSyntaxException {
    at += word.length();
    List<Syntax> parts = new ArrayList<>();
    boolean isIf = word.equals("if");
    Set<String> closers = isIf ? Set.of("then", "elif", "else", "fi") : Set.of("do", "done");
    String last = isIf ? "fi" : "done";
    while (true) {
      parts.add(list(closers));
      String closer = wordAhead();
      if (!closers.contains(closer)) {
        throw error("'" + word + "' is not closed");
      }
      at += closer.length();
      if (closer.equals(last)) {
        return withRedirects(parts, List.of(), false, !isIf);
      }
    }
  }

  private Syntax loop(String word) throws ShellSyntaxException {
    at += word.length();
    skipBlanks();
    if (looking("((")) {
      int close = arithmeticEnd();
      if (close < 0) {
        throw error("'((' is not closed");
      }
      List<Syntax> inside = new ArrayList<>(insideArithmetic(text.substring(at + 2, close)));
      at = close + 2;
      inside.add(body());
      return withRedirects(inside, List.of(), false, true);
    }
    String variable = wordAhead();
    at += variable.length();
    skipSeparators();
    List<Word> words = new ArrayList<>();
    if (wordAhead().equals("in")) {
      at += 2;
      while (true) {
        skipBlanks();
        if (end() || peek() == '\n' || peek() == ';') {
          break;
        }
        words.add(word());
      }
    }
    return withRedirects(List.of(new Syntax.For(variable, words, body())), List.of(), false);
  }

  private Syntax body() throws ShellSyntaxException {
    skipSeparators();
    if (wordAhead().equals("{")) {
      at++;
      Syntax body = list(Set.of("}"));
      expectWord("}");
      return body;
    }
    expectWord("do");
    Syntax body = list(Set.of("done"));
    expectWord("done");
    return body;
  }

  private Syntax caseOf() throws ShellSyntaxException {
    at += 4;
    skipBlanks();
    List<Word> words = new ArrayList<>();
    words.add(word());
    skipSeparators();
    expectWord("in");
    List<Syntax> parts = new ArrayList<>();
    while (true) {
      skipSeparators();
      if (wordAhead().equals("esac")) {
        at += 4;
        return withRedirects(parts, words, false);
      }
      if (end()) {
        throw error("'case' is not closed");
      }
      if (peek() == '(') {
        at++;
      }
      while (!end() && peek() != ')') {
        skipBlanks();
        if (peek() == '|') {
          at++;
        } else {
          words.add(word());
        }
        skipBlanks();
      }
      expect(')');
      parts.add(list(Set.of("esac")));
      if (looking(";;&")) {
        at += 3;
      } else if (looking(";;") || looking(";&")) {
        at += 2;
      }
    }
  }

  private Syntax test() throws ShellSyntaxException {
    at += 2;
    List<Word> words = new ArrayList<>();
    while (true) {
      skipBlanks();
      if (end()) {
        throw error("'[[' is not closed");
      }
      if (looking("]]")) {
        at += 2;
        return withRedirects(List.of(), words, false);
      }
      if (META.indexOf(peek()) >= 0) {
        at++;
      } else {
        words.add(word());
      }
    }
  }

  private Syntax function() throws ShellSyntaxException {
    at += 8;
    skipBlanks();
    Word name = word();
    skipBlanks();
    if (peek() == '(') {
      at++;
      skipBlanks();
      expect(')');
    }
    skipSeparators();
    return new Syntax.Function(name.span(), command());
  }

  private void expect(char c) throws ShellSyntaxException {
    skipBlanks();
    if (peek() != c || end()) {
      throw error("'" + c + "' is missing");
    }
    at++;
  }

  private void expectWord(String word) throws ShellSyntaxException {
    skipBlanks();
    if (!wordAhead().equals(word)) {
      throw error("'" + word + "' is missing");
    }
    at += word.length();
  }

  private Syntax withRedirects(List<Syntax> parts, List<Word> words, boolean subshell)
      throws ShellSyntaxException {
    return withRedirects(parts, words, subshell, false);
  }

  private Syntax withRedirects(
      List<Syntax> parts, List<Word> words, boolean subshell, boolean repeats)
      throws ShellSyntaxException {
    List<Redirect> redirects = new ArrayList<>();
    while (true) {
      skipBlanks();
      if (!redirect(redirects)) {
        return new Syntax.Compound(parts, words, redirects, subshell, repeats);
      }
    }
  }

  private Syntax simple() throws ShellSyntaxException {
    int start = at;
    List<Assignment> declared = new ArrayList<>();
    List<Assignment> assignments = new ArrayList<>();
    List<Word> words = new ArrayList<>();
    List<Redirect> redirects = new ArrayList<>();
    while (true) {
      skipBlanks();
      if (end() || ("\n;&|)".indexOf(peek()) >= 0 && !looking("&>"))) {
        break;
      }
      if (redirect(redirects)) {
        continue;
      }
      if (peek() == '(') {
        if (words.size() == 1 && emptyParentheses() >= 0) {
          at = emptyParentheses() + 1;
          skipSeparators();
          return new Syntax.Function(words.getFirst().span(), command());
        }
        throw error("unexpected '('");
      }
      Matcher assignment = ASSIGNMENT.matcher(text).region(at, text.length());
      boolean declares = !words.isEmpty() && DECLARES.contains(words.getFirst().span());
      if (declares && assignment.lookingAt() && startsArray(assignment.end())) {
        at = assignment.end();
        declared.add(assigned(assignment.group(1), text.charAt(assignment.end() - 2) == '+'));
      } else if (words.isEmpty() && assignment.lookingAt()) {
        at = assignment.end();
        assignments.add(assigned(assignment.group(1), text.charAt(assignment.end() - 2) == '+'));
      } else {
        words.add(word());
      }
    }
    if (assignments.isEmpty() && words.isEmpty() && redirects.isEmpty() && pending.isEmpty()) {
      throw error("a command is missing");
    }
    Syntax simple =
        new Syntax.Simple(assignments, words, redirects, text.substring(start, at).strip());
    return declared.isEmpty()
        ? simple
        : new Syntax.Sequence(
            List.of(new Syntax.Simple(declared, List.of(), List.of(), ""), simple));
  }

  /// Commands that take arrays as arguments.
  private static final Set<String> DECLARES =
      Set.of("declare", "typeset", "local", "export", "readonly");

  private boolean startsArray(int index) {
    return index < text.length() && text.charAt(index) == '(';
  }

  /// Index of the `)` when only blanks stand before it, else -1.
  private int emptyParentheses() {
    int i = at + 1;
    while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
      i++;
    }
    return i < text.length() && text.charAt(i) == ')' ? i : -1;
  }

  private Assignment assigned(String name, boolean append) throws ShellSyntaxException {
    if (peek() != '(' || end()) {
      Word value = end() || META.indexOf(peek()) >= 0 ? new Word(List.of(), "") : word();
      return new Assignment(name, append, value, Optional.empty());
    }
    at++;
    List<Word> elements = new ArrayList<>();
    while (true) {
      skipSeparators();
      if (end()) {
        throw error("'(' is not closed");
      }
      if (peek() == ')') {
        at++;
        return new Assignment(name, append, new Word(List.of(), ""), Optional.of(elements));
      }
      elements.add(word());
    }
  }

  private boolean redirect(List<Redirect> redirects) throws ShellSyntaxException {
    int i = at;
    while (i < text.length() && Character.isDigit(text.charAt(i)) && i - at < 4) {
      i++;
    }
    int digits = i - at;
    if (i < text.length() && text.charAt(i) == '{' && digits == 0) {
      int close = i + 1;
      while (close < text.length() && isName(text.charAt(close))) {
        close++;
      }
      boolean named =
          close > i + 1
              && close + 1 < text.length()
              && text.charAt(close) == '}'
              && (text.charAt(close + 1) == '<' || text.charAt(close + 1) == '>');
      if (!named) {
        return false;
      }
      i = close + 1;
    }
    if (i >= text.length()
        || (text.charAt(i) != '<'
            && text.charAt(i) != '>'
            && !(i == at && text.startsWith("&>", i)))) {
      return false;
    }
    if (i == at && (text.startsWith("<(", i) || text.startsWith(">(", i))) {
      return false;
    }
    String descriptor = text.substring(at, i);
    String operator = "";
    for (String candidate :
        List.of("&>>", "<<<", "<<-", "&>", "<<", ">>", ">|", ">&", "<&", "<>", "<", ">")) {
      if (text.startsWith(candidate, i)) {
        operator = candidate;
        break;
      }
    }
    at = i + operator.length();
    skipBlanks();
    if (end() || (META.indexOf(peek()) >= 0 && peek() != '<' && peek() != '>')) {
      throw error("the target of '" + operator + "' is missing");
    }
    Word target = word();
    switch (operator) {
      case "<<", "<<-" -> pending.add(hereDocument(operator, descriptor, target, redirects));
      case "<<<" -> redirects.add(new Redirect(operator, descriptor, target, Optional.of(target)));
      default -> redirects.add(new Redirect(operator, descriptor, target, Optional.empty()));
    }
    return true;
  }

  private static PendingHereDocument hereDocument(
      String operator, String descriptor, Word target, List<Redirect> into) {
    StringBuilder delimiter = new StringBuilder();
    boolean quoted = false;
    for (Piece piece : target.pieces()) {
      if (piece instanceof Piece.Text t) {
        delimiter.append(t.text());
        quoted |= t.quoted();
      }
    }
    if (target.span().endsWith("\r") && !delimiter.toString().endsWith("\r")) {
      delimiter.append('\r'); // every byte counts here
    }
    return new PendingHereDocument(
        delimiter.toString(), quoted, operator.equals("<<-"), into, operator, descriptor, target);
  }

  private Word word() throws ShellSyntaxException {
    int start = at;
    List<Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    while (!end()) {
      char c = peek();
      if ((c == '<' || c == '>') && at + 1 < text.length() && text.charAt(at + 1) == '(') {
        flush(plain, pieces);
        at += 2;
        pieces.add(
            new Piece.Substitution(
                closed(), c == '<' ? Syntax.Kind.INPUT : Syntax.Kind.OUTPUT, false));
      } else if (META.indexOf(c) >= 0) {
        break;
      } else if (c == '\\') {
        at++;
        if (!end()) {
          if (peek() != '\n') {
            flush(plain, pieces);
            pieces.add(new Piece.Text(String.valueOf(peek()), true));
          }
          at++;
        }
      } else if (c == '\'') {
        flush(plain, pieces);
        pieces.add(new Piece.Text(singleQuoted(), true));
      } else if (c == '"') {
        flush(plain, pieces);
        at++;
        pieces.add(new Piece.Text("", true));
        pieces.addAll(doubleQuoted('"'));
      } else if (c == '$' || c == '`') {
        flush(plain, pieces);
        dollarOrBacktick(pieces, false);
      } else {
        plain.append(c);
        at++;
      }
    }
    boolean lineEnd = end() || peek() == '\n';
    if (lineEnd && plain.length() > 1 && plain.charAt(plain.length() - 1) == '\r') {
      plain.setLength(plain.length() - 1); // a line of Windows: harmless to judge it without
    }
    flush(plain, pieces);
    if (at == start) {
      throw error("a word is missing");
    }
    return new Word(pieces, text.substring(start, at));
  }

  private static void flush(StringBuilder plain, List<Piece> pieces) {
    if (!plain.isEmpty()) {
      pieces.add(new Piece.Text(plain.toString(), false));
      plain.setLength(0);
    }
  }

  private String singleQuoted() throws ShellSyntaxException {
    int close = text.indexOf('\'', at + 1);
    if (close < 0) {
      throw error("a quote is not closed");
    }
    String inside = text.substring(at + 1, close);
    at = close + 1;
    return inside;
  }

  /// Up to the closing quote, or to the end of a here-document.
  private List<Piece> doubleQuoted(char close) throws ShellSyntaxException {
    List<Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    while (true) {
      if (end()) {
        if (close == '\0') {
          break;
        }
        throw error("a quote is not closed");
      }
      char c = peek();
      if (c == close) {
        at++;
        break;
      }
      if (c == '\\' && at + 1 < text.length()) {
        char next = text.charAt(at + 1);
        if (next == '\n') {
          at += 2;
        } else {
          if ("$`\"\\".indexOf(next) < 0) {
            plain.append('\\');
          }
          plain.append(next);
          at += 2;
        }
      } else if (c == '$' || c == '`') {
        if (!plain.isEmpty()) {
          pieces.add(new Piece.Text(plain.toString(), true));
          plain.setLength(0);
        }
        dollarOrBacktick(pieces, true);
      } else {
        plain.append(c);
        at++;
      }
    }
    if (!plain.isEmpty()) {
      pieces.add(new Piece.Text(plain.toString(), true));
    }
    return pieces;
  }

  private void dollarOrBacktick(List<Piece> pieces, boolean quoted) throws ShellSyntaxException {
    if (peek() == '`') {
      at++;
      StringBuilder inside = new StringBuilder();
      while (!end() && peek() != '`') {
        if (peek() == '\\' && at + 1 < text.length() && "`\\$".indexOf(text.charAt(at + 1)) >= 0) {
          at++;
        }
        inside.append(peek());
        at++;
      }
      if (end()) {
        throw error("a backtick is not closed");
      }
      at++;
      enter();
      pieces.add(
          new Piece.Substitution(parse(inside.toString(), depth), Syntax.Kind.COMMAND, quoted));
      leave();
      return;
    }
    at++;
    char c = peek();
    int arithmetic = looking("((") ? arithmeticEnd() : -1;
    if (arithmetic >= 0) {
      List<Syntax> inside = insideArithmetic(text.substring(at + 2, arithmetic));
      at = arithmetic + 2;
      pieces.add(new Piece.Arithmetic(inside));
    } else if (c == '[') { // the older way to write arithmetic
      at++;
      enter();
      Word inside = argument("]");
      leave();
      at++;
      pieces.add(
          new Piece.Arithmetic(
              List.of(new Syntax.Compound(List.of(), List.of(inside), List.of(), false, false))));
    } else if (c == '(') {
      at++;
      pieces.add(new Piece.Substitution(closed(), Syntax.Kind.COMMAND, quoted));
    } else if (c == '{') {
      at++;
      pieces.add(parameter(quoted));
    } else if (c == '\'' && !quoted) {
      pieces.add(new Piece.Text(ansiC(), true));
    } else if (c == '"' && !quoted) {
      at++;
      pieces.addAll(doubleQuoted('"'));
    } else if (Character.isLetter(c) || c == '_') {
      int start = at;
      while (!end() && (Character.isLetterOrDigit(peek()) || peek() == '_')) {
        at++;
      }
      pieces.add(plain(text.substring(start, at), quoted));
    } else if (!end() && "0123456789@*#?$!-".indexOf(c) >= 0) {
      at++;
      pieces.add(plain(String.valueOf(c), quoted));
    } else {
      pieces.add(new Piece.Text("$", true));
    }
  }

  /// Index of the `))` that ends the arithmetic whose `((` stands at the cursor, -1 when these are
  /// two subshells. Looks ahead once per level of nesting.
  private int arithmeticEnd() {
    int open = 0;
    for (int i = at + 2; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '\'' || c == '"') {
        int close = text.indexOf(c, i + 1);
        if (close < 0) {
          return -1;
        }
        i = close;
      } else if (c == '(') {
        open++;
      } else if (c == ')') {
        if (open == 0) {
          return text.startsWith("))", i) ? i : -1;
        }
        open--;
      }
    }
    return -1;
  }

  /// Substitutions inside arithmetic run; the rest of it does nothing.
  private List<Syntax> insideArithmetic(String inside) throws ShellSyntaxException {
    if (inside.indexOf("$(") < 0 && inside.indexOf('`') < 0) {
      return List.of();
    }
    ShellParser inner = new ShellParser(inside, depth + 1);
    inner.enter();
    Word word = new Word(inner.doubleQuoted('\0'), "");
    return List.of(new Syntax.Compound(List.of(), List.of(word), List.of(), false, false));
  }

  private Syntax closed() throws ShellSyntaxException {
    Syntax body = list(Set.of());
    expect(')');
    return body;
  }

  /// After `${`: a name, a subscript, an operator and its arguments.
  private Piece parameter(boolean quoted) throws ShellSyntaxException {
    enter();
    Syntax.Operator operator = Syntax.Operator.NONE;
    if (peek() == '!' && at + 1 < text.length() && isName(text.charAt(at + 1))) {
      at++;
      operator = Syntax.Operator.INDIRECT;
    } else if (peek() == '#' && at + 1 < text.length() && "}:-".indexOf(text.charAt(at + 1)) < 0) {
      at++;
      operator = Syntax.Operator.LENGTH;
    }
    String name = parameterName();
    Optional<Word> subscript = Optional.empty();
    if (peek() == '[') {
      at++;
      subscript = Optional.of(argument("]"));
      at++;
    }
    List<Word> arguments = new ArrayList<>();
    if (peek() != '}' || end()) {
      Syntax.Operator own = operator();
      operator = operator == Syntax.Operator.NONE ? own : Syntax.Operator.OTHER;
      boolean two =
          own == Syntax.Operator.REPLACE
              || own == Syntax.Operator.REPLACE_ALL
              || own == Syntax.Operator.SUBSTRING;
      String separator = own == Syntax.Operator.SUBSTRING ? ":" : "/";
      arguments.add(argument(two ? "}" + separator : "}"));
      if (two && peek() == separator.charAt(0)) {
        at++;
        arguments.add(argument("}"));
      }
    }
    at++;
    leave();
    return new Piece.Parameter(name, subscript, operator, arguments, quoted);
  }

  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private String parameterName() {
    int start = at;
    if (!end() && "@*#?$!-".indexOf(peek()) >= 0) {
      at++;
    } else {
      while (!end() && isName(peek())) {
        at++;
      }
    }
    return text.substring(start, at);
  }

  /// The operator at the cursor.
  private Syntax.Operator operator() {
    boolean colon = peek() == ':';
    char c = colon && at + 1 < text.length() ? text.charAt(at + 1) : peek();
    Syntax.Operator simple =
        switch (c) {
          case '-' -> Syntax.Operator.DEFAULT;
          case '=' -> Syntax.Operator.ASSIGN;
          case '+' -> Syntax.Operator.ALTERNATIVE;
          case '?' -> Syntax.Operator.REQUIRED;
          default -> Syntax.Operator.OTHER;
        };
    if (simple != Syntax.Operator.OTHER) {
      at += colon ? 2 : 1;
      return simple;
    }
    if (colon) {
      at++;
      return Syntax.Operator.SUBSTRING;
    }
    at++;
    boolean twice = peek() == c && !end();
    return switch (c) {
      case '#' -> skipIf(twice, Syntax.Operator.REMOVE_PREFIX);
      case '%' -> skipIf(twice, Syntax.Operator.REMOVE_SUFFIX);
      case '^' -> skipIf(twice, Syntax.Operator.UPPER);
      case ',' -> skipIf(twice, Syntax.Operator.LOWER);
      case '/' -> skipIf(twice, twice ? Syntax.Operator.REPLACE_ALL : Syntax.Operator.REPLACE);
      default -> Syntax.Operator.OTHER;
    };
  }

  private Syntax.Operator skipIf(boolean twice, Syntax.Operator operator) {
    at += twice ? 1 : 0;
    return operator;
  }

  /// Up to one of the characters that close it, which stays.
  private Word argument(String closers) throws ShellSyntaxException {
    List<Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    int start = at;
    while (true) {
      if (end()) {
        throw error("'${' is not closed");
      }
      char c = peek();
      if (closers.indexOf(c) >= 0) {
        flush(plain, pieces);
        return new Word(pieces, text.substring(start, at));
      } else if (c == '\'') {
        flush(plain, pieces);
        pieces.add(new Piece.Text(singleQuoted(), true));
      } else if (c == '"') {
        flush(plain, pieces);
        at++;
        pieces.addAll(doubleQuoted('"'));
      } else if (c == '$' || c == '`') {
        flush(plain, pieces);
        dollarOrBacktick(pieces, false);
      } else if ((c == '<' || c == '>') && at + 1 < text.length() && text.charAt(at + 1) == '(') {
        flush(plain, pieces);
        at += 2;
        pieces.add(
            new Piece.Substitution(
                closed(), c == '<' ? Syntax.Kind.INPUT : Syntax.Kind.OUTPUT, false));
      } else {
        if (c == '\\' && at + 1 < text.length()) {
          at++;
        }
        plain.append(peek());
        at++;
      }
    }
  }

  private static Piece plain(String name, boolean quoted) {
    return new Piece.Parameter(name, Optional.empty(), Syntax.Operator.NONE, List.of(), quoted);
  }

  private String ansiC() throws ShellSyntaxException {
    at++;
    StringBuilder out = new StringBuilder();
    while (true) {
      if (end()) {
        throw error("a quote is not closed");
      }
      char c = peek();
      at++;
      if (c == '\'') {
        return out.toString();
      }
      if (c == '\\' && !end()) {
        ansiEscape(out);
      } else {
        out.append(c);
      }
    }
  }

  private void ansiEscape(StringBuilder out) {
    char c = peek();
    at++;
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case 'a' -> out.append('\u0007');
      case 'b' -> out.append('\b');
      case 'e', 'E' -> out.append('\u001B');
      case 'f' -> out.append('\f');
      case 'v' -> out.append('\u000B');
      case '\\', '\'', '"', '?' -> out.append(c);
      case 'c' -> {
        out.append((char) (peek() & 0x1F));
        at++;
      }
      case 'x' -> number(out, 16, 2, "\\x");
      case 'u' -> number(out, 16, 4, "\\u");
      case 'U' -> number(out, 16, 8, "\\U");
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        at--;
        number(out, 8, 3, "");
      }
      default -> out.append('\\').append(c);
    }
  }

  /// @param otherwise what it stands for when no digit follows
  private void number(StringBuilder out, int radix, int digits, String otherwise) {
    int value = 0;
    int count = 0;
    while (!end() && count < digits && Character.digit(peek(), radix) >= 0) {
      value = value * radix + Character.digit(peek(), radix);
      at++;
      count++;
    }
    if (count == 0) {
      out.append(otherwise);
    } else if (value == 0) { // ends the text, as in bash
      int close = text.indexOf('\'', at);
      at = close < 0 ? text.length() : close;
    } else {
      out.append(Character.isValidCodePoint(value) ? Character.toString(value) : "?");
    }
  }
}
