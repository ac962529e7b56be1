package dev.skillwarden.effect;

import dev.skillwarden.effect.CodeCalls.Arguments;
import dev.skillwarden.effect.CodeFunctions.Action;
import dev.skillwarden.effect.CodeToken.Kind;
import dev.skillwarden.effect.CodeToken.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads inline code of many languages as one: names, calls, members, texts that are joined, values
/// given to variables. Goes over the code once, branches and bodies included, and tells the calls
/// it knows to [CodeCalls]. What it does not understand it passes over.
final class CodeScanner {
  private static final int MAX_DEPTH = 60;
  private static final int MAX_INNER = 3;
  private static final int LONGEST_SPAN = 160;

  private final CodeDialect dialect;
  private final CodeSink sink;
  private final CodeCalls calls;
  private final Map<String, CodeValue> variables;
  private final List<CodeToken> tokens;
  private final int level;
  private int at;
  private int depth;
  private boolean endless;
  private boolean again;

  private CodeScanner(
      List<CodeToken> tokens,
      CodeDialect dialect,
      CodeSink sink,
      CodeCalls calls,
      Map<String, CodeValue> variables,
      int level) {
    this.tokens = tokens;
    this.dialect = dialect;
    this.sink = sink;
    this.calls = calls;
    this.variables = variables;
    this.level = level;
  }

  static void scan(String code, CodeDialect dialect, CodeSink sink) {
    CodeScanner scanner =
        new CodeScanner(
            CodeLexer.tokens(code, dialect),
            dialect,
            sink,
            new CodeCalls(sink, dialect),
            new HashMap<>(),
            0);
    scanner.statements();
    if (scanner.calls.socketIsInput()) {
      sink.reverseShell(code);
    }
  }

  private void statements() {
    while (at < tokens.size()) {
      int before = at;
      statement();
      at = Math.max(at, before + 1);
    }
  }

  private CodeToken peek() {
    return peek(0);
  }

  private static final CodeToken NOTHING = CodeToken.of(Kind.END, "");

  private CodeToken peek(int ahead) {
    return at + ahead < tokens.size() ? tokens.get(at + ahead) : NOTHING;
  }

  private boolean end() {
    return at >= tokens.size();
  }

  // ---- statements

  private static final Set<String> PASSED_OVER =
      Set.of(
          "if",
          "else",
          "elif",
          "elsif",
          "elseif",
          "unless",
          "then",
          "do",
          "end",
          "begin",
          "try",
          "catch",
          "except",
          "rescue",
          "ensure",
          "finally",
          "with",
          "return",
          "yield",
          "await",
          "async",
          "const",
          "let",
          "var",
          "my",
          "our",
          "local",
          "global",
          "nonlocal",
          "while",
          "until",
          "for",
          "foreach",
          "and",
          "or",
          "not",
          "is",
          "pass",
          "throw",
          "raise",
          "BEGIN",
          "END",
          "static",
          "public",
          "final",
          "new",
          "typeof",
          "void",
          "delete",
          "print",
          "puts",
          "echo",
          "die",
          "export",
          "default",
          "case",
          "when",
          "use",
          "lambda",
          "assert",
          "del",
          "set",
          "to",
          "tell",
          "application",
          "quiet");

  private void statement() {
    CodeToken token = peek();
    if (token.isName() && !peek(1).is("(") && token.text().equals("import")) {
      imports();
    } else if (token.is("use") && peek(1).is("LWP") && peek(3).is("Simple")) {
      for (String name : List.of("get", "getstore")) {
        variables.put(name, CodeValue.named("LWP.Simple." + name));
      }
      at += 4;
    } else if (token.is("from") && dialect == CodeDialect.PYTHON) {
      importsFrom();
    } else if (token.is("for") || token.is("foreach")) {
      loop();
    } else if (token.is("while") || token.is("until") || token.is("loop")) {
      at++;
      endless |= isAlways();
    } else if (token.is("def") || token.is("function") || token.is("sub") || token.is("class")) {
      at += peek(1).isName() ? 2 : 1;
    } else if (dialect == CodeDialect.APPLE && token.is("do") && peek(1).is("shell")) {
      at += 3;
      expression().texts().forEach(t -> calls.shell(t, span(at)));
    } else if (dialect == CodeDialect.AWK && isPrint(token)) {
      awkPrint();
    } else if (token.is("{") || token.is("}") || token.is(")") || token.is("]")) {
      at++;
    } else if (token.isName()
        && PASSED_OVER.contains(token.text())
        && !peek(1).is("(")
        && !peek(1).is(".")) {
      destructuring();
    } else if (token.kind() == Kind.END) {
      at++;
    } else {
      assignment();
    }
  }

