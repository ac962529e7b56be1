package dev.skillwarden.effect;

import dev.skillwarden.shell.PowerShellParser;
import dev.skillwarden.shell.ShellParser;
import dev.skillwarden.shell.ShellSyntaxException;
import dev.skillwarden.shell.Syntax;
import dev.skillwarden.shell.Syntax.Assignment;
import dev.skillwarden.shell.Syntax.Piece;
import dev.skillwarden.shell.Syntax.Redirect;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What a shell command would do, as [Effect]s. Follows assignments, `cd`, loops, functions,
/// descriptors, files written and commands that run other commands. Never runs anything.
public final class ShellAnalyzer {
  /// Commands looked at per text, unwrapped ones included.
  private static final int MAX_STEPS = 20_000;

  private static final int MAX_EFFECTS = 2_000;

  /// Code in code, functions and scripts that call each other, substitutions.
  private static final int MAX_NESTING = 24;

  private static final int MAX_LOOP = 64;
  private static final int MAX_CHOICES = 16;

  /// Files remembered of one command.
  private static final int MAX_FILES = 500;

  private static final int LONGEST_SPAN = 200;

  /// What is known before a command runs.
  ///
  /// @param cwd absolute working directory
  /// @param home absolute home directory
  /// @param environment variables known to be set
  /// @param files the file system
  /// @param remembered files written by earlier commands of the session, by absolute path
  public record Context(
      Path cwd,
      Path home,
      Map<String, String> environment,
      FileView files,
      Map<String, Content> remembered) {}

  /// @param effects what the command would do, in order
  /// @param written files it would write whose content matters later, by absolute path
  public record Analysis(List<Effect> effects, Map<String, Content> written) {}

  private final Path home;
  private final FileView files;
  private final Variables variables = new Variables();
  private final WordExpander words = new WordExpander(this, variables);
  private final Set<Effect> effects = new LinkedHashSet<>();
  private final Map<String, Syntax> functions = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final TreeMap<String, Content> known = new TreeMap<>();
  private final Map<String, Content> written = new LinkedHashMap<>();
  private final Map<String, Content> inputs = new HashMap<>();
  private final Map<String, Value> outputs = new HashMap<>();
  private final Map<String, Syntax> processes = new HashMap<>();
  private final Map<String, Integer> active = new LinkedHashMap<>();
  private List<Value> positional = List.of();
  private Path cwd;
  private boolean cwdKnown = true;
  private String pipeline = "";
  private int spawned;
  private int descriptors = 60;
  private int steps;
  private int nesting;
  private boolean background;

  /// Whether the text that runs is PowerShell, where names mean its own commands.
  private boolean cmdlets;

  /// Whether `\\` separates names in paths.
  private boolean backslashes;

  private ShellAnalyzer(Context context) {
    this.home = context.home();
    this.files = context.files();
    this.cwd = Path.of(Paths.resolve(context.cwd().toString(), Path.of("/"), home, files));
    context.environment().forEach((name, value) -> variables.set(name, Value.of(value)));
    known.putAll(context.remembered());
  }

  public static Analysis analyze(String command, Context context) {
    ShellAnalyzer analyzer = new ShellAnalyzer(context);
    analyzer.text(command);
    if (analyzer.background && analyzer.steps < MAX_STEPS) {
      // A command in the background may read what a later one writes.
      analyzer.text(command);
    }
    return new Analysis(
        List.copyOf(analyzer.effects), java.util.Collections.unmodifiableMap(analyzer.written));
  }

  /// As [#analyze(String, Context)], for PowerShell.
  public static Analysis analyzePowerShell(String command, Context context) {
    ShellAnalyzer analyzer = new ShellAnalyzer(context);
    analyzer.variables.set("PWD", Value.of(context.cwd().toString()));
    analyzer.powerShell(Value.of(command), Content.PLAIN, cut(command));
    return new Analysis(
        List.copyOf(analyzer.effects), java.util.Collections.unmodifiableMap(analyzer.written));
  }

  /// What the words of a command are before it runs.
  static List<Value> words(List<Syntax.Word> words, Context context) {
    return new ShellAnalyzer(context).words.expand(words);
  }

  private void text(String command) {
    try {
      run(ShellParser.parse(command), Content.PLAIN);
    } catch (ShellSyntaxException e) {
      emit(new Effect.Unreadable(e.budget(), String.valueOf(e.getMessage()), cut(command)));
      scan(command);
    }
  }

