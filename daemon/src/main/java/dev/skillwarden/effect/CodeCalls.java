package dev.skillwarden.effect;

import dev.skillwarden.effect.CodeFunctions.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Tells the sink what calls in inline code do, and what they give back.
final class CodeCalls {
  private static final Set<String> CONTINUES_WRITING = Set.of("w", "a", "x", "+");

  private final CodeSink sink;
  private final CodeDialect dialect;
  private boolean socket;
  private boolean duplicated;

  CodeCalls(CodeSink sink, CodeDialect dialect) {
    this.sink = sink;
    this.dialect = dialect;
  }

  /// Arguments of a call.
  record Arguments(List<CodeValue> positional, Map<String, CodeValue> named) {
    CodeValue get(int index) {
      return index < positional.size() ? positional.get(index) : CodeValue.UNKNOWN;
    }

    CodeValue named(String name) {
      return named.getOrDefault(name, CodeValue.UNKNOWN);
    }

    Taints taints() {
      Taints taints = Taints.NONE;
      for (CodeValue value : positional) {
        taints = taints.plus(value.taints());
      }
      for (CodeValue value : named.values()) {
        taints = taints.plus(value.taints());
      }
      return taints;
    }
  }

  CodeValue run(Action action, Arguments given, String span) {
    return switch (action) {
      case DELETE -> each(given, p -> sink.delete(p, p.glob(), span));
      case DELETE_TREE -> each(given, p -> sink.delete(p, true, span));
      case READ -> read(given, span);
      case WRITE -> {
        paths(given.get(0)).forEach(p -> sink.write(p, given.get(1).text(), span));
        yield CodeValue.UNKNOWN;
      }
      case OPEN -> open(given, span);
      case COPY -> {
        twoPaths(given, false, span);
        yield CodeValue.UNKNOWN;
      }
      case MOVE -> {
        twoPaths(given, true, span);
        yield CodeValue.UNKNOWN;
      }
      case CHMOD -> permissions(given, span);
      case SHELL -> shell(given, span);
      case EXECUTE -> execute(given, span);
      case EVALUATE -> evaluate(given, span);
      case FETCH -> fetch(given, span);
      case FETCH_FILE -> {
        sink.download(given.get(0).text(), given.get(1).text(), span);
        yield CodeValue.unknown(Taints.NONE);
      }
      case SEND -> {
        send(given, span);
        yield CodeValue.unknown(Taints.NETWORK);
      }
      case BASE64 -> decoded(given.get(0), CodeCalls::base64);
      case HEX -> decoded(given.get(0), CodeCalls::hex);
      case UNPACK -> CodeValue.unknown(given.taints().plus(Taints.DECODED));
      case JOIN_PATH -> joined(given.positional());
      case LIST -> listed(given.get(0));
      case SAME -> given.get(0);
      case VARIABLE -> variable(given.get(0).text().text());
      case ENVIRONMENT -> CodeValue.unknown(Taints.SECRET);
      case HOME -> CodeValue.text("~");
      case TEXT_OF_CODE -> characters(given);
      case MODULE -> CodeValue.named(given.get(0).text().text().replace("node:", ""));
      case MEMBER -> member(given);
      case CALL -> CodeValue.UNKNOWN;
      case SOCKET -> {
        socket = true;
        yield CodeValue.unknown(Taints.NETWORK);
      }
      case DUPLICATE -> {
        duplicated = true;
        yield CodeValue.UNKNOWN;
      }
      case FORK -> CodeValue.UNKNOWN;
    };
  }

  /// Whether the code connects a socket to its own input and output.
  boolean socketIsInput() {
    return socket && duplicated;
  }

  boolean opensSocket() {
    return socket;
  }

  private static List<Value> paths(CodeValue value) {
    if (value.items().isEmpty()) {
      return value.texts();
    }
    List<Value> all = new ArrayList<>();
    value.items().forEach(i -> all.addAll(i.texts()));
    return all;
  }

  private static CodeValue each(Arguments given, java.util.function.Consumer<Value> action) {
    for (CodeValue value : given.positional()) {
      // A path of which nothing is known is any path, mostly a harmless one: nothing is said.
      paths(value).stream().filter(p -> !p.blank()).forEach(action);
    }
    return CodeValue.UNKNOWN;
  }

  private CodeValue read(Arguments given, String span) {
    Value path = given.get(0).text();
    if (path.text().startsWith("http://") || path.text().startsWith("https://")) {
      return fetch(given, span);
    }
    if (path.text().equals("php://input")) {
      return CodeValue.UNKNOWN;
    }
    paths(given.get(0)).forEach(p -> sink.read(p, span));
    return CodeValue.unknown(given.taints());
  }

