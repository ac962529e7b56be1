package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Commands the shell itself answers.
final class Builtins {
  private Builtins() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name :
        List.of(
            "true",
            "false",
            ":",
            "wait",
            "test",
            "[",
            "shopt",
            "ulimit",
            "umask",
            "jobs",
            "bg",
            "fg",
            "disown",
            "break",
            "continue",
            "exit",
            "return",
            "let",
            "getopts",
            "bind",
            "history",
            "times",
            "sleep",
            "mkdir",
            "type",
            "setopt",
            "unsetopt",
            "logout",
            "caller",
            "suspend",
            "complete",
            "compgen",
            "help",
            "which")) {
      handlers.put(
          name,
          call ->
              name.equals("type") || name.equals("which") || name.equals("history")
                  ? Content.PLAIN
                  : Content.EMPTY);
    }
    handlers.put("cd", Builtins::directory);
    handlers.put("pushd", Builtins::directory);
    handlers.put("popd", call -> Content.EMPTY);
    for (String name : List.of("export", "declare", "typeset", "local", "readonly")) {
      handlers.put(name, Builtins::declare);
    }
    handlers.put("unset", Builtins::unset);
    handlers.put("set", Builtins::set);
    handlers.put("shift", Builtins::shift);
    handlers.put("alias", Builtins::alias);
    handlers.put("unalias", Builtins::unalias);
    handlers.put("hash", Builtins::hash);
    handlers.put("enable", Builtins::enable);
    handlers.put("read", Builtins::read);
    handlers.put("mapfile", Builtins::mapfile);
    handlers.put("readarray", Builtins::mapfile);
    handlers.put("source", Builtins::source);
    handlers.put(".", Builtins::source);
    handlers.put(
        "pwd",
        call ->
            call.shell().directory().known()
                ? Content.of(call.shell().directory().text() + "\n")
                : Content.PLAIN);
    handlers.put("whoami", call -> Content.of(call.shell().home().getFileName() + "\n"));
    handlers.put(
        "printenv", call -> call.arguments().isEmpty() ? Content.of(Taints.SECRET) : Content.PLAIN);
  }

  private static Content directory(Call call) {
    List<Value> operands = call.line().operands();
    if (operands.isEmpty()) {
      call.shell().changeDirectory(Value.of(call.shell().home().toString()));
    } else if (operands.getFirst().text().equals("-")) {
      call.shell().changeDirectory(Value.unknown(Taints.NONE));
    } else {
      call.shell().changeDirectory(operands.getFirst());
    }
    return Content.EMPTY;
  }

  /// `export A=b`, `declare -x A=b`, `local a=b`. Inside a function `local` is kept apart.
  private static Content declare(Call call) {
    CommandLine line = call.line();
    if (call.arguments().isEmpty() || line.has("p")) {
      return Content.of(Taints.SECRET); // prints every variable
    }
    for (Value operand : line.operands()) {
      int equals = operand.text().indexOf('=');
      if (equals <= 0) {
        continue;
      }
      String name = operand.text().substring(0, equals);
      Value value = operand.from(equals + 1);
      boolean hidden =
          call.name().equals("local") && call.shell().variables().get(name).isPresent();
      Environment.assigned(call.shell(), name, value, call.span(), false);
      if (hidden) {
        // After the function the outer value is back: both are possible from here on.
        List<Value> both = new ArrayList<>(call.shell().variables().alternatives(name));
        both.add(value);
        call.shell().variables().alternatives(name, both.stream().distinct().limit(8).toList());
      } else {
        call.shell().assign(name, value);
      }
      if (call.name().equals("readonly") || line.has("r")) {
        call.shell().variables().seal(name);
      }
    }
    return Content.EMPTY;
  }

  private static Content unset(Call call) {
    CommandLine line = call.line();
    for (Value operand : line.operands()) {
      if (line.has("f")) {
        call.shell().undefine(operand.text());
      } else if (call.shell().variables().get(operand.text()).isPresent()) {
        // Empty from here on, or what it was before when it was exported by a parent.
        List<Value> both = new ArrayList<>(call.shell().variables().alternatives(operand.text()));
        both.add(Value.of(""));
        call.shell().variables().alternatives(operand.text(), List.copyOf(both));
      }
    }
    return Content.EMPTY;
  }

  private static Content set(Call call) {
    if (call.arguments().isEmpty()) {
      return Content.of(Taints.SECRET);
    }
    List<Value> arguments = call.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (text.equals("--")) {
        call.shell().positional(call.after(i + 1));
        return Content.EMPTY;
      }
      if (text.equals("-o") || text.equals("+o")) {
        i++;
      } else if (!text.startsWith("-") && !text.startsWith("+")) {
        call.shell().positional(call.after(i));
        return Content.EMPTY;
      }
    }
    return Content.EMPTY;
  }

  private static Content shift(Call call) {
    int count = call.word(0).matches("\\d{1,4}") ? Integer.parseInt(call.word(0)) : 1;
    List<Value> now = call.shell().positional();
    call.shell().positional(now.subList(Math.min(count, now.size()), now.size()));
    return Content.EMPTY;
  }

  private static Content alias(Call call) {
    for (Value argument : call.arguments()) {
      int equals = argument.text().indexOf('=');
      if (equals > 0) {
        Value text = argument.from(equals + 1);
        call.shell().code(text, Content.PLAIN, call.span()); // it will be used
        call.shell().alias(argument.text().substring(0, equals), text.text());
      }
    }
    return Content.EMPTY;
  }

  private static Content unalias(Call call) {
    call.arguments().forEach(a -> call.shell().undefine(a.text()));
    return Content.EMPTY;
  }

  /// `hash -p /bin/rm name`: another name for a program.
  private static Content hash(Call call) {
    CommandLine line = call.line("p");
    line.value("p")
        .ifPresent(
            program -> line.operands().forEach(o -> call.shell().alias(o.text(), program.text())));
    return Content.EMPTY;
  }

  private static Content enable(Call call) {
    call.line("f").value("f").ifPresent(library -> call.emit(Effect.What.ENV_INJECTION));
    return Content.EMPTY;
  }

  private static final int MAX_LINES = 8;

  private static Content read(Call call) {
    CommandLine line = call.line("u", "p", "d", "n", "N", "t", "i", "a");
    Content in = line.value("u").map(u -> call.shell().descriptor(u.text())).orElse(call.in());
    List<Value> lines = lines(in);
    line.value("a")
        .ifPresent(array -> call.shell().variables().set(array.text(), split(lines.getFirst())));
    List<Value> names = line.operands().isEmpty() ? List.of(Value.of("REPLY")) : line.operands();
    for (int i = 0; i < names.size(); i++) {
      int field = i;
      boolean last = i == names.size() - 1;
      List<Value> values =
          lines.stream()
              .limit(MAX_LINES)
              .map(l -> names.size() == 1 ? l : field(l, field, last))
              .distinct()
              .toList();
      if (lines.size() > MAX_LINES) {
        values = List.of(Value.unknown(in.taints()));
      }
      call.shell().variables().alternatives(names.get(i).text(), values);
    }
    return Content.EMPTY;
  }

  /// Lines of the input, one unknown when it is not known.
  private static List<Value> lines(Content in) {
    if (in.text().isEmpty() || in.text().get().isEmpty()) {
      return List.of(Value.unknown(in.taints()));
    }
    Value all = in.value();
    List<Value> lines = new ArrayList<>();
    for (String part : in.text().get().split("\n", 200)) {
      if (!part.isEmpty()) {
        lines.add(all.text(part));
      }
    }
    return lines.isEmpty() ? List.of(Value.of("")) : lines;
  }

  private static List<Value> split(Value line) {
    List<Value> words = new ArrayList<>();
    for (String word : line.text().strip().split("\\s+", 200)) {
      words.add(line.text(word));
    }
    return words;
  }

  private static Value field(Value line, int index, boolean last) {
    String[] words = line.text().strip().split("\\s+", last ? index + 1 : index + 2);
    return index < words.length ? line.text(words[index]) : Value.of("");
  }

  private static Content mapfile(Call call) {
    CommandLine line = call.line("u", "C", "c", "d", "n", "O", "s");
    line.value("C").ifPresent(code -> call.shell().code(code, Content.PLAIN, call.span()));
    Content in = line.value("u").map(u -> call.shell().descriptor(u.text())).orElse(call.in());
    String name = line.operands().isEmpty() ? "MAPFILE" : line.operands().getFirst().text();
    call.shell().variables().set(name, lines(in));
    return Content.EMPTY;
  }

  private static final Set<String> STANDARD_INPUT =
      Set.of("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-");

  static boolean isStandardInput(String path) {
    return STANDARD_INPUT.contains(path);
  }

  private static Content source(Call call) {
    if (call.arguments().isEmpty()) {
      return Content.PLAIN;
    }
    Value script = call.arguments().getFirst();
    if (isStandardInput(script.text())) {
      return Interpreters.fed(call, "source");
    }
    if (script.taints().foreign()) {
      call.shell().foreign(script.taints(), "", "source", call.span());
    }
    Optional<Content> descriptor = descriptor(call, script);
    if (descriptor.isPresent()) {
      return Interpreters.fed(
          new Call(call.shell(), "source", List.of(), descriptor.get(), call.span()), "source");
    }
    return call.shell().script(script, call.after(1), "sh", call.in(), call.span());
  }

  /// `/dev/fd/N` of a descriptor opened before.
  static Optional<Content> descriptor(Call call, Value path) {
    String text = path.text().replaceFirst("^/proc/self/fd/", "/dev/fd/");
    if (!text.startsWith("/dev/fd/")) {
      return Optional.empty();
    }
    Content content = call.shell().descriptor(text.substring("/dev/fd/".length()));
    return content.equals(Content.PLAIN) ? Optional.empty() : Optional.of(content);
  }
}
