package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Commands that remove files.
final class Removal {
  private Removal() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name :
        List.of(
            "rm",
            "grm",
            "unlink",
            "rmdir",
            "shred",
            "srm",
            "trash",
            "rimraf",
            "trash-put",
            "del",
            "wipe")) {
      handlers.put(name, Removal::remove);
    }
    handlers.put("find", Removal::find);
    handlers.put("gfind", Removal::find);
    handlers.put("fd", Removal::fd);
    handlers.put("fdfind", Removal::fd);
  }

  /// Commands that overwrite a file before they remove it.
  private static final Set<String> OVERWRITES = Set.of("shred", "srm", "wipe");

  /// Whether arguments look like those of a recursive, forced removal.
  static boolean looksRecursive(List<Value> arguments) {
    CommandLine line = CommandLine.of(arguments, Set.of());
    return !line.operands().isEmpty()
        && line.has("r", "R", "recursive")
        && (line.has("f", "force")
            || line.operands().stream().anyMatch(o -> o.text().matches("/|~|/\\*|~/\\*?")));
  }

  private static Content remove(Call call) {
    CommandLine line =
        call.name().equals("shred") ? call.line("n", "s", "iterations", "size") : call.line();
    if (line.has("help", "version")) {
      return Content.PLAIN;
    }
    boolean recursive =
        (line.has("r", "R", "recursive") && !call.name().equals("rmdir"))
            || Set.of("rimraf", "trash", "trash-put", "wipe").contains(call.name());
    for (Value operand : line.operands()) {
      String path = call.shell().resolve(operand);
      if (Devices.isDisk(path)) {
        call.shell().emit(new Effect.DiskWrite(path, call.span()));
      }
      if (OVERWRITES.contains(call.name())) {
        call.emit(Effect.What.UNRECOVERABLE);
      }
      call.shell()
          .delete(operand, recursive, call.name().equals("grm") ? "rm" : call.name(), call.span());
    }
    return Content.EMPTY;
  }

  private static final Set<String> GLOBAL_WITH_VALUE = Set.of("-D");
  private static final Set<String> RUNS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  private static Content find(Call call) {
    List<Value> roots = new ArrayList<>();
    int first = 0;
    while (first < call.arguments().size()) {
      String text = call.word(first);
      if (Set.of("-L", "-H", "-P").contains(text) || text.matches("-O\\d")) {
        first++;
      } else if (GLOBAL_WITH_VALUE.contains(text)) {
        first += 2;
      } else if (text.startsWith("-") || text.equals("!") || text.equals("(")) {
        break;
      } else {
        roots.add(call.arguments().get(first++));
      }
    }
    if (roots.isEmpty()) {
      roots.add(Value.of("."));
    }
    boolean narrow =
        call.hasAny(
            Set.of(
                "-name",
                "-iname",
                "-path",
                "-ipath",
                "-regex",
                "-mtime",
                "-mmin",
                "-size",
                "-empty",
                "-newer",
                "-user",
                "-maxdepth",
                "-wholename"));
    for (int i = first; i < call.arguments().size(); i++) {
      String text = call.word(i);
      if (text.equals("-delete")) {
        roots.forEach(
            r -> call.shell().delete(r, true, narrow ? "find-some" : "find", call.span()));
      } else if (RUNS.contains(text)) {
        i = executed(call, roots, i + 1, narrow);
      } else if (text.matches("-fprintf?0?|-fls")) {
        call.shell()
            .writes(
                call.arguments().get(Math.min(i + 1, call.arguments().size() - 1)), call.span());
      }
    }
    return found(call, roots, narrow);
  }

  /// What a search prints: paths below its roots.
  private static Content found(Call call, List<Value> roots, boolean narrow) {
    StringBuilder out = new StringBuilder();
    for (Value root : roots) {
      out.append(root.text());
      out.append(root.text().endsWith("/") ? "" : "/").append(narrow ? Value.HOLE + "\n" : "*\n");
    }
    return Content.of(out.toString())
        .with(call.in().taints().secret() ? Taints.SECRET : Taints.NONE);
  }

  /// Commands in front of another that change nothing of what it does.
  private static final Set<String> PASSES_ON = Set.of("sudo", "doas", "command", "env", "nice");

  /// The command after `-exec`; the index of its end.
  private static int executed(Call call, List<Value> roots, int from, boolean narrow) {
    int end = from;
    while (end < call.arguments().size()
        && !call.word(end).equals(";")
        && !(call.word(end).equals("+") && call.word(end - 1).equals("{}"))) {
      end++;
    }
    List<Value> inner = call.arguments().subList(from, end);
    if (inner.isEmpty()) {
      return end;
    }
    int program = 0;
    while (program + 1 < inner.size() && PASSES_ON.contains(inner.get(program).text())) {
      program++;
    }
    boolean removes =
        Set.of("rm", "shred", "unlink", "srm")
            .contains(ShellAnalyzer.base(inner.get(program).text()));
    if (removes) {
      roots.forEach(r -> call.shell().delete(r, true, narrow ? "find-some" : "find", call.span()));
      return end;
    }
    for (Value root : roots) {
      Value item = narrow ? root.text(root.text() + "/" + Value.HOLE) : root;
      List<Value> words = new ArrayList<>();
      for (Value word : inner) {
        words.add(
            word.text().contains("{}")
                ? new Value(
                    word.text().replace("{}", item.text()),
                    word.known() && item.known(),
                    word.taints(),
                    false)
                : word);
      }
      call.shell().command(words, Content.PLAIN, call.span());
    }
    return end;
  }

  private static Content fd(Call call) {
    List<Value> arguments = call.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      if (Set.of("-x", "-X", "--exec", "--exec-batch").contains(call.word(i))) {
        List<Value> before =
            CommandLine.of(
                    arguments.subList(0, i),
                    Set.of("e", "t", "d", "E", "extension", "type", "max-depth", "exclude"))
                .operands();
        Value root = before.size() > 1 ? before.getLast() : Value.of(".");
        List<Value> inner = new ArrayList<>(call.after(i + 1));
        if (!inner.isEmpty() && inner.stream().noneMatch(v -> v.text().contains("{"))) {
          inner.add(root.text(root.text() + "/" + Value.HOLE));
        }
        call.shell().command(inner, Content.PLAIN, call.span());
        return Content.PLAIN;
      }
    }
    return Content.PLAIN;
  }
}
