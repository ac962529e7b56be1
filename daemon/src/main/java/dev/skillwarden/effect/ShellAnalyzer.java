package dev.skillwarden.effect;

import dev.skillwarden.shell.Braces;
import dev.skillwarden.shell.ShellParser;
import dev.skillwarden.shell.ShellSyntaxException;
import dev.skillwarden.shell.Syntax;
import dev.skillwarden.shell.Syntax.Assignment;
import dev.skillwarden.shell.Syntax.Operator;
import dev.skillwarden.shell.Syntax.Piece;
import dev.skillwarden.shell.Syntax.Redirect;
import dev.skillwarden.shell.Syntax.Word;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a shell command would do, as [Effect]s. Follows assignments, `cd`, loops over literal
/// words, functions and commands that run other commands. Never runs anything.
public final class ShellAnalyzer {
  /// Commands looked at per text, unwrapped ones included.
  private static final int MAX_STEPS = 20_000;

  private static final int MAX_EFFECTS = 2_000;
  private static final int MAX_UNWRAP = 24;
  private static final int MAX_CALLS = 16;
  private static final int MAX_SPLIT = 200;
  private static final int MAX_LOOP = 32;

  private final Path home;
  private final FileView files;
  private final Commands commands = new Commands();
  private final List<Effect> effects = new ArrayList<>();
  private final Map<String, Syntax> functions = new HashMap<>();
  private final Map<String, Value> variables = new HashMap<>();
  private final Map<String, String> written = new HashMap<>();
  private final List<String> active = new ArrayList<>();
  private Path cwd;
  private boolean cwdKnown = true;
  private String pipeline = "";
  private Optional<String> piped = Optional.empty();
  private int steps;
  private int unwraps;

  private ShellAnalyzer(Path cwd, Path home, Map<String, String> environment, FileView files) {
    this.cwd = cwd;
    this.home = home;
    this.files = files;
    environment.forEach((name, value) -> variables.put(name, Value.of(value)));
  }

  /// Analyses a command.
  ///
  /// @param cwd absolute working directory
  /// @param home absolute home directory
  /// @param environment variables known to be set
  public static List<Effect> analyze(
      String command, Path cwd, Path home, Map<String, String> environment, FileView files) {
    ShellAnalyzer analyzer = new ShellAnalyzer(cwd, home, environment, files);
    analyzer.text(command, 0);
    return List.copyOf(analyzer.effects);
  }

  /// What flows out of a command: what its output is made of.
  enum Flow {
    PLAIN,
    NETWORK,
    DECODED,
    SECRET
  }

  private void text(String command, int depth) {
    try {
      run(ShellParser.parse(command, Math.min(depth, ShellParser.MAX_DEPTH - 1)), Flow.PLAIN);
    } catch (ShellSyntaxException e) {
      emit(new Effect.Unreadable(e.budget(), String.valueOf(e.getMessage()), cut(command)));
      scan(command);
    }
  }

  /// The text could not be parsed: judge every line that starts like a command on its own words.
  private void scan(String command) {
    for (String line : command.split("[\n;|&]+", 400)) {
      List<Value> words = new ArrayList<>();
      for (String word : line.strip().split("\\s+", 200)) {
        words.add(Value.of(word.replaceAll("[\"'`()]", "")));
      }
      if (!words.isEmpty()) {
        command(words, List.of(), Flow.PLAIN, cut(line));
      }
    }
  }

  void emit(Effect effect) {
    if (effects.size() < MAX_EFFECTS) {
      effects.add(pipeline.isEmpty() ? effect : overPipeline(effect));
    } else if (effects.size() == MAX_EFFECTS) {
      // What comes after is not looked at, so the call cannot pass.
      effects.add(
          new Effect.Unreadable(true, "the command has more than " + MAX_EFFECTS + " effects", ""));
    }
  }

  /// What flows through a pipe is shown with the whole pipe.
  private Effect overPipeline(Effect effect) {
    return switch (effect) {
      case Effect.NetToExec n -> new Effect.NetToExec(n.source(), n.interpreter(), pipeline);
      case Effect.DecodedToExec d -> new Effect.DecodedToExec(pipeline);
      case Effect.Upload u -> new Effect.Upload(u.path(), pipeline);
      default -> effect;
    };
  }