  private static boolean isPrint(CodeToken token) {
    return token.is("print") || token.is("printf");
  }

  private boolean isAlways() {
    int ahead = peek().is("(") ? 1 : 0;
    CodeToken condition = peek(ahead);
    return Set.of("1", "True", "true", "fork", "do").contains(condition.text())
        || (condition.text().isEmpty() && peek().is("("))
        || peek(-1).is("loop");
  }

  /// `const {a, b: c} = require('m')`; otherwise passes over the keyword.
  private void destructuring() {
    at++;
    if (dialect != CodeDialect.SCRIPT || !peek().is("{")) {
      return;
    }
    int start = at;
    Map<String, String> names = names("}");
    if (!peek().is("=")) {
      at = start;
      return;
    }
    at++;
    String module = expression().path();
    names.forEach((name, local) -> variables.put(local, CodeValue.named(module + "." + name)));
  }

  /// `{a, b: c, d as e}` up to the closing sign: name → local name.
  private Map<String, String> names(String close) {
    Map<String, String> names = new LinkedHashMap<>();
    at++;
    while (!end() && !peek().is(close)) {
      if (peek().isName()) {
        boolean renamed = (peek(1).is(":") || peek(1).is("as")) && peek(2).isName();
        names.put(peek().text(), renamed ? peek(2).text() : peek().text());
        at += renamed ? 3 : 1;
      } else {
        at++;
      }
    }
    at++;
    return names;
  }

  /// `import a.b as c, d`, `import fs from "fs"`, `import {x as y} from "fs"`.
  private void imports() {
    at++;
    Map<String, String> names = new LinkedHashMap<>();
    String whole = "";
    while (!end() && peek().kind() != Kind.END) {
      if (peek().is("{")) {
        names = names("}");
      } else if (peek().isName() && !peek().is("from") && !peek().is("as")) {
        String path = dotted();
        String local = path.replaceFirst("\\..*", "");
        if (peek().is("as") && peek(1).isName()) {
          local = peek(1).text();
          variables.put(local, CodeValue.named(path));
          at += 2;
        } else {
          variables.put(local, CodeValue.named(local));
        }
        whole = local;
      } else if (peek().is("as") && peek(1).isName()) {
        whole = peek(1).text();
        at += 2;
      } else if (peek().kind() == Kind.TEXT) {
        String module = value(peek()).text().text().replace("node:", "");
        at++;
        if (!whole.isEmpty()) {
          variables.put(whole, CodeValue.named(module));
        }
        names.forEach((name, local) -> variables.put(local, CodeValue.named(module + "." + name)));
      } else {
        at++;
      }
    }
  }

  private String dotted() {
    StringBuilder path = new StringBuilder(peek().text());
    at++;
    while (peek().is(".") && peek(1).isName()) {
      path.append('.').append(peek(1).text());
      at += 2;
    }
    return path.toString();
  }

  /// `from a import b as c, d`.
  private void importsFrom() {
    at++;
    String module = peek().isName() ? dotted() : "";
    if (!peek().is("import")) {
      return;
    }
    at++;
    while (!end() && peek().kind() != Kind.END) {
      if (peek().isName()) {
        boolean renamed = peek(1).is("as") && peek(2).isName();
        String local = renamed ? peek(2).text() : peek().text();
        variables.put(local, CodeValue.named(module + "." + peek().text()));
        at += renamed ? 3 : 1;
      } else {
        if (peek().is("*")) {
          variables.put("*", CodeValue.named(module));
        }
        at++;
      }
    }
  }