  /// The text could not be parsed: judge every part of a line on its own words.
  private void scan(String command) {
    String text =
        command.length() > Content.MAX_TEXT ? command.substring(0, Content.MAX_TEXT) : command;
    for (String line : text.split("[\n;|&]+", -1)) {
      List<Value> parts = new ArrayList<>();
      for (String word : line.strip().split("\\s+", -1)) {
        parts.add(Value.of(word.replaceAll("[\"'`(){}]", "")));
      }
      if (!parts.getFirst().text().isEmpty() && count()) {
        command(parts, Content.PLAIN, cut(line));
      }
    }
  }

  void emit(Effect effect) {
    if (effects.size() < MAX_EFFECTS) {
      effects.add(pipeline.isEmpty() ? effect : overPipeline(effect));
    } else {
      // What comes after is not looked at, so the call cannot pass.
      effects.add(
          new Effect.Unreadable(true, "the command has more than " + MAX_EFFECTS + " effects", ""));
    }
  }

  /// Tells that a bound was reached beyond which nothing is looked at.
  void exceeded(String what) {
    emit(new Effect.Unreadable(true, what, ""));
  }

  void emit(Effect.What what, String span) {
    emit(new Effect.Notable(what, span));
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

  private boolean count() {
    if (++steps > MAX_STEPS) {
      emit(new Effect.Unreadable(true, "the command has more than " + MAX_STEPS + " steps", ""));
      return false;
    }
    return true;
  }

  private boolean enter(String span) {
    if (nesting >= MAX_NESTING) {
      emit(
          new Effect.Unreadable(
              true, "commands, functions and substitutions nest over " + MAX_NESTING, span));
      return false;
    }
    nesting++;
    return true;
  }

  // ---- structure

  private Content run(Syntax syntax, Content in) {
    if (!count()) {
      return Content.PLAIN;
    }
    return switch (syntax) {
      case Syntax.Sequence s -> {
        Content out = Content.EMPTY;
        for (Syntax item : s.items()) {
          out = out.then(run(item, in));
        }
        yield out;
      }
      case Syntax.Pipeline p -> pipeline(p, in);
      case Syntax.Simple s -> simple(s, in);
      case Syntax.Background b -> {
        background = true;
        spawned++;
        yield run(b.body(), in);
      }
      case Syntax.For f -> loop(f, in);
      case Syntax.Compound c -> compound(c, in);
      case Syntax.Function f -> {
        functions.put(f.name(), f.body());
        if (f.name().equals("command_not_found_handle")
            || f.name().equals("command_not_found_handler")) {
          yield run(f.body(), in); // runs as soon as a command is missing
        }
        yield Content.EMPTY;
      }
    };
  }

  private Content pipeline(Syntax.Pipeline p, Content in) {
    String outer = pipeline;
    pipeline = outer.isEmpty() ? cut(p.span()) : outer;
    Content flow = in;
    for (Syntax stage : p.stages()) {
      spawned++;
      flow = run(stage, flow);
    }
    pipeline = outer;
    return flow;
  }

  private Content loop(Syntax.For loop, Content in) {
    List<Value> values = words.expand(loop.words());
    if (values.isEmpty() || values.size() > MAX_LOOP) {
      variables.set(loop.variable(), Value.unknown(Variables.taints(values)));
      if (values.size() > MAX_LOOP) {
        // Too many to run one by one: the body sees any of them as unknown, the worst as they are.
        values.stream()
            .filter(v -> v.text().startsWith("/") || v.text().startsWith("~"))
            .limit(MAX_LOOP)
            .forEach(v -> {
              variables.set(loop.variable(), v);
              run(loop.body(), in);
            });
        variables.set(loop.variable(), Value.unknown(Variables.taints(values)));
      }
      return run(loop.body(), in);
    }
    Content out = Content.EMPTY;
    for (Value value : values) {
      variables.set(loop.variable(), value);
      out = out.then(run(loop.body(), in));
    }
    return out;
  }

  private Content compound(Syntax.Compound compound, Content in) {
    Path before = cwd;
    boolean beforeKnown = cwdKnown;
    List<Value> tested = words.expand(compound.words());
    Redirected redirected = redirects(compound.redirects(), in, "");
    Map<String, List<Value>> outer = variables.snapshot();
    boolean branches = compound.parts().size() > 1 || compound.repeats() || !tested.isEmpty();
    Content out = Content.EMPTY;
    boolean endless = compound.repeats() && isEndless(compound);
    for (Syntax part : compound.parts()) {
      Map<String, List<Value>> start = variables.snapshot();
      int spawnedBefore = spawned;
      Content printed = run(part, redirected.in());
      out = branches && !compound.repeats() ? out.or(printed) : out.then(printed);
      if (branches) {
        variables.merge(start);
      }
      if (endless && spawned > spawnedBefore && backgrounds(part, 0) && !waits(part, 0)) {
        emit(new Effect.ForkBomb("an endless loop that starts jobs"));
      }
    }
    if (compound.subshell()) {
      cwd = before;
      cwdKnown = beforeKnown;
      variables.restore(outer);
    }
    return redirected.deliver(out, "");
  }

  private static final Set<String> ALWAYS = Set.of("true", ":", "/bin/true", "/usr/bin/true");

  /// Whether the loop's condition is always so: `while true`, `until false`, `for ((;;))`.
  private static boolean isEndless(Syntax.Compound loop) {
    if (loop.parts().size() < 2) {
      return true; // `for ((;;))` and its kin: the bound is not followed
    }
    Syntax condition = loop.parts().getFirst();
    return switch (condition) {
      case Syntax.Simple s ->
          !s.words().isEmpty()
              && (ALWAYS.contains(s.words().getFirst().span())
                  || s.words().getFirst().span().equals("false")
                  || (s.words().getFirst().span().equals("[") && s.words().size() <= 4));
      case Syntax.Compound c -> true; // `((1))`, `[[ 1 ]]`
      default -> false;
    };
  }

  private static boolean backgrounds(Syntax syntax, int depth) {
    if (depth > ShellParser.MAX_DEPTH) {
      return false;
    }
    return switch (syntax) {
      case Syntax.Background b -> true;
      case Syntax.Sequence s -> s.items().stream().anyMatch(i -> backgrounds(i, depth + 1));
      case Syntax.Compound c -> c.parts().stream().anyMatch(i -> backgrounds(i, depth + 1));
      default -> false;
    };
  }

  private static final Set<String> WAITS =
      Set.of("wait", "sleep", "read", "break", "exit", "return", "inotifywait", "select", "usleep");

  /// Whether something slows the loop down or ends it, outside branches and subshells.
  private static boolean waits(Syntax syntax, int depth) {
    return switch (syntax) {
      case Syntax.Simple s -> !s.words().isEmpty() && WAITS.contains(s.words().getFirst().span());
      case Syntax.Sequence s -> depth < 8 && s.items().stream().anyMatch(i -> waits(i, depth + 1));
      case Syntax.Pipeline p -> depth < 8 && p.stages().stream().anyMatch(i -> waits(i, depth + 1));
      case Syntax.Compound c ->
          depth < 8 && !c.subshell() && c.parts().stream().anyMatch(i -> waits(i, depth + 1));
      default -> false;
    };
  }

  // ---- simple commands

  private Content simple(Syntax.Simple simple, Content in) {
    List<String> open = new ArrayList<>();
    simple.words().forEach(w -> several(w.pieces(), open));
    simple.redirects().forEach(r -> several(r.target().pieces(), open));
    if (open.isEmpty()) {
      return once(simple, in);
    }
    // A word with several possible values: the command is looked at once for each.
    String name = open.getFirst();
    List<Value> alternatives = variables.alternatives(name);
    Content out = Content.EMPTY;
    for (Value value : alternatives.subList(0, Math.min(alternatives.size(), MAX_CHOICES))) {
      variables.alternatives(name, List.of(value));
      out = out.or(count() ? simple(simple, in) : Content.PLAIN);
    }
    if (variables.alternatives(name).size() == 1) {
      variables.alternatives(name, alternatives);
    }
    return out;
  }

  private void several(List<Piece> pieces, List<String> open) {
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Parameter p) {
        if (variables.alternatives(p.name()).size() > 1) {
          open.add(p.name());
        }
        p.arguments().forEach(a -> several(a.pieces(), open));
      }
    }
  }

  private Content once(Syntax.Simple simple, Content in) {
    Map<String, Value> local = new LinkedHashMap<>();
    for (Assignment assignment : simple.assignments()) {
      Value value = assign(assignment, simple.words().isEmpty());
      local.put(assignment.name(), value);
      Environment.assigned(this, assignment.name(), value, simple.span(), simple.words().isEmpty());
    }
    List<Value> values = words.expand(simple.words());
    String first = values.isEmpty() ? "" : base(values.getFirst().text());
    Redirected redirected = redirects(simple.redirects(), in, first);
    if (values.isEmpty()) {
      // `> file` empties a file; `< file` alone does nothing.
      return redirected.deliver(Content.EMPTY, cut(simple.span()));
    }
    if (first.equals("exec") && values.size() == 1) {
      redirected.keep();
      return Content.EMPTY;
    }
    // Assignments in front hold for this command alone.
    Map<String, List<Value>> before = local.isEmpty() ? Map.of() : variables.snapshot();
    local.forEach(variables::set);
    Content out = command(values, redirected.in(), cut(simple.span()));
    if (!local.isEmpty()) {
      local
          .keySet()
          .forEach(n -> {
            if (before.containsKey(n)) {
              variables.alternatives(n, before.getOrDefault(n, List.of()));
            } else {
              variables.unset(n);
            }
          });
    }
    return redirected.deliver(out, cut(simple.span()));
  }

  private Value assign(Assignment assignment, boolean lasts) {
    if (assignment.elements().isPresent()) {
      List<Value> elements = words.expand(assignment.elements().get());
      if (lasts) {
        List<Value> all = new ArrayList<>();
        if (assignment.append()) {
          all.addAll(variables.elements(assignment.name()).orElse(List.of()));
        }
        all.addAll(elements);
        variables.set(assignment.name(), all);
      }
      return WordExpander.join(elements);
    }
    Value value = words.single(assignment.value());
    if (assignment.append()) {
      Value old = variables.get(assignment.name()).orElse(Value.of(""));
      value =
          new Value(
              old.text() + value.text(),
              old.known() && value.known(),
              old.taints().plus(value.taints()),
              false);
      if (value.text().length() > Content.MAX_TEXT) {
        exceeded("a variable has more than %,d characters".formatted(Content.MAX_TEXT));
        value = Value.unknown(value.taints());
      }
    }
    if (lasts) {
      variables.set(assignment.name(), value);
    }
    return value;
  }

  // ---- redirections

  /// Where a command reads from and writes to.
  private final class Redirected {
    private Content in;
    private final List<Value> targets = new ArrayList<>();
    private final List<Boolean> appends = new ArrayList<>();
    private final Map<String, Content> opened = new HashMap<>();
    private final Map<String, Value> writable = new HashMap<>();

    Redirected(Content in) {
      this.in = in;
    }

    Content in() {
      return in;
    }

    /// After `exec` with redirections only: they stay.
    void keep() {
      inputs.putAll(opened);
      outputs.putAll(writable);
    }

    /// What a command printed goes to the targets, or on when there are none.
    Content deliver(Content out, String span) {
      for (int i = 0; i < targets.size(); i++) {
        store(targets.get(i), out, appends.get(i), span);
      }
      return targets.isEmpty() ? out : Content.EMPTY;
    }
  }

  private Redirected redirects(List<Redirect> redirects, Content in, String command) {
    Redirected result = new Redirected(in);
    for (Redirect redirect : redirects) {
      redirect(redirect, result, command);
    }
    return result;
  }

  private void redirect(Redirect redirect, Redirected result, String command) {
    String descriptor = redirect.descriptor();
    boolean stays = descriptor.startsWith("{"); // bash leaves these open
    if (stays) {
      String number = String.valueOf(++descriptors);
      variables.set(descriptor.substring(1, descriptor.length() - 1), Value.of(number));
      descriptor = number;
    }
    opened(redirect, descriptor, result, command);
    if (stays) {
      result.keep();
    }
  }

  private void opened(Redirect redirect, String descriptor, Redirected result, String command) {
    String operator = redirect.operator();
    boolean isInput = operator.startsWith("<") && !operator.equals("<>");
    if (redirect.hereDocument().isPresent()) {
      Content body = Content.of(words.single(redirect.hereDocument().get()));
      feed(result, descriptor, operator.equals("<<<") ? body.then(Content.of("\n")) : body);
      return;
    }
    Value target = WordExpander.join(words.expand(redirect.target()));
    if (target.text().isEmpty() && target.known()) {
      return;
    }
    String span = operator + " " + redirect.target().span();
    if (isSocket(target)) {
      socket(redirect, descriptor, target, result, command, span);
    } else if (operator.endsWith("&") && target.text().matches("\\d+-?|-")) {
      duplicate(isInput, descriptor, target.text().replace("-", ""), result);
    } else if (isInput) {
      feed(result, descriptor, read(target, span));
    } else {
      boolean standard = descriptor.isEmpty() || descriptor.equals("1") || operator.startsWith("&");
      writes(target, span);
      if (standard) {
        result.targets.add(target);
        result.appends.add(operator.contains(">>"));
      } else if (!descriptor.equals("2")) {
        result.writable.put(descriptor, target);
      }
      if (operator.equals("<>")) {
        feed(result, descriptor, content(target));
      }
    }
  }

  private static void feed(Redirected result, String descriptor, Content content) {
    if (descriptor.isEmpty() || descriptor.equals("0")) {
      result.in = content;
    }
    result.opened.put(descriptor.isEmpty() ? "0" : descriptor, content);
  }

  private void duplicate(boolean isInput, String descriptor, String source, Redirected result) {
    if (source.isEmpty()) {
      return;
    }
    if (isInput) {
      Content content = result.opened.getOrDefault(source, inputs.get(source));
      if (content != null) {
        feed(result, descriptor, content);
      }
    } else if (descriptor.isEmpty() || descriptor.equals("1")) {
      Value target = result.writable.getOrDefault(source, outputs.get(source));
      if (target != null) {
        result.targets.add(target);
        result.appends.add(true);
      }
    } else {
      Value target = result.writable.getOrDefault(source, outputs.get(source));
      if (target != null) {
        result.writable.put(descriptor, target);
      }
    }
  }

  private void socket(
      Redirect redirect,
      String descriptor,
      Value target,
      Redirected result,
      String command,
      String span) {
    boolean interactive = Commands.isShell(command) || Commands.isInterpreter(command);
    boolean standard = descriptor.isEmpty() || descriptor.equals("0") || descriptor.equals("1");
    if (interactive || (command.equals("exec") && standard)) {
      emit(new Effect.ReverseShell(span));
    }
    emit(new Effect.Network(target.text(), span));
    feed(result, descriptor, Content.of(Taints.NETWORK));
    if (redirect.operator().contains(">")) {
      if (standard) {
        result.targets.add(target);
        result.appends.add(true);
      }
      result.writable.put(descriptor, target);
    }
  }

  /// Writes content into a file, process or socket, and says so.
  void deliver(Value target, Content content, boolean append, String span) {
    writes(target, span);
    store(target, content, append, span);
  }

  /// Whether the descriptor is open to the network.
  boolean isSocket(String number) {
    Value target = outputs.get(number);
    return target != null && isSocket(target);
  }

  private static boolean isSocket(Value target) {
    return target.text().startsWith("/dev/tcp/") || target.text().startsWith("/dev/udp/");
  }

  /// Something is written into what may be a process, the network, or a file.
  private void store(Value given, Content content, boolean append, String span) {
    String number = given.text().replaceFirst("^/(?:proc/self|dev)/fd/", "");
    Value target = outputs.getOrDefault(number, given);
    Syntax process = processes.get(target.text());
    if (process != null) {
      if (enter(span)) {
        run(process, content);
        nesting--;
      }
    } else if (isSocket(target)) {
      upload(content, "", span);
    } else {
      content
          .text()
          .filter(t -> !t.isEmpty())
          .ifPresent(t -> emit(new Effect.Write(resolve(target), isKnown(target), t, span)));
      remember(target, content, append);
    }
  }

  // ---- substitutions

  Value substitute(Piece.Substitution s) {
    if (s.kind() == Syntax.Kind.OUTPUT) {
      String path = "/dev/fd/" + ++descriptors;
      processes.put(path, s.body());
      if (enter("")) {
        run(s.body(), Content.PLAIN); // runs, whatever is written into it
        nesting--;
      }
      return Value.of(path);
    }
    Path before = cwd;
    boolean beforeKnown = cwdKnown;
    Map<String, List<Value>> outer = variables.snapshot();
    String flow = pipeline;
    pipeline = "";
    Content out = enter("") ? run(s.body(), Content.PLAIN) : Content.PLAIN;
    nesting = Math.max(0, nesting - 1);
    pipeline = flow;
    variables.restore(outer);
    cwd = before;
    cwdKnown = beforeKnown;
    if (s.kind() == Syntax.Kind.INPUT) {
      String path = "/dev/fd/" + ++descriptors;
      known.put(path, out);
      return new Value(path, true, Taints.NONE, false);
    }
    Value value = out.value();
    return value.text(stripNewlines(value.text()));
  }

  private static String stripNewlines(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\n') {
      end--;
    }
    return text.substring(0, end);
  }

  /// What stands in arithmetic runs, its value is not followed.
  void inside(Syntax syntax) {
    run(syntax, Content.PLAIN);
  }

  // ---- running commands

  /// One command with its words expanded.
  Content command(List<Value> values, Content in, String span) {
    if (values.isEmpty()) {
      return in;
    }
    if (!count() || !enter(span)) {
      return Content.PLAIN;
    }
    try {
      return resolved(values, in, span);
    } finally {
      nesting--;
    }
  }

  private Content resolved(List<Value> values, Content in, String span) {
    Value first = values.getFirst();
    String text = first.text();
    List<Value> arguments = values.subList(1, values.size());
    if (!first.known() && first.taints().foreign()) {
      foreign(first.taints(), "", "shell", span);
      return in;
    }
    String alias = aliases.get(text);
    if (alias != null && !active.containsKey("alias " + text)) {
      active.put("alias " + text, spawned);
      Content out = code(WordExpander.join(prepend(Value.of(alias), arguments)), in, span);
      active.remove("alias " + text);
      return out;
    }
    Syntax function = functions.get(cmdlets ? text.toLowerCase(java.util.Locale.ROOT) : text);
    if (function != null) {
      return call("function " + text, arguments, span, () -> run(function, in));
    }
    if (first.blank() && Removal.looksRecursive(arguments)) {
      // Whatever it is: with `-rf` it is judged as the one command that takes it.
      return Commands.run(new Call(this, "rm", arguments, in, span));
    }
    boolean isPath = text.indexOf('/') >= 0 || (backslashes && text.indexOf('\\') >= 0);
    if (isPath && !known.isEmpty() && known.containsKey(resolve(first))) {
      return script(first, arguments, "", in, span);
    }
    String name = cmdlets && text.startsWith("{") ? text : base(text);
    Call call = new Call(this, name, arguments, in, span);
    if (cmdlets) {
      Optional<Content> own = Cmdlets.run(call);
      if (own.isPresent()) {
        return own.get();
      }
    }
    boolean outer = cmdlets;
    cmdlets = false; // what a program runs by itself is no PowerShell
    Content out = Commands.run(call);
    cmdlets = outer;
    return out;
  }

  /// One command that is no cmdlet, whatever it is called.
  Content program(List<Value> values, Content in, String span) {
    boolean outer = cmdlets;
    cmdlets = false;
    Content out = command(values, in, span);
    cmdlets = outer;
    return out;
  }

  /// Runs text as PowerShell.
  Content powerShell(Value code, Content in, String span) {
    if (code.taints().foreign()) {
      foreign(code.taints(), "", "powershell", span);
    }
    if (code.blank() || !enter(span)) {
      return Content.of(code.taints());
    }
    boolean outer = cmdlets;
    cmdlets = true;
    backslashes = true;
    String source = code.text().replace(String.valueOf(Value.HOLE), "$__unknown");
    try {
      return run(PowerShellParser.parse(source, 4), in);
    } catch (ShellSyntaxException e) {
      emit(new Effect.Unreadable(e.budget(), String.valueOf(e.getMessage()), cut(source)));
      scan(source);
      return in;
    } finally {
      cmdlets = outer;
      nesting--;
    }
  }

  private static List<Value> prepend(Value first, List<Value> rest) {
    List<Value> all = new ArrayList<>(rest.size() + 1);
    all.add(first);
    all.addAll(rest);
    return all;
  }

  /// Runs a function or script with arguments of its own, once at a time.
  private Content call(
      String name, List<Value> arguments, String span, java.util.function.Supplier<Content> body) {
    Integer before = active.get(name);
    if (before != null) {
      if (spawned > before) {
        emit(new Effect.ForkBomb(span));
      }
      return Content.PLAIN;
    }
    List<Value> outer = positional;
    active.put(name, spawned);
    positional = arguments;
    Content out = body.get();
    positional = outer;
    active.remove(name);
    return out;
  }

  /// Runs text as shell code, as `bash -c` and `eval` do.
  Content code(Value code, Content in, String span) {
    return code(code, positional, in, span);
  }

  Content code(Value code, List<Value> arguments, Content in, String span) {
    if (code.taints().foreign()) {
      foreign(code.taints(), "", "shell", span);
    }
    if (code.blank() || !enter(cut(code.text()))) {
      return Content.of(code.taints());
    }
    // An unknown part is a variable nobody has set.
    String source = code.text().replace(String.valueOf(Value.HOLE), "\"$__unknown\"");
    List<Value> outer = positional;
    positional = arguments;
    try {
      return run(ShellParser.parse(source, 8), in);
    } catch (ShellSyntaxException e) {
      if (e.budget()) {
        emit(new Effect.Unreadable(true, String.valueOf(e.getMessage()), cut(source)));
      } else {
        scan(source);
      }
      return in;
    } finally {
      positional = outer;
      nesting--;
    }
  }

  /// Runs a file as `bash FILE` and `source FILE` do, where it is known what it holds.
  ///
  /// @param interpreter name of the program that reads it; empty when the file says so itself
  Content script(Value path, List<Value> arguments, String interpreter, Content in, String span) {
    String file = resolve(path);
    Content content = known.get(file);
    if (content == null) {
      return Content.of(in.taints());
    }
    boolean process = file.startsWith("/dev/fd/");
    foreign(content.taints(), process ? "" : file, interpreter, span);
    String language = interpreter.isEmpty() ? shebang(content) : interpreter;
    if (content.text().isEmpty()) {
      return Content.PLAIN;
    }
    Value text = Value.of(content.text().get());
    if (Interpreters.knows(language)) {
      return Interpreters.code(this, language, text, in, span);
    }
    Value plain = text; // its origin is told already
    return call("script " + file, arguments, span, () -> code(plain, arguments, in, span));
  }

  private static String shebang(Content content) {
    String text = content.text().orElse("");
    if (!text.startsWith("#!")) {
      return "";
    }
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    String last = line.substring(2).strip();
    String[] parts = last.split("\\s+", 3);
    String program = base(parts[0]);
    return program.equals("env") && parts.length > 1 ? base(parts[1]) : program;
  }

  /// Text of this origin runs.
  void foreign(Taints taints, String source, String interpreter, String span) {
    if (taints.network()) {
      emit(new Effect.NetToExec(source, interpreter, span));
    } else if (taints.decoded()) {
      emit(new Effect.DecodedToExec(span));
    } else if (taints.scrambled()) {
      emit(Effect.What.OBFUSCATED, span);
    }
  }

  // ---- state that commands change or ask for

  Variables variables() {
    return variables;
  }

  void assign(String name, Value value) {
    variables.set(name, value);
  }

  List<Value> positional() {
    return positional;
  }

  void positional(List<Value> values) {
    positional = List.copyOf(values);
  }

  void alias(String name, String text) {
    aliases.put(name, text);
  }

  void undefine(String name) {
    functions.remove(name);
    aliases.remove(name);
  }

  boolean calling(String function) {
    return active.containsKey("function " + function);
  }

  void background() {
    background = true;
  }

  Content descriptor(String number) {
    return inputs.getOrDefault(number, Content.PLAIN);
  }

  void descriptor(String number, Content content) {
    inputs.put(number, content);
  }

  Path home() {
    return home;
  }

  FileView files() {
    return files;
  }

  /// Whether something exists at an absolute path; not at one no system takes.
  boolean exists(String path) {
    try {
      return files.exists(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  Value directory() {
    return new Value(cwd.toString(), cwdKnown, Taints.NONE, false);
  }

  void changeDirectory(Value target) {
    String directory =
        target.known()
            ? Paths.resolve(path(target), cwd, home, files).replaceFirst("/\\*$", "")
            : "";
    // A path longer than systems take, or one they do not take at all, cannot be entered.
    if (target.known() && directory.length() < Paths.LONGEST && enters(directory)) {
      cwdKnown |= isAbsolute(target);
    } else {
      cwdKnown = false;
    }
  }

  private boolean enters(String directory) {
    try {
      cwd = Path.of(directory);
      return true;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isAbsolute(Value path) {
    return path.text().startsWith("/") || path.text().startsWith("~");
  }

  /// Whether it is known which path a word means: a relative one only in a known directory.
  boolean isKnown(Value path) {
    return path.known() && (cwdKnown || isAbsolute(path));
  }

  String resolve(Value word) {
    return Paths.resolve(path(word), cwd, home, files);
  }

  private String path(Value word) {
    return backslashes ? word.text().replace('\\', '/') : word.text();
  }

  // ---- files

  void remember(Value target, Content content, boolean append) {
    String path = resolve(target);
    Content old = append ? known.getOrDefault(path, Content.EMPTY) : Content.EMPTY;
    Content now = old.then(content);
    boolean matters = !now.taints().equals(Taints.NONE) || now.text().isPresent();
    if (known.size() >= MAX_FILES && !known.containsKey(path)) {
      emit(new Effect.Unreadable(true, "the command writes over " + MAX_FILES + " files", ""));
    } else if (matters || known.containsKey(path)) {
      // Branches are not told apart: what was there may be there still.
      Content before = known.get(path);
      Content kept = before == null ? now : now.with(before.taints());
      known.put(path, kept);
      if (!path.startsWith("/dev/")) {
        written.put(path, kept);
      }
    }
  }

  /// What a file holds as far as it is known, directories with all below.
  Content content(Value target) {
    String path = resolve(target);
    Content content = known.get(path);
    Taints taints = content == null ? Taints.NONE : content.taints();
    String directory = path.endsWith("/*") ? path.substring(0, path.length() - 1) : path + "/";
    for (Map.Entry<String, Content> below :
        known.subMap(directory, directory + Character.MAX_VALUE).entrySet()) {
      taints = taints.plus(below.getValue().taints()).plus(byName(below.getKey()));
    }
    taints = taints.plus(byName(path));
    return new Content(taints, content == null ? Optional.empty() : content.text());
  }

  private Taints byName(String path) {
    boolean secret =
        SecretPaths.isSecret(path, home.toString())
            || SensitiveFiles.isSensitive(path, home.toString());
    return secret ? Taints.SECRET : Taints.NONE;
  }

  /// Says that a file is written; what, is remembered by [#remember].
  void writes(Value target, String span) {
    String text = target.text();
    boolean nowhere =
        text.isEmpty()
            || text.equals("/dev/null")
            || text.equals("/dev/stdout")
            || text.equals("/dev/stderr")
            || text.equals("/dev/tty")
            || text.startsWith("/dev/fd/")
            || text.startsWith("/proc/self/fd/");
    if (nowhere) {
      return;
    }
    String path = resolve(target);
    if (Devices.isDisk(path)) {
      emit(new Effect.DiskWrite(path, span));
    } else {
      if (known.size() < MAX_FILES && byName(path).secret()) {
        known.putIfAbsent(path, Content.PLAIN); // its directory holds a secret now
      }
      emit(new Effect.Write(path, isKnown(target), "", span));
    }
  }

  /// Reads a file: the effect, and what is in it.
  Content read(Value target, String span) {
    if (target.text().isEmpty() || target.text().startsWith("-")) {
      return Content.PLAIN;
    }
    if (target.blank()) {
      return content(target);
    }
    String path = resolve(target);
    boolean aims = target.glob() && SecretPaths.aimsAtSecret(path);
    String named = aims ? path.substring(0, path.lastIndexOf('/') + 1) + ".env" : path;
    emit(new Effect.Read(named, span));
    return aims ? content(target).with(Taints.SECRET) : content(target);
  }

  void delete(Value target, boolean recursive, String by, String span) {
    String entry = Paths.resolveEntry(path(target), cwd, home, files);
    emit(new Effect.Delete(entry, recursive, isKnown(target), by, span));
  }

  /// Sends something away, which matters when it is a secret.
  void upload(Content content, String path, String span) {
    if (content.taints().secret()) {
      emit(new Effect.Upload(path, span));
    }
  }

  static String base(String command) {
    String name =
        command
            .substring(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1)
            .toLowerCase(java.util.Locale.ROOT);
    String bare = name.endsWith(".exe") ? name.substring(0, name.length() - 4) : name;
    return bare.matches("(python|perl|ruby|php|lua|node)[0-9.]+")
        ? bare.replaceFirst("[0-9.]+$", "")
        : bare;
  }

  static String cut(String text) {
    String line = text.strip();
    return line.length() <= LONGEST_SPAN ? line : line.substring(0, LONGEST_SPAN - 1) + "…";
  }
}
