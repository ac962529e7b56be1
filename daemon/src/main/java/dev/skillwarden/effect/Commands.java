package dev.skillwarden.effect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which class judges which command.
final class Commands {
  /// What a command does with its arguments and input.
  interface Handler {
    /// What the command prints.
    Content run(Call call);
  }

  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "rbash", "csh", "tcsh");

  private static final Map<String, Handler> HANDLERS = new java.util.HashMap<>();

  static {
    Builtins.register(HANDLERS);
    TextCommands.register(HANDLERS);
    FileCommands.register(HANDLERS);
    Removal.register(HANDLERS);
    Archives.register(HANDLERS);
    NetworkCommands.register(HANDLERS);
    SystemCommands.register(HANDLERS);
    Containers.register(HANDLERS);
    Agents.register(HANDLERS);
    CommandPrompt.register(HANDLERS);
    HANDLERS.put("git", Git::run);
  }

  private Commands() {}

  static boolean isShell(String name) {
    return SHELLS.contains(name);
  }

  static boolean isInterpreter(String name) {
    return Interpreters.knows(name);
  }

  static Content run(Call call) {
    Content out = dispatched(call);
    ServiceCommands.judge(call);
    if (SecretStores.prints(call)) {
      call.emit(Effect.What.SECRET_STORE);
      return out.with(Taints.SECRET);
    }
    return out;
  }

  private static Content dispatched(Call call) {
    if (isShell(call.name())) {
      return Interpreters.shell(call);
    }
    Optional<Content> opened = Executors.run(call);
    if (opened.isPresent()) {
      return opened.get();
    }
    Handler handler = HANDLERS.get(call.name());
    if (handler != null) {
      return handler.run(call);
    }
    if (Interpreters.knows(call.name())) {
      return Interpreters.run(call);
    }
    if (call.name().startsWith("mkfs")) {
      return SystemCommands.disk(call);
    }
    return unknown(call);
  }

  /// Commands that name others without running them.
  private static final Set<String> NAMES_ONLY =
      Set.of(
          "man",
          "which",
          "whereis",
          "type",
          "apropos",
          "help",
          "info",
          "tldr",
          "whatis",
          "hash",
          "complete",
          "compgen");

  /// A command nobody told about: what it reads may come out again, and a deletion in its arguments
  /// is judged as if it ran, since wrappers are endless.
  private static Content unknown(Call call) {
    List<Value> arguments = call.arguments();
    if (!NAMES_ONLY.contains(call.name())) {
      for (int i = 0; i + 1 < arguments.size(); i++) {
        String word = ShellAnalyzer.base(arguments.get(i).text());
        boolean removes = word.equals("rm") && Removal.looksRecursive(call.after(i + 1));
        boolean shell = isShell(word) && arguments.get(i + 1).text().matches("-[a-z]*c");
        if (removes || shell) {
          return call.shell().command(call.after(i), call.in(), call.span());
        }
      }
    }
    return Content.of(call.in().taints());
  }
}
