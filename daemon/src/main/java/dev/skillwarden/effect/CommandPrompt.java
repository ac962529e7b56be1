package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// `cmd /c`: its own commands; programs are judged as in any other shell.
final class CommandPrompt {
  private CommandPrompt() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name : List.of("schtasks", "reg")) {
      handlers.put(
          name,
          call -> {
            List<Value> words = new ArrayList<>();
            words.add(Value.of(call.name()));
            words.addAll(call.arguments());
            one(call, words);
            return Content.PLAIN;
          });
    }
  }

  static void run(Call call, String text) {
    for (String part : text.split("[&|\n]+", 500)) {
      List<Value> words = words(part.strip());
      if (!words.isEmpty()) {
        one(call, words);
      }
    }
  }

  private static List<Value> words(String text) {
    List<Value> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '^' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
      } else if (Character.isWhitespace(c) && !quoted) {
        add(word, words);
      } else {
        word.append(c);
      }
    }
    add(word, words);
    return words;
  }

  private static void add(StringBuilder word, List<Value> words) {
    if (!word.isEmpty()) {
      words.add(Value.of(word.toString().replaceAll("(?i)%(?:userprofile|homepath)%", "~")));
      word.setLength(0);
    }
  }

  private static void one(Call call, List<Value> words) {
    String name = ShellAnalyzer.base(words.getFirst().text());
    List<Value> rest = words.subList(1, words.size());
    List<Value> operands = rest.stream().filter(w -> !w.text().startsWith("/")).toList();
    Set<String> switches =
        rest.stream()
            .map(w -> w.text().toLowerCase(Locale.ROOT))
            .filter(w -> w.startsWith("/"))
            .collect(java.util.stream.Collectors.toSet());
    switch (name) {
      case "del", "erase", "rd", "rmdir" ->
          operands.forEach(o -> call.shell().delete(o, switches.contains("/s"), "rm", call.span()));
      case "format" -> call.shell().emit(new Effect.DiskWrite(call.joined(), call.span()));
      case "type" -> operands.forEach(o -> call.shell().read(o, call.span()));
      case "copy", "xcopy", "robocopy", "move", "ren", "rename" -> {
        List<Value> command = new ArrayList<>();
        command.add(Value.of(name.startsWith("m") || name.startsWith("ren") ? "mv" : "cp"));
        command.addAll(operands);
        call.shell().command(command, Content.PLAIN, call.span());
      }
      case "reg" -> {
        if (Set.of("add", "delete", "import")
            .contains(rest.isEmpty() ? "" : rest.getFirst().text())) {
          call.emit(What.SYSTEM_SETTING);
        }
      }
      case "schtasks" -> {
        if (switches.contains("/create") || switches.contains("/delete")) {
          call.emit(What.SCHEDULED);
        }
      }
      default -> call.shell().command(words, call.in(), call.span());
    }
  }
}