  private CodeValue open(Arguments given, String span) {
    CodeValue mode =
        given.named().containsKey("mode")
            ? given.named("mode")
            : dialect == CodeDialect.PERL && given.positional().size() > 1
                ? given.get(1)
                : given.positional().size() > 1 ? given.get(1) : CodeValue.text("r");
    CodeValue path = given.get(0);
    String how = mode.text().text();
    if (dialect == CodeDialect.PERL) {
      return perlOpen(given, how, span);
    }
    if (path.text().text().startsWith("|")) {
      sink.shell(path.text().from(1), span);
      return CodeValue.UNKNOWN;
    }
    if (CONTINUES_WRITING.stream().anyMatch(how::contains)) {
      paths(path).forEach(p -> sink.write(p, Value.unknown(Taints.NONE), span));
      return CodeValue.UNKNOWN;
    }
    return read(given, span);
  }

  /// `open(F, ">", "x")`, `open(F, ">x")`, `open(F, "cmd |")`.
  private CodeValue perlOpen(Arguments given, String how, String span) {
    String mode = how.strip();
    if (mode.endsWith("|") && mode.length() > 2) {
      sink.shell(Value.of(mode.substring(0, mode.length() - 1)), span);
    } else if (mode.startsWith("|") && mode.length() > 2) {
      sink.shell(Value.of(mode.substring(1)), span);
    } else if (mode.equals("-|") || mode.equals("|-")) {
      Arguments rest = new Arguments(from(given.positional(), 2), Map.of());
      shell(rest, span);
    } else {
      String bare = mode.replaceFirst("^\\+?[<>]{0,2}\\s*(?::[a-z0-9]+)?\\s*", "");
      Value path =
          given.positional().size() > 2 ? given.get(2).text() : given.get(1).text().text(bare);
      if (mode.contains(">")) {
        sink.write(path, Value.unknown(Taints.NONE), span);
      } else {
        sink.read(path, span);
      }
    }
    return CodeValue.UNKNOWN;
  }

  private static List<CodeValue> from(List<CodeValue> values, int from) {
    return values.subList(Math.min(from, values.size()), values.size());
  }

  private void twoPaths(Arguments given, boolean move, String span) {
    for (Value from : paths(given.get(0))) {
      sink.copy(from, given.get(1).text(), move, span);
    }
  }

  /// The path stands first in most languages, last in perl and ruby.
  private CodeValue permissions(Arguments given, String span) {
    boolean last = dialect == CodeDialect.PERL || dialect == CodeDialect.RUBY;
    List<CodeValue> paths =
        last ? from(given.positional(), 1) : given.positional().stream().limit(1).toList();
    CodeValue mode = last ? given.get(0) : given.get(1);
    String octal = mode.text().text().replaceFirst("^0o?(?=[0-7])", "");
    boolean known = octal.matches("[0-7]{1,4}");
    Value how = known ? Value.of(octal) : Value.of("600"); // not known: no wider than it was
    paths.forEach(p -> paths(p).forEach(path -> sink.permissions(path, how, span)));
    return CodeValue.UNKNOWN;
  }

  private CodeValue shell(Arguments given, String span) {
    List<CodeValue> words = given.positional();
    if (words.isEmpty()) {
      return CodeValue.UNKNOWN;
    }
    boolean list = !words.getFirst().items().isEmpty();
    boolean several =
        words.size() > 1
            && (dialect == CodeDialect.PERL || dialect == CodeDialect.RUBY)
            && words.get(1).fields().isEmpty();
    if (list || several) {
      return execute(given, span);
    }
    for (Value text : words.getFirst().texts()) {
      shell(text, span);
    }
    return CodeValue.UNKNOWN;
  }

  void shell(Value text, String span) {
    if (opensSocket() && startsShell(text.text())) {
      sink.reverseShell(span);
    }
    sink.shell(text, span);
  }

  private static boolean startsShell(String command) {
    String first = command.strip().replaceFirst("\\s.*", "");
    return Commands.isShell(ShellAnalyzer.base(first)) || first.matches("(?i)cmd(\\.exe)?");
  }

  private CodeValue execute(Arguments given, String span) {
    List<Value> words = new ArrayList<>();
    boolean asText =
        given.positional().size() == 1
            && given.get(0).items().isEmpty()
            && !given.get(0).text().text().matches("\\S*");
    if (asText || isTrue(given.named("shell"))) {
      CodeValue command = given.get(0);
      CodeValue text = command.items().isEmpty() ? command : command.items().getFirst();
      text.texts().forEach(t -> shell(t, span));
      return CodeValue.UNKNOWN;
    }
    for (CodeValue value : given.positional()) {
      if (value.items().isEmpty()) {
        boolean options = !value.fields().isEmpty();
        if (!options) {
          words.add(value.text());
        }
      } else {
        value.items().forEach(i -> words.add(i.text()));
      }
    }
    if (words.isEmpty()) {
      return CodeValue.UNKNOWN;
    }
    // `os.execl(file, argv0, …)` names the program twice.
    boolean twice =
        words.size() > 1
            && ShellAnalyzer.base(words.get(0).text())
                .equals(ShellAnalyzer.base(words.get(1).text()));
    List<Value> command = twice ? words.subList(1, words.size()) : words;
    if (opensSocket() && startsShell(command.getFirst().text())) {
      sink.reverseShell(span);
    }
    sink.execute(command, span);
    return CodeValue.UNKNOWN;
  }