  private Flow run(Syntax syntax, Flow in) {
    if (++steps > MAX_STEPS) {
      if (steps == MAX_STEPS + 1) {
        emit(new Effect.Unreadable(true, "the command has more than " + MAX_STEPS + " steps", ""));
      }
      return Flow.PLAIN;
    }
    return switch (syntax) {
      case Syntax.Sequence s -> {
        Flow out = Flow.PLAIN;
        for (Syntax item : s.items()) {
          out = worst(out, run(item, in));
        }
        yield out;
      }
      case Syntax.Pipeline p -> {
        Flow flow = in;
        String outer = pipeline;
        pipeline = outer.isEmpty() && p.stages().size() > 1 ? cut(p.span()) : outer;
        for (Syntax stage : p.stages()) {
          flow = run(stage, flow);
          piped = literalOutput(stage);
        }
        piped = Optional.empty();
        pipeline = outer;
        yield flow;
      }
      case Syntax.Simple s -> simple(s, in);
      case Syntax.Background b -> run(b.body(), in);
      case Syntax.For f -> loop(f, in);
      case Syntax.Compound c -> compound(c, in);
      case Syntax.Function f -> {
        functions.put(f.name(), f.body());
        if (mentions(f.body(), f.name(), 0) >= 2) {
          emit(new Effect.ForkBomb(f.name() + "() { … }"));
        }
        yield Flow.PLAIN;
      }
    };
  }