  /// `for x in list`, `for (const x of list)`, `foreach my $x (list)`, `foreach (list as $x)`.
  private void loop() {
    at++;
    if (peek().is("(") && peek(1).kind() == Kind.END) {
      endless = true; // `for (;;)`
    }
    int start = at;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 12 && !end(); i++) {
      CodeToken token = peek();
      if (token.is("in") || token.is("of")) {
        at++;
        CodeValue element = expression().element();
        names.forEach(n -> variables.put(n, element));
        return;
      }
      if (token.is("(") && i > 0 && !names.isEmpty()) {
        CodeValue element = expression().element();
        names.forEach(n -> variables.put(n, element));
        return;
      }
      if (token.isName() && !PASSED_OVER.contains(token.text())) {
        names.add(token.text());
      }
      at++;
    }
    at = start;
    if (peek().is("(")) {
      at++;
      CodeValue list = expression();
      if (peek().is("as") && peek(1).isName()) {
        variables.put(peek(1).text(), list.element());
      } else if (dialect == CodeDialect.PERL) {
        variables.put("$_", list.element());
      }
    }
  }

  /// `print … > file`, `print … | "command"`.
  private void awkPrint() {
    at++;
    while (!end() && peek().kind() != Kind.END && !peek().is("}")) {
      if (peek().is(">") || peek().is(">>")) {
        at++;
        expression().texts().forEach(t -> sink.write(t, Value.unknown(Taints.NONE), span(at)));
      } else if (peek().is("|")) {
        at++;
        expression().texts().forEach(t -> calls.shell(t, span(at)));
      } else {
        int before = at;
        term();
        at = Math.max(at, before + 1);
      }
    }
  }

  private static final Set<String> ASSIGNS = Set.of("=", ":=", "+=", ".=", "||=", "??=");

  /// An expression, or one that gives its value to a variable.
  private void assignment() {
    CodeToken target = peek();
    boolean plain = target.isName() && ASSIGNS.contains(peek(1).text());
    if (!plain) {
      CodeValue left = expression();
      if (peek().is("=")) { // `a.b = …`, `a, b = …`: whose value is not kept
        at++;
        expression();
      } else if (peek().is(",")) {
        at++;
      } else if (dialect == CodeDialect.AWK && peek().is("|") && peek(1).is("getline")) {
        left.texts().forEach(t -> calls.shell(t, span(at)));
        at += 2;
      }
      return;
    }
    String sign = peek(1).text();
    at += 2;
    CodeValue value = expression();
    CodeValue before = variables.getOrDefault(target.text(), CodeValue.text(""));
    boolean appends = sign.equals("+=") || sign.equals(".=");
    variables.put(target.text(), appends ? before.then("", value) : value);
  }

  // ---- expressions

  private static final Set<String> JOINS = Set.of("+", "~", "..");
  private static final Set<String> COMPARES =
      Set.of(
          "==", "===", "!=", "!==", "<", ">", "<=", ">=", "&&", "||", "??", "and", "or", "-", "*",
          "%", "**", "//", "|", "^", "=~", "?", "in", "is", "if", "unless", "else", "x", "&", "|>",
          "<<", ">>");

  private CodeValue expression() {
    if (depth >= MAX_DEPTH) {
      at++;
      return CodeValue.UNKNOWN;
    }
    depth++;
    CodeValue left = term();
    while (!end()) {
      CodeToken sign = peek();
      boolean joins =
          JOINS.contains(sign.text())
              || (sign.is(".") && dialect.dotJoins())
              || (sign.is("&") && dialect == CodeDialect.APPLE)
              || (sign.is("*") && dialect == CodeDialect.JULIA);
      if (sign.kind() != Kind.SIGN && !sign.isName()) {
        boolean adjacent =
            sign.kind() == Kind.TEXT
                && (dialect == CodeDialect.PYTHON || dialect == CodeDialect.AWK);
        if (!adjacent) {
          break;
        }
        left = left.then("", term());
      } else if (joins) {
        at++;
        left = left.then("", term());
      } else if (sign.is("/") && left.text().known() && dialect == CodeDialect.PYTHON) {
        at++;
        left = CodeCalls.joined(List.of(left, term()));
      } else if (COMPARES.contains(sign.text())) {
        if (dialect == CodeDialect.AWK && sign.is("|")) {
          break;
        }
        at++;
        CodeValue right = term();
        boolean fallsBack = sign.is("||") || sign.is("or") || sign.is("??");
        left =
            fallsBack && left.text().blank()
                ? right
                : CodeValue.unknown(left.taints().plus(right.taints()));
      } else {
        break;
      }
    }
    depth--;
    return left;
  }

  private static final Set<String> PREFIXES =
      Set.of(
          "!", ":", "-", "~", "&", "*", "\\", "@", "not", "await", "new", "typeof", "yield", "+",
          "...", "**", "%");

  /// A value with what is called on it and taken out of it.
  private CodeValue term() {
    while (PREFIXES.contains(peek().text())
        && (peek().kind() == Kind.SIGN || peek().isName())
        && !end()) {
      at++;
    }
    int start = at;
    CodeToken token = peek();
    return switch (token.kind()) {
      case TEXT -> {
        at++;
        yield after(value(token), start);
      }
      case SHELL -> {
        at++;
        value(token).texts().forEach(t -> calls.shell(t, span(start)));
        yield after(CodeValue.UNKNOWN, start);
      }
      case NUMBER -> {
        at++;
        yield after(CodeValue.text(token.text()), start);
      }
      case PATTERN -> {
        at++;
        yield after(CodeValue.UNKNOWN, start);
      }
      case NAME -> after(name(), start);
      case SIGN -> after(bracket(token), start);
      case END -> CodeValue.UNKNOWN;
    };
  }

  private CodeValue bracket(CodeToken token) {
    return switch (token.text()) {
      case "(" -> {
        at++;
        List<CodeValue> values = arguments(")", Taints.NONE).positional();
        yield values.size() == 1 && !commaBefore(")") ? values.getFirst() : CodeValue.list(values);
      }
      case "[" -> {
        at++;
        yield CodeValue.list(arguments("]", Taints.NONE).positional());
      }
      case "{" -> {
        at++;
        Arguments inside = arguments("}", Taints.NONE);
        yield new CodeValue(
            List.of(Value.unknown(inside.taints())),
            inside.positional().size() > 1 ? inside.positional() : List.of(),
            inside.named(),
            "");
      }
      default -> CodeValue.UNKNOWN;
    };
  }

  /// Whether a comma stands before the closing sign just passed: `(x,)` is a list.
  private boolean commaBefore(String close) {
    return at >= 2
        && at <= tokens.size()
        && tokens.get(at - 1).is(close)
        && tokens.get(at - 2).is(",");
  }

  private CodeValue name() {
    CodeToken token = peek();
    at++;
    String name = token.text();
    if ((name.equals("function") || name.equals("lambda") || name.equals("sub")) && !end()) {
      return CodeValue.UNKNOWN;
    }
    if (peek().is("=>") && dialect == CodeDialect.SCRIPT) {
      at++;
      return CodeValue.UNKNOWN;
    }
    CodeValue variable = variables.get(name);
    if (variable != null) {
      return variable;
    }
    if (dialect.sigils() && name.startsWith("$")) {
      return name.equals("$ENV") || name.equals("$_ENV") || name.equals("$_SERVER")
          ? CodeValue.named("ENV")
          : CodeValue.UNKNOWN;
    }
    CodeValue starred = variables.get("*");
    return CodeValue.named(
        starred != null
                && CodeFunctions.action(starred.path() + "." + name, false, dialect).isPresent()
            ? starred.path() + "." + name
            : name);
  }

  /// `.name`, `->name`, `::name`, `[…]`, `(…)` and arguments without parentheses.
  private CodeValue after(CodeValue first, int start) {
    CodeValue value = first;
    CodeValue owner = CodeValue.UNKNOWN;
    while (!end()) {
      CodeToken sign = peek();
      boolean reaches =
          (sign.is(".") && !dialect.dotJoins())
              || sign.is("?.")
              || sign.is("->")
              || sign.is("::")
              || (sign.is(":") && dialect == CodeDialect.LUA && peek(2).is("("));
      if (reaches && peek(1).isName()) {
        owner = value;
        value = member(value, peek(1).text());
        at += 2;
      } else if (sign.is("(")) {
        at++;
        boolean fetches =
            actionOf(value).filter(a -> a == Action.FETCH || a == Action.SOCKET).isPresent();
        Taints given = fetches ? Taints.NETWORK : owner.taints();
        Arguments arguments = arguments(")", given);
        value = call(value, owner, arguments, start);
        owner = CodeValue.UNKNOWN;
      } else if (sign.is("[")
          || (sign.is("{") && dialect == CodeDialect.PERL && isEnvironment(value))) {
        at++;
        Arguments index = arguments(sign.is("[") ? "]" : "}", Taints.NONE);
        owner = value;
        value = element(value, index);
      } else if (reaches && (peek(1).is("(") || peek(1).is("[") || peek(1).is("{"))) {
        at++; // `&$f->(…)`
      } else if (bareCall(value)) {
        value = call(value, owner, bareArguments(), start);
      } else {
        break;
      }
    }
    if (actionOf(value).filter(a -> a == Action.FORK).isPresent()) {
      fork(start);
    }
    return value;
  }

  private boolean isEnvironment(CodeValue value) {
    return value.path().equals("ENV") || value.path().equals("os.environ");
  }

  private static final int LONGEST_PATH = 100;

  private CodeValue member(CodeValue value, String name) {
    if (value.fields().containsKey(name)) {
      return value.fields().getOrDefault(name, CodeValue.UNKNOWN);
    }
    if (isEnvironment(value) || value.path().equals("process.env")) {
      return name.equals("get") || name.equals("fetch") || name.equals("copy")
          ? CodeValue.named(value.path() + "." + name)
          : CodeCalls.variable(name);
    }
    String owner = value.path();
    boolean endless = owner.length() > LONGEST_PATH; // the last names tell what it is
    String path = owner.isEmpty() || endless ? name : owner + "." + name;
    CodeValue named = CodeValue.named(path);
    return named.with(value.taints());
  }

  private CodeValue element(CodeValue value, Arguments index) {
    CodeValue key = index.get(0);
    String path = value.path();
    if (isEnvironment(value) || path.equals("process.env")) {
      String name = key.path().isEmpty() ? key.text().text() : key.path();
      return CodeCalls.variable(name);
    }
    if (path.equals("Dir") && dialect == CodeDialect.RUBY) {
      return calls.run(Action.LIST, index, span(at));
    }
    if (!path.isEmpty() && key.known() && !key.text().text().matches("\\d*")) {
      return member(value, key.text().text());
    }
    String digits = key.text().text();
    if (!value.items().isEmpty() && digits.matches("\\d{1,4}")) {
      int at = Integer.parseInt(digits);
      return at < value.items().size() ? value.items().get(at) : CodeValue.UNKNOWN;
    }
    // A slice, `[::-1]` or `[0:3]`, of a text: not followed.
    return value.items().isEmpty() && value.path().isEmpty() && value.text().glob()
        ? value
        : CodeValue.unknown(value.taints());
  }

  private Optional<Action> actionOf(CodeValue value) {
    return value.path().isEmpty()
        ? Optional.empty()
        : CodeFunctions.action(value.path(), false, dialect);
  }

  // ---- calls

  private boolean bareCall(CodeValue value) {
    if (!dialect.bareCalls() && dialect != CodeDialect.LUA && dialect != CodeDialect.AWK) {
      return false;
    }
    CodeToken next = peek();
    boolean argument =
        next.kind() == Kind.TEXT
            || (next.isName() && !PASSED_OVER.contains(next.text()))
            || (next.is("[") || next.is("<"));
    return argument
        && (actionOf(value).isPresent() || value.path().equals("require"))
        && (dialect != CodeDialect.LUA || next.kind() == Kind.TEXT);
  }

  private Arguments bareArguments() {
    List<CodeValue> values = new ArrayList<>();
    Map<String, CodeValue> named = new HashMap<>();
    if (peek().is("<")) {
      at++;
      return new Arguments(List.of(CodeValue.UNKNOWN), Map.of());
    }
    while (!end() && peek().kind() != Kind.END) {
      values.add(expression());
      if (!peek().is(",")) {
        break;
      }
      at++;
    }
    return new Arguments(values, named);
  }

  /// Values up to the closing sign, which is passed.
  ///
  /// @param given origin of what a function in the arguments is called with
  private Arguments arguments(String close, Taints given) {
    List<CodeValue> values = new ArrayList<>();
    Map<String, CodeValue> named = new LinkedHashMap<>();
    depth++;
    while (!end() && !peek().is(close)) {
      int before = at;
      CodeToken token = peek();
      if (depth > MAX_DEPTH) {
        at++;
      } else if (dialect == CodeDialect.SCRIPT
          && token.isName()
          && ASSIGNS.contains(peek(1).text())) {
        assignment(); // the body of `c => d += c`
      } else if (isKey(token)) {
        String key = token.kind() == Kind.TEXT ? value(token).text().text() : token.text();
        at += 2;
        named.put(key, expression());
      } else if (token.isName() && peek(1).is("=>") && dialect == CodeDialect.SCRIPT) {
        variables.put(token.text(), CodeValue.unknown(given));
        at += 2;
      } else if (token.is("(")
          && peek(1).isName()
          && (peek(2).is(")") || peek(2).is(","))
          && dialect == CodeDialect.SCRIPT
          && arrowFollows()) {
        variables.put(peek(1).text(), CodeValue.unknown(given));
        while (!peek().is("=>")) {
          at++;
        }
        at++;
      } else if (token.is(",") || token.kind() == Kind.END) {
        at++;
      } else if (close.equals("}") || (token.isName() && startsStatement(token))) {
        if (token.is("function") && peek(1).is("(") && peek(2).isName()) {
          variables.put(peek(2).text(), CodeValue.unknown(given));
        }
        statementOrValue(values);
      } else {
        values.add(expression());
        comprehension(values);
      }
      at = Math.max(at, before + 1);
    }
    at++;
    depth--;
    return new Arguments(values, named);
  }

  /// `[f(x) for x in list]`: the loop stands after what it repeats.
  private void comprehension(List<CodeValue> values) {
    if (again || !peek().is("for") || dialect != CodeDialect.PYTHON) {
      return;
    }
    int body = at;
    loop();
    int resume = at;
    // Once more, now that the loop's variable is known.
    int start = body;
    int open = 0;
    while (start > 0) {
      CodeToken token = tokens.get(start - 1);
      open += token.is(")") || token.is("]") || token.is("}") ? 1 : 0;
      boolean opens = token.is("(") || token.is("[") || token.is("{");
      if ((opens && open == 0) || body - start > 100) {
        break;
      }
      open -= opens ? 1 : 0;
      start--;
    }
    at = start;
    if (body - start <= 100 && depth < MAX_DEPTH / 2) {
      again = true;
      values.add(expression());
      again = false;
    }
    at = resume;
  }

  private boolean startsStatement(CodeToken token) {
    return Set.of(
            "function", "if", "return", "const", "let", "var", "for", "while", "do", "async", "sub")
        .contains(token.text());
  }

  private void statementOrValue(List<CodeValue> values) {
    CodeToken token = peek();
    if (token.isName() || token.is("{")) {
      statement();
    } else {
      values.add(expression());
    }
  }

  private boolean arrowFollows() {
    for (int i = 1; i < 12; i++) {
      if (peek(i).is(")")) {
        return peek(i + 1).is("=>");
      }
    }
    return false;
  }

  private boolean isKey(CodeToken token) {
    boolean key = token.isName() || token.kind() == Kind.TEXT;
    CodeToken next = peek(1);
    return key
        && ((next.is("=") && token.isName() && dialect != CodeDialect.SCRIPT)
            || (next.is(":") && !next.is("::"))
            || (next.is("=>") && dialect != CodeDialect.SCRIPT));
  }

  private CodeValue call(CodeValue function, CodeValue owner, Arguments arguments, int start) {
    String span = span(start);
    String path = function.path();
    if (path.isEmpty()) {
      return CodeValue.unknown(function.taints().plus(arguments.taints()));
    }
    String method = path.substring(path.lastIndexOf('.') + 1);
    Optional<Action> action = CodeFunctions.action(path, false, dialect);
    boolean onValue = owner.path().isEmpty() && !owner.equals(CodeValue.UNKNOWN);
    if (onValue) {
      Optional<CodeValue> result = CodeMethods.call(method, owner, arguments, calls, span);
      if (result.isPresent()) {
        return result.get();
      }
      action = CodeFunctions.action(method, true, dialect);
    }
    boolean sent =
        Set.of("send", "public_send", "__send__").contains(method)
            && (!arguments.get(0).path().isEmpty() || arguments.get(0).known());
    if (sent || action.filter(a -> a == Action.CALL).isPresent()) {
      return indirect(arguments, start);
    }
    if (action.isEmpty()) {
      boolean evaluates =
          arguments.positional().stream()
              .anyMatch(p -> actionOf(p).filter(a -> a == Action.EVALUATE).isPresent());
      if (evaluates && owner.taints().foreign()) { // `fetch(u).then(eval)`
        sink.foreign(
            owner.taints().network() ? CodeSink.Source.NETWORK : CodeSink.Source.DECODED, span);
      }
      return CodeValue.unknown(owner.taints().plus(arguments.taints())).with(function.taints());
    }
    if (action.get() == Action.FORK) {
      fork(start);
    }
    return calls.run(action.get(), arguments, span);
  }

  /// `call_user_func("unlink", path)`, `send(:system, text)`.
  private CodeValue indirect(Arguments arguments, int start) {
    CodeValue first = arguments.get(0);
    String name = first.path().isEmpty() ? first.text().text() : first.path();
    List<CodeValue> rest =
        arguments
            .positional()
            .subList(Math.min(1, arguments.positional().size()), arguments.positional().size());
    Optional<Action> action = CodeFunctions.action(name, false, dialect);
    return action
        .map(a -> calls.run(a, new Arguments(List.copyOf(rest), arguments.named()), span(start)))
        .orElse(CodeValue.UNKNOWN);
  }

  private void fork(int start) {
    boolean again = peek().is("while") || (peek().is("(") && peek(2).is("while"));
    if (endless || again) {
      sink.forkBomb(span(start));
    }
  }

  // ---- texts

  private CodeValue value(CodeToken token) {
    CodeValue value = CodeValue.text("");
    for (Part part : token.parts()) {
      value = value.then("", part.expression() ? inner(part.text()) : CodeValue.text(part.text()));
    }
    return value;
  }

  private CodeValue inner(String code) {
    if (level >= MAX_INNER || code.isBlank()) {
      return CodeValue.UNKNOWN;
    }
    CodeScanner scanner =
        new CodeScanner(
            CodeLexer.tokens(code, dialect), dialect, sink, calls, variables, level + 1);
    return scanner.expression();
  }

  /// The code from a token on, for people.
  private String span(int start) {
    StringBuilder text = new StringBuilder();
    for (int i = start; i < Math.min(at, start + 40) && text.length() < LONGEST_SPAN; i++) {
      CodeToken token = tokens.get(i);
      switch (token.kind()) {
        case TEXT, SHELL -> {
          text.append('"');
          token.parts().forEach(p -> text.append(p.text()));
          text.append('"');
        }
        case PATTERN -> text.append("/…/");
        case NAME, NUMBER, SIGN, END -> text.append(token.text());
      }
    }
    return text.toString();
  }
}