  private static boolean isTrue(CodeValue value) {
    String path = value.path();
    return path.equals("True") || path.equals("true") || value.text().text().startsWith("/");
  }

  private CodeValue evaluate(Arguments given, String span) {
    CodeValue code = given.get(0);
    Taints taints = given.taints();
    if (taints.network()) {
      sink.foreign(CodeSink.Source.NETWORK, span);
    } else if (taints.decoded()) {
      sink.foreign(CodeSink.Source.DECODED, span);
    }
    for (Value text : code.texts()) {
      if (!text.blank()) {
        sink.code(text, span);
      }
    }
    return CodeValue.unknown(taints);
  }

  private CodeValue fetch(Arguments given, String span) {
    CodeValue body =
        given.named().containsKey("data")
            ? given.named("data")
            : given.named().containsKey("body") ? given.named("body") : given.named("json");
    boolean sends =
        given.named().keySet().stream()
                .anyMatch(k -> Set.of("data", "body", "json", "files").contains(k))
            || given.positional().stream()
                .anyMatch(p -> p.fields().containsKey("body") || p.fields().containsKey("data"));
    boolean urlSecret = given.get(0).taints().secret();
    if (sends || urlSecret || body.taints().secret()) {
      send(given, span);
    } else {
      sink.download(given.get(0).text(), Value.unknown(Taints.NONE), span);
    }
    return CodeValue.unknown(Taints.NETWORK);
  }

  private void send(Arguments given, String span) {
    boolean environment = given.taints().secret();
    sink.upload(
        given.get(0).text(), environment ? Value.of("env") : Value.unknown(Taints.NONE), span);
  }

  private static CodeValue decoded(CodeValue encoded, UnaryOperator<String> decoder) {
    Value text = encoded.text();
    if (!text.known()) {
      return CodeValue.unknown(text.taints().plus(Taints.DECODED));
    }
    try {
      String plain = decoder.apply(text.text());
      return CodeValue.of(new Value(plain, true, text.taints().plus(Taints.DECODED), false));
    } catch (IllegalArgumentException e) {
      return CodeValue.unknown(text.taints().plus(Taints.DECODED)); // not what it says it is
    }
  }

  private static String base64(String text) {
    String standard = text.replace('-', '+').replace('_', '/');
    return new String(Base64.getMimeDecoder().decode(standard), StandardCharsets.UTF_8);
  }

  private static String hex(String text) {
    return new String(HexFormat.of().parseHex(text.replaceAll("\\s", "")), StandardCharsets.UTF_8);
  }

  static CodeValue joined(List<CodeValue> parts) {
    CodeValue path = CodeValue.text("");
    for (CodeValue part : parts) {
      boolean first = path.text().text().isEmpty();
      boolean absolute = part.text().text().startsWith("/");
      boolean below = path.text().glob() && path.text().text().endsWith("/*");
      path =
          first || absolute
              ? part
              : below ? path : path.then(path.text().text().endsWith("/") ? "" : "/", part);
    }
    return path;
  }

  /// Names in a directory, or what a pattern takes: everything below.
  private static CodeValue listed(CodeValue directory) {
    Value text = directory.text();
    if (text.blank()) {
      return CodeValue.UNKNOWN;
    }
    String path = text.text();
    boolean pattern = path.indexOf('*') >= 0;
    String below = pattern ? path.replaceFirst("/\\*\\*.*$", "/*") : path + "/*";
    return CodeValue.of(new Value(below.replace("//", "/"), text.known(), text.taints(), true));
  }

  static CodeValue variable(String name) {
    return switch (name) {
      case "HOME", "USERPROFILE" -> CodeValue.text("~");
      default ->
          name.matches("(?i).*(token|secret|passw|api_?key|credential|private_?key).*")
              ? CodeValue.unknown(Taints.SECRET)
              : CodeValue.UNKNOWN;
    };
  }

  private static CodeValue characters(Arguments given) {
    StringBuilder text = new StringBuilder();
    for (CodeValue value : given.positional()) {
      String digits = value.text().text();
      boolean hex = digits.startsWith("0x");
      if (!digits.matches("\\d{1,7}|0x[0-9a-fA-F]{1,6}")) {
        return CodeValue.unknown(Taints.DECODED);
      }
      int code = hex ? Integer.parseInt(digits.substring(2), 16) : Integer.parseInt(digits);
      text.append(Character.isValidCodePoint(code) ? Character.toString(code) : "?");
    }
    return CodeValue.text(text.toString());
  }

  private static CodeValue member(Arguments given) {
    String name = given.get(1).text().text();
    String owner = given.get(0).path();
    return given.get(1).known()
        ? CodeValue.named(owner.isEmpty() ? name : owner + "." + name)
        : CodeValue.UNKNOWN;
  }
}