  private static Flow worst(Flow a, Flow b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /// How often a function's body pipes or backgrounds into itself.
  private static int mentions(Syntax syntax, String name, int depth) {
    if (depth > ShellParser.MAX_DEPTH) {
      return 0;
    }
    return switch (syntax) {
      case Syntax.Simple s ->
          !s.words().isEmpty() && s.words().getFirst().span().equals(name) ? 1 : 0;
      case Syntax.Pipeline p ->
          p.stages().stream().mapToInt(i -> mentions(i, name, depth + 1)).sum();
      case Syntax.Sequence s ->
          s.items().stream().mapToInt(i -> mentions(i, name, depth + 1)).sum();
      case Syntax.Compound c ->
          c.parts().stream().mapToInt(i -> mentions(i, name, depth + 1)).sum();
      case Syntax.Background b -> mentions(b.body(), name, depth + 1);
      case Syntax.For f -> mentions(f.body(), name, depth + 1);
      case Syntax.Function f -> 0;
    };
  }

  private Flow loop(Syntax.For loop, Flow in) {
    List<Value> values = new ArrayList<>();
    loop.words().forEach(w -> values.addAll(expand(w)));
    if (values.isEmpty() || values.size() > MAX_LOOP) {
      variables.put(loop.variable(), new Value(String.valueOf(Value.HOLE), false, false, false));
      return run(loop.body(), in);
    }
    Flow out = Flow.PLAIN;
    for (Value value : values) {
      variables.put(loop.variable(), value);
      out = worst(out, run(loop.body(), in));
    }
    return out;
  }

  private Flow compound(Syntax.Compound compound, Flow in) {
    Path before = cwd;
    boolean beforeKnown = cwdKnown;
    compound.words().forEach(this::expand);
    Flow fed = redirects(compound.redirects(), in, "");
    Flow out = Flow.PLAIN;
    for (Syntax part : compound.parts()) {
      out = worst(out, run(part, fed));
    }
    if (compound.subshell()) {
      cwd = before;
      cwdKnown = beforeKnown;
    }
    return out;
  }

  private Flow simple(Syntax.Simple simple, Flow in) {
    for (Assignment assignment : simple.assignments()) {
      Value value = join(expand(assignment.value()));
      if (simple.words().isEmpty()) {
        variables.put(assignment.name(), value);
      }
      commands.assignment(this, assignment.name(), value, simple.span(), simple.words().isEmpty());
    }
    List<Value> words = new ArrayList<>();
    for (Word word : simple.words()) {
      words.addAll(expand(word));
    }
    Flow fed = redirects(simple.redirects(), in, words.isEmpty() ? "" : words.getFirst().text());
    if (words.isEmpty()) {
      return fed;
    }
    Flow out = command(words, simple.redirects(), fed, simple.span());
    for (Redirect redirect : simple.redirects()) {
      if (redirect.operator().startsWith(">") && out != Flow.PLAIN) {
        Value target = join(expand(redirect.target()));
        written.put(resolve(target.text()), out.name());
      }
    }
    return out;
  }

  /// Effects of redirections; what the command then reads.
  private Flow redirects(List<Redirect> redirects, Flow in, String command) {
    Flow fed = in;
    for (Redirect redirect : redirects) {
      if (redirect.hereDocument().isPresent()) {
        Value body = join(expand(redirect.hereDocument().get()));
        if (Commands.SHELLS.contains(base(command))) {
          unwrapText(body, Flow.PLAIN);
        } else {
          commands.inlineCode(this, base(command), body.text(), cut(body.text()));
        }
        continue;
      }
      Value target = join(expand(redirect.target()));
      String span = redirect.operator() + " " + redirect.target().span();
      if (target.text().startsWith("/dev/tcp/") || target.text().startsWith("/dev/udp/")) {
        if (redirect.operator().contains(">")
            || Commands.SHELLS.contains(base(command))
            || base(command).equals("exec")) {
          emit(new Effect.ReverseShell(span));
        }
        fed = Flow.NETWORK;
      } else if (redirect.operator().contains(">") && !isDescriptor(redirect, target)) {
        write(target, span);
      } else if (redirect.operator().equals("<")) {
        read(target, span);
        Optional<String> source = provenance(target.text());
        if (source.isPresent()) {
          fed = Flow.valueOf(source.get());
        } else if (SecretPaths.isSecret(resolve(target.text()), home.toString())) {
          fed = worst(fed, Flow.SECRET);
        }
      }
    }
    return fed;
  }

  private static boolean isDescriptor(Redirect redirect, Value target) {
    return redirect.operator().equals(">&") && target.text().matches("\\d+|-");
  }

  /// One command with its words expanded.
  Flow command(List<Value> words, List<Redirect> redirects, Flow in, String span) {
    Value first = words.getFirst();
    String name = base(first.text());
    if (!first.known() && first.dynamic()) {
      emit(new Effect.NetToExec("", "shell", span));
      return in;
    }
    Syntax function = functions.get(first.text());
    if (function != null && active.size() >= MAX_CALLS) {
      emit(
          new Effect.Unreadable(
              true, "functions call each other over " + MAX_CALLS + " deep", span));
      return in;
    }
    if (function != null && !active.contains(first.text())) {
      active.add(first.text());
      for (int i = 1; i < Math.min(words.size(), 10); i++) {
        variables.put(String.valueOf(i), words.get(i));
      }
      Flow out = run(function, in);
      active.removeLast();
      return out;
    }
    if (written.containsKey(resolve(first.text()))) {
      executed(resolve(first.text()), name, span);
    }
    return commands.run(this, name, words.subList(1, words.size()), in, span);
  }

  /// A file made from the network or by decoding is executed.
  void executed(String path, String interpreter, String span) {
    String source = written.get(path);
    if (source == null) {
      return;
    }
    if (source.equals(Flow.NETWORK.name())) {
      emit(new Effect.NetToExec(path, interpreter, span));
    } else if (source.equals(Flow.DECODED.name())) {
      emit(new Effect.DecodedToExec(span));
    }
  }

  /// Runs the words as a command of their own, as `sudo`, `env` and `xargs` do.
  Flow unwrap(List<Value> words, Flow in, String span) {
    if (words.isEmpty()) {
      return in;
    }
    if (++unwraps > MAX_UNWRAP * 8) {
      emit(new Effect.Unreadable(true, "too many commands that run commands", span));
      return in;
    }
    return command(words, List.of(), in, span);
  }

  /// Runs text as shell code, as `bash -c` and `eval` do.
  Flow unwrapText(Value code, Flow in) {
    if (++unwraps > MAX_UNWRAP) {
      emit(new Effect.Unreadable(true, "too many commands that run commands", cut(code.text())));
      return in;
    }
    if (!code.known() && code.dynamic()) {
      emit(new Effect.NetToExec("", "shell", cut(code.text())));
      return in;
    }
    String source = code.text().replace(String.valueOf(Value.HOLE), "\"$__unknown\"");
    try {
      return run(ShellParser.parse(source, 8), in);
    } catch (ShellSyntaxException e) {
      if (e.budget()) {
        emit(new Effect.Unreadable(true, String.valueOf(e.getMessage()), cut(source)));
      } else {
        scan(source);
      }
      return in;
    }
  }

  /// A shell without a script runs what comes through the pipe, when that is plain text.
  void runPiped() {
    Optional<String> code = piped;
    piped = Optional.empty();
    code.ifPresent(c -> unwrapText(Value.of(c), Flow.PLAIN));
  }

  void changeDirectory(Value target) {
    if (target.known()) {
      cwd = Path.of(Paths.resolve(target.text(), cwd, home, files).replaceFirst("/\\*$", ""));
    }
    cwdKnown &= target.known();
  }

  void written(String path, Flow flow) {
    if (flow != Flow.PLAIN) {
      written.put(resolve(path), flow.name());
    }
  }

  Optional<String> provenance(String path) {
    return Optional.ofNullable(written.get(resolve(path)));
  }

  /// Whether the file is a secret by its place or name, or was made from one.
  boolean holdsSecret(String path) {
    return SecretPaths.isSecret(resolve(path), home.toString())
        || provenance(path).equals(Optional.of(Flow.SECRET.name()));
  }

  String resolve(String word) {
    return Paths.resolve(word, cwd, home, files);
  }

  void write(Value target, String span) {
    if (!target.text().isEmpty() && !target.text().startsWith("/dev/fd/")) {
      emit(new Effect.Write(resolve(target.text()), isKnown(target), "", span));
    }
  }

  /// Whether it is known which path a word means: a relative one only in a known directory.
  private boolean isKnown(Value path) {
    boolean absolute = path.text().startsWith("/") || path.text().startsWith("~");
    return path.known() && (cwdKnown || absolute);
  }

  void set(String variable, Value value) {
    variables.put(variable, value);
  }

  void read(Value target, String span) {
    if (target.known() && !target.text().isEmpty()) {
      emit(new Effect.Read(resolve(target.text()), span));
    }
  }

  void delete(Value target, boolean recursive, String by, String span) {
    boolean known = isKnown(target);
    String path = target.text();
    // A glob after an unknown or empty variable: `rm -rf "$x/"*` may be `/`.
    String entry = Paths.resolveEntry(path, cwd, home, files);
    emit(new Effect.Delete(entry, recursive, known, by, span));
  }

  Path home() {
    return home;
  }

  static String base(String command) {
    String name = command.substring(command.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return name.matches("python[0-9.]+") ? "python" : name;
  }

  static String cut(String text) {
    String line = text.strip();
    return line.length() <= 200 ? line : line.substring(0, 199) + "…";
  }

  static Value join(List<Value> values) {
    if (values.isEmpty()) {
      return Value.of("");
    }
    if (values.size() == 1) {
      return values.getFirst();
    }
    StringBuilder text = new StringBuilder();
    boolean known = true;
    boolean dynamic = false;
    for (Value value : values) {
      text.append(text.isEmpty() ? "" : " ").append(value.text());
      known &= value.known();
      dynamic |= value.dynamic();
    }
    return new Value(text.toString(), known, dynamic, false);
  }

  /// The words one word becomes: braces expand, an unquoted known variable splits.
  private List<Value> expand(Word word) {
    StringBuilder text = new StringBuilder();
    StringBuilder braces = new StringBuilder();
    boolean known = true;
    boolean dynamic = false;
    boolean glob = false;
    boolean quoted = false;
    boolean split = false;
    for (Piece piece : word.pieces()) {
      switch (piece) {
        case Piece.Text t -> {
          quoted |= t.quoted();
          glob |= !t.quoted() && (t.text().indexOf('*') >= 0 || t.text().indexOf('?') >= 0);
          text.append(t.text());
          braces.append(t.quoted() ? t.text().replaceAll("[{},]", "\uFFFE") : t.text());
        }
        case Piece.Parameter v -> {
          Value value = variable(v);
          known &= value.known();
          dynamic |= value.dynamic();
          split |= !quoted && value.known() && value.text().indexOf(' ') >= 0;
          text.append(value.text());
          braces.append(value.text());
        }
        case Piece.Substitution s -> {
          Flow flow = run(s.body(), Flow.PLAIN);
          Optional<String> literal = literalOutput(s.body());
          dynamic |= flow == Flow.NETWORK || flow == Flow.DECODED;
          if (s.kind() != Syntax.Kind.COMMAND && dynamic) {
            written.put(cwd.resolve("\uFFFF").toString(), flow.name());
          }
          known &= literal.isPresent();
          text.append(literal.orElse(String.valueOf(Value.HOLE)));
          braces.append(literal.orElse(String.valueOf(Value.HOLE)));
        }
        case Piece.Arithmetic o -> {
          o.inside().forEach(i -> run(i, Flow.PLAIN));
          known = false;
          text.append(Value.HOLE);
          braces.append(Value.HOLE);
        }
      }
    }
    if (split) {
      List<Value> parts = new ArrayList<>();
      String[] pieces = text.toString().strip().split("\\s+", MAX_SPLIT);
      if (pieces.length == MAX_SPLIT) {
        emit(
            new Effect.Unreadable(
                true, "a variable has over " + MAX_SPLIT + " words", word.span()));
      }
      for (String part : pieces) {
        parts.add(new Value(part, known, dynamic, glob));
      }
      return parts;
    }
    List<Value> out = new ArrayList<>();
    for (String expanded : Braces.expand(braces.toString())) {
      out.add(
          new Value(
              expanded.equals(braces.toString()) ? text.toString() : expanded,
              known,
              dynamic,
              glob));
    }
    return out;
  }

  private Value variable(Piece.Parameter variable) {
    if (variable.operator() == Operator.OTHER) {
      variable.arguments().forEach(this::expand);
      return new Value(String.valueOf(Value.HOLE), false, false, false);
    }
    Optional<Word> fallback = variable.arguments().stream().findFirst();
    Value value = variables.get(variable.name());
    if (value != null && !(value.text().isEmpty() && fallback.isPresent())) {
      return value;
    }
    if (variable.name().equals("IFS")) {
      return Value.of(" ");
    }
    if (fallback.isPresent()) {
      return join(expand(fallback.get()));
    }
    if (variable.name().equals("TMPDIR")) {
      return Value.of("/tmp"); // wherever it is, it is for files that may go
    }
    if (variable.name().equals("PWD")) {
      return new Value(cwd.toString(), cwdKnown, false, false);
    }
    return new Value(String.valueOf(Value.HOLE), false, false, false);
  }

  /// What `$(echo x)`, `$(pwd)` and `$(printf x)` print.
  private Optional<String> literalOutput(Syntax body) {
    if (!(body instanceof Syntax.Simple s) || !s.redirects().isEmpty() || s.words().isEmpty()) {
      return Optional.empty();
    }
    String name = s.words().getFirst().span();
    if (name.equals("pwd") && cwdKnown) {
      return Optional.of(cwd.toString());
    }
    boolean format = name.equals("printf") && s.words().size() > 1;
    if (!name.equals("echo") && !format) {
      return Optional.empty();
    }
    List<String> out = new ArrayList<>();
    for (Word word : s.words().subList(1, s.words().size())) {
      for (Value value : expand(word)) {
        if (!value.known()) {
          return Optional.empty();
        }
        if (!value.text().equals("-n") && !value.text().equals("-e")) {
          out.add(value.text());
        }
      }
    }
    return Optional.of(format ? printed(out) : String.join(" ", out));
  }

  private static final Pattern OCTAL = Pattern.compile("\\\\0?([0-7]{1,3})");

  /// What `printf` makes of a format with octal escapes and `%s`, `%b`.
  private static String printed(List<String> words) {
    String format =
        OCTAL
            .matcher(words.getFirst())
            .replaceAll(m ->
                Matcher.quoteReplacement(
                    Character.toString(Integer.parseInt(m.group(1), 8) & 0xFF)));
    String text = format.replace("\\n", "\n").replace("\\t", "\t");
    for (String word : words.subList(1, words.size())) {
      text = text.replaceFirst("%[sb]", Matcher.quoteReplacement(word));
    }
    return text;
  }
}
