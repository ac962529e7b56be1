package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Commands that run other commands.
final class Executors {
  /// How a command names the one it runs.
  ///
  /// @param withValue options that take a value
  /// @param skip operands before the command: a duration, a user, a directory
  /// @param text whether the rest is shell text rather than an argument vector
  private record Executor(Set<String> withValue, int skip, boolean text) {}

  private static final Map<String, Executor> TABLE =
      Map.ofEntries(
          argv(
              "sudo", 0, "u", "g", "h", "p", "C", "T", "U", "D", "R", "r", "t", "user", "group",
              "host", "chdir", "chroot", "prompt"),
          argv("doas", 0, "u", "C"),
          argv("pkexec", 0, "user"),
          argv("env", 0, "u", "C", "S", "unset", "chdir", "split-string", "argv0", "a"),
          argv("nice", 0, "n", "adjustment"),
          argv("ionice", 0, "c", "n", "p", "class", "classdata"),
          argv("chrt", 1, "T", "P", "D"),
          argv("taskset", 1),
          argv("numactl", 0, "C", "m", "N", "cpunodebind", "membind", "physcpubind", "interleave"),
          argv("nohup", 0),
          argv("setsid", 0),
          argv("stdbuf", 0, "i", "o", "e"),
          argv("unbuffer", 0),
          argv("timeout", 1, "s", "k", "signal", "kill-after"),
          argv("gtimeout", 1, "s", "k", "signal", "kill-after"),
          argv("time", 0, "f", "o", "format", "output"),
          argv("command", 0),
          argv("builtin", 0),
          argv("exec", 0, "a"),
          argv("busybox", 0),
          argv("toybox", 0),
          argv("strace", 0, "o", "e", "p", "s", "u", "E", "P", "S"),
          argv("ltrace", 0, "o", "e", "p", "s", "u"),
          argv("chroot", 1, "userspec", "groups"),
          argv("unshare", 0, "S", "G", "R", "w", "setuid", "setgid", "root", "wd"),
          argv("nsenter", 0, "t", "S", "G", "target", "setuid", "setgid"),
          argv("flock", 1, "w", "E", "timeout", "conflict-exit-code"),
          argv("caffeinate", 0, "t", "w"),
          argv("chronic", 0),
          argv("torsocks", 0),
          argv("torify", 0),
          argv("proxychains", 0, "f"),
          argv("proxychains4", 0, "f"),
          argv("xvfb-run", 0, "s", "n", "e", "f", "w", "server-args", "server-num"),
          argv("dbus-run-session", 0, "config-file"),
          argv(
              "systemd-run",
              0,
              "u",
              "p",
              "H",
              "M",
              "t",
              "unit",
              "property",
              "description",
              "slice",
              "on-calendar",
              "on-active",
              "uid",
              "gid",
              "setenv",
              "working-directory"),
          argv("systemd-inhibit", 0, "what", "who", "why", "mode"),
          argv("setpriv", 0, "reuid", "regid", "groups"),
          argv("runuser", 0, "u", "g", "G", "user", "group"),
          argv("firejail", 0),
          argv("prlimit", 0, "p", "pid"),
          argv("setarch", 1),
          argv("linux32", 0),
          argv("linux64", 0),
          argv("tini", 0, "p", "e"),
          argv("dumb-init", 0),
          argv("gosu", 1),
          argv("su-exec", 1),
          argv("fakeroot", 0, "l", "s", "i", "b"),
          argv("faketime", 1, "f"),
          argv("rlwrap", 0, "f", "H"),
          argv("cpulimit", 0, "l", "p", "e", "limit"),
          argv("catchsegv", 0),
          argv("valgrind", 0),
          argv("lvm", 0),
          argv("poetry run", 0),
          argv("uv run", 0, "with", "python", "p", "project", "directory", "extra", "group"),
          argv("uvx", 0, "from", "with", "p", "python"),
          argv("pipenv run", 0),
          argv("pdm run", 0),
          argv("hatch run", 0),
          argv("rye run", 0),
          argv("npx", 0, "p", "package", "c"),
          argv("bunx", 0),
          argv("pnpx", 0),
          argv("npm exec", 0, "p", "package", "w", "workspace"),
          argv("pnpm exec", 0, "C", "F", "filter", "dir"),
          argv("pnpm dlx", 0, "package"),
          argv("yarn exec", 0),
          argv("yarn dlx", 0, "p", "package"),
          argv("bundle exec", 0),
          argv("mise exec", 0),
          argv("asdf exec", 0),
          argv("conda run", 0, "n", "p", "name", "prefix", "cwd"),
          argv("mamba run", 0, "n", "p", "name", "prefix"),
          argv("micromamba run", 0, "n", "p", "name", "prefix"),
          argv("direnv exec", 1),
          argv("op run", 0, "env-file", "account"),
          argv("doppler run", 0, "p", "c", "t", "project", "config", "token"),
          argv("infisical run", 0, "env", "path", "projectId", "token"),
          argv("aws-vault exec", 1, "d", "duration", "region"),
          argv("chamber exec", 1),
          argv("dotenv", 0, "f", "e", "c"),
          argv("dotenvx run", 0, "f"),
          argv("heroku run", 0, "a", "app", "s", "size"),
          argv(
              "docker exec", 1, "u", "w", "e", "user", "workdir", "env", "env-file", "detach-keys"),
          argv("docker container exec", 1, "u", "w", "e", "user", "workdir", "env"),
          argv("docker compose exec", 1, "u", "w", "e", "user", "workdir", "env", "index"),
          argv("docker-compose exec", 1, "u", "w", "e", "user", "workdir", "env", "index"),
          argv("podman exec", 1, "u", "w", "e", "user", "workdir", "env"),
          argv("nerdctl exec", 1, "u", "w", "e", "user", "workdir", "env"),
          argv("lxc exec", 1, "cwd", "env", "user"),
          argv("incus exec", 1, "cwd", "env", "user"),
          argv("kubectl exec", 1, "n", "c", "namespace", "container", "context", "f"),
          argv("oc exec", 1, "n", "c", "namespace", "container", "context"),
          argv("oc rsh", 1, "n", "c", "namespace", "container"),
          argv("machinectl shell", 1, "uid", "E", "setenv"),
          argv("screen", 0, "S", "c", "h", "s", "t", "p", "T", "e"),
          text("watch", 0, "n", "interval", "d"),
          text(
              "ssh", 1, "p", "i", "l", "o", "F", "J", "L", "R", "D", "W", "b", "c", "m", "S", "w",
              "B", "E", "e", "I", "O", "Q"),
          text("autossh", 1, "M", "p", "i", "l", "o", "F", "J", "L", "R", "D"),
          text("mosh", 1, "ssh", "p"),
          text("sshpass", 0, "p", "f", "d", "P"),
          text("adb shell", 0, "s", "n"),
          text("tmux new-session", 0, "s", "n", "c", "t", "x", "y", "e", "F", "f"),
          text("tmux new", 0, "s", "n", "c", "t", "x", "y", "e", "F"),
          text("tmux new-window", 0, "n", "c", "t", "e", "F"),
          text("tmux neww", 0, "n", "c", "t", "e", "F"),
          text("tmux split-window", 0, "c", "t", "e", "F", "l", "p"),
          text("tmux send-keys", 0, "t", "N"),
          text("tmux send", 0, "t", "N"),
          text("tmux run-shell", 0, "t", "c", "d"),
          text("tmux respawn-pane", 0, "c", "t", "e"));

  private static final Set<String> RAISES =
      Set.of("sudo", "doas", "pkexec", "su", "runuser", "gosu", "su-exec");

  private Executors() {}

  private static Map.Entry<String, Executor> argv(String name, int skip, String... withValue) {
    return Map.entry(name, new Executor(Set.of(withValue), skip, false));
  }

  private static Map.Entry<String, Executor> text(String name, int skip, String... withValue) {
    return Map.entry(name, new Executor(Set.of(withValue), skip, true));
  }

  /// Runs what the command runs; empty when it is none of these.
  static Optional<Content> run(Call call) {
    return switch (call.name()) {
      case "eval" ->
          Optional.of(call.shell().code(joined(call.arguments()), call.in(), call.span()));
      case "xargs" -> Optional.of(xargs(call));
      case "parallel", "rush" -> Optional.of(parallel(call));
      case "su", "script", "vagrant", "wsl" -> withCommandOption(call);
      case "trap" -> Optional.of(trap(call));
      case "coproc" -> Optional.of(call.shell().command(call.arguments(), call.in(), call.span()));
      case "hyperfine", "watchexec", "nodemon", "entr", "concurrently" -> Optional.of(texts(call));
      case "sg" -> Optional.of(call.shell().code(joined(call.after(1)), call.in(), call.span()));
      case "nix-shell", "nix" -> withOption(call, "run", "command", "c");
      case "gcloud" -> withOption(call, "command");
      default -> byTable(call);
    };
  }

  private static Value joined(List<Value> values) {
    return values.isEmpty() ? Value.of("") : WordExpander.join(values);
  }

  private static Optional<Content> byTable(Call call) {
    Executor executor = TABLE.get(call.name());
    List<Value> arguments = call.arguments();
    if (executor == null) {
      // `docker --context x exec …`: the sub-command is the first operand known to the table.
      for (int i = 0; i < Math.min(arguments.size(), 6) && executor == null; i++) {
        executor = TABLE.get(call.name() + " " + call.word(i));
        if (executor == null && i + 1 < arguments.size()) {
          executor = TABLE.get(call.name() + " " + call.word(i) + " " + call.word(i + 1));
          i += executor == null ? 0 : 1;
        }
        arguments = call.after(i + 1);
      }
      if (executor == null) {
        return Optional.empty();
      }
    }
    if (RAISES.contains(call.name())) {
      call.emit(What.PRIVILEGE);
    }
    return Optional.of(open(call, executor, arguments));
  }

  private static Content open(Call call, Executor executor, List<Value> arguments) {
    CommandLine line = CommandLine.of(arguments, executor.withValue(), executor.skip() == 0);
    if (call.name().equals("ssh") || call.name().equals("autossh")) {
      line = CommandLine.of(arguments, executor.withValue(), true);
      sshOptions(call, line.values("o"));
    }
    if (call.name().equals("nsenter")
        && line.value("t", "target").filter(v -> v.text().equals("1")).isPresent()) {
      call.emit(What.PRIVILEGED_CONTAINER);
    }
    if (call.name().equals("command") && line.has("v", "V")) {
      return Content.PLAIN;
    }
    List<Value> rest = new ArrayList<>();
    if (call.name().equals("env") || call.name().equals("dotenv")) {
      for (Value text : line.values("S", "split-string")) {
        rest.addAll(split(text));
      }
    }
    List<Value> operands = skipAssignments(call, line.operands());
    if (executor.skip() > 0) {
      // Options may stand between the skipped operands and the command, none behind them.
      operands = operandsAfter(arguments, executor);
    }
    rest.addAll(operands);
    rest = new ArrayList<>(skipAssignments(call, rest));
    if (rest.isEmpty()) {
      return switch (call.name()) {
        case "env" -> Content.of(Taints.SECRET);
        case "ssh", "autossh" -> {
          call.shell().upload(call.in(), "", call.span());
          yield Content.of(Taints.NETWORK);
        }
        default -> call.in();
      };
    }
    if (call.name().equals("ssh") || call.name().equals("autossh")) {
      call.shell().upload(call.in(), "", call.span());
      Content out = call.shell().code(joined(rest), call.in(), call.span());
      return out.with(Taints.NETWORK);
    }
    if (rest.getFirst().text().equals("--") && rest.size() > 1) {
      rest.removeFirst();
    }
    return executor.text()
        ? call.shell().code(joined(rest), call.in(), call.span())
        : call.shell().command(rest, call.in(), call.span());
  }

  /// The command after `skip` operands, with its own options untouched.
  private static List<Value> operandsAfter(List<Value> arguments, Executor executor) {
    int from = 0;
    for (int skipped = 0; skipped <= executor.skip() && from < arguments.size(); skipped++) {
      CommandLine line =
          CommandLine.of(arguments.subList(from, arguments.size()), executor.withValue(), true);
      if (line.operands().isEmpty()) {
        return List.of();
      }
      if (skipped == executor.skip()) {
        return line.operands();
      }
      from = arguments.size() - line.operands().size() + 1;
    }
    return List.of();
  }

  private static List<Value> split(Value text) {
    List<Value> words = new ArrayList<>();
    for (String word : text.text().strip().split("\\s+", -1)) {
      words.add(text.text(word.replaceAll("^['\"]|['\"]$", "")));
    }
    return words;
  }

  private static List<Value> skipAssignments(Call call, List<Value> operands) {
    int i = 0;
    while (i < operands.size()) {
      String text = operands.get(i).text();
      int equals = text.indexOf('=');
      if (equals <= 0 || !text.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")) {
        break;
      }
      String name = text.substring(0, equals);
      Value value = operands.get(i).from(equals + 1);
      Environment.assigned(call.shell(), name, value, call.span(), false);
      call.shell().assign(name, value);
      i++;
    }
    return operands.subList(i, operands.size());
  }

  private static final Set<String> SSH_COMMANDS =
      Set.of(
          "proxycommand", "localcommand", "knownhostscommand", "remotecommand", "proxyusefdpass");

  /// Options of ssh, scp and sftp whose value is a command.
  static void sshOptions(Call call, List<Value> options) {
    for (Value option : options) {
      String text = option.text().strip();
      int end = 0;
      while (end < text.length() && Character.isLetter(text.charAt(end))) {
        end++;
      }
      if (SSH_COMMANDS.contains(text.substring(0, end).toLowerCase(java.util.Locale.ROOT))) {
        call.shell()
            .code(
                option.text(text.substring(end).replaceFirst("^\\s*=?\\s*", "")),
                Content.PLAIN,
                call.span());
      }
    }
  }

  private static Optional<Content> withCommandOption(Call call) {
    if (call.name().equals("su")) {
      call.emit(What.PRIVILEGE);
    }
    CommandLine line =
        call.line("c", "command", "s", "shell", "g", "group", "session-command", "u", "d");
    List<Value> commands = line.values("c", "command", "session-command");
    Content out = call.in();
    for (Value command : commands) {
      out = call.shell().code(command, call.in(), call.span());
    }
    if (commands.isEmpty() && call.name().equals("su")) {
      return Optional.of(Interpreters.fed(call, "sh"));
    }
    if (commands.isEmpty() && call.name().equals("wsl")) {
      return Optional.of(call.shell().command(line.operands(), call.in(), call.span()));
    }
    if (commands.isEmpty() && call.name().equals("script") && !line.operands().isEmpty()) {
      call.shell().writes(line.operands().getFirst(), call.span());
    }
    return Optional.of(out);
  }

  private static Optional<Content> withOption(Call call, String... names) {
    Content out = Content.PLAIN;
    List<Value> commands = call.line(names).values(names);
    for (Value command : commands) {
      out = call.shell().code(command, call.in(), call.span());
    }
    return commands.isEmpty() ? Optional.empty() : Optional.of(out);
  }

  private static Content texts(Call call) {
    CommandLine line =
        call.line(
            "x", "exec", "e", "ext", "w", "watch", "p", "prepare", "s", "setup", "c", "cleanup",
            "n", "names", "r", "runs", "m", "M");
    for (Value text : line.values("x", "exec", "prepare", "p", "setup", "cleanup")) {
      call.shell().code(text, call.in(), call.span());
    }
    Content out = Content.PLAIN;
    boolean one = call.name().equals("watchexec") || call.name().equals("entr");
    List<Value> operands =
        one
            ? CommandLine.of(call.arguments(), Set.of("e", "w", "ext", "watch"), true).operands()
            : line.operands();
    if (one && operands.size() > 1) {
      return call.shell().command(operands, Content.PLAIN, call.span());
    }
    for (Value operand : operands) {
      out = call.shell().code(operand, Content.PLAIN, call.span());
    }
    return out;
  }

  private static Content trap(Call call) {
    List<Value> operands = call.line("l", "p").operands();
    if (operands.size() > 1) {
      call.shell().code(operands.getFirst(), Content.PLAIN, call.span());
    }
    return Content.EMPTY;
  }

  /// Lines of the input become arguments.
  private static Content xargs(Call call) {
    Set<String> withValue =
        Set.of(
            "I",
            "n",
            "P",
            "L",
            "d",
            "a",
            "s",
            "E",
            "J",
            "R",
            "S",
            "max-args",
            "max-procs",
            "max-lines",
            "delimiter",
            "arg-file",
            "max-chars",
            "eof",
            "process-slot-var");
    // `-i`, `-l`, `-e` and their long kin take a value only when it is attached.
    CommandLine line = CommandLine.of(call.arguments(), withValue, true);
    Content in =
        line.value("a", "arg-file").map(f -> call.shell().read(f, call.span())).orElse(call.in());
    Optional<String> mark =
        line.value("I", "J")
            .or(() ->
                line.options().stream()
                    .filter(o -> o.name().equals("replace"))
                    .flatMap(o -> o.value().stream())
                    .findFirst())
            .map(Value::text)
            .map(t -> t.isEmpty() ? "{}" : t)
            .or(() -> line.has("replace") || line.has("i") ? Optional.of("{}") : Optional.empty());
    List<Value> command = line.operands().isEmpty() ? List.of(Value.of("echo")) : line.operands();
    List<Value> items =
        items(in, mark.isPresent() || line.has("d", "delimiter"), line.has("0", "null"));
    Content out = Content.EMPTY;
    if (mark.isPresent()) {
      for (Value item : items) {
        out =
            out.then(
                call.shell()
                    .command(replaced(command, mark.get(), item), Content.PLAIN, call.span()));
      }
      return out;
    }
    List<Value> all = new ArrayList<>(command);
    all.addAll(items);
    return call.shell().command(all, Content.PLAIN, call.span());
  }

  private static List<Value> replaced(List<Value> command, String mark, Value item) {
    return command.stream()
        .map(v ->
            v.text().contains(mark)
                ? new Value(
                    v.text().replace(mark, item.text()),
                    v.known() && item.known(),
                    v.taints().plus(item.taints()),
                    false)
                : v)
        .toList();
  }

  private static final int MAX_ITEMS = 200;

  /// What the input splits into; one unknown item when it is not known.
  private static List<Value> items(Content in, boolean lines, boolean zero) {
    Value all = in.value();
    if (in.text().isEmpty()) {
      return List.of(all);
    }
    Set<Value> items = new LinkedHashSet<>();
    for (String part : all.text().split(zero ? "\0" : lines ? "\n" : "\\s+", MAX_ITEMS)) {
      String item = lines ? part.strip() : part.replaceAll("^['\"]|['\"]$", "");
      if (!item.isEmpty()) {
        items.add(all.text(item));
      }
    }
    return List.copyOf(items);
  }

  /// GNU parallel: a template and its arguments after `:::` or on standard input.
  private static Content parallel(Call call) {
    CommandLine line =
        CommandLine.of(
            call.arguments(),
            Set.of(
                "j",
                "jobs",
                "a",
                "arg-file",
                "N",
                "n",
                "L",
                "I",
                "S",
                "sshlogin",
                "colsep",
                "C",
                "d",
                "delimiter",
                "joblog",
                "timeout",
                "retries",
                "results",
                "halt",
                "delay",
                "P",
                "max-procs",
                "workdir",
                "wd",
                "tmpdir"),
            true);
    List<Value> template = new ArrayList<>();
    List<Value> items = new ArrayList<>();
    boolean given = false;
    for (Value operand : line.operands()) {
      if (operand.text().startsWith(":::")) {
        given = true;
      } else if (given) {
        items.add(operand);
      } else {
        template.add(operand);
      }
    }
    if (!given) {
      items.addAll(items(call.in(), true, line.has("0", "null")));
    }
    Content out = Content.EMPTY;
    for (Value item : items) {
      boolean placed = template.stream().anyMatch(t -> t.text().contains("{"));
      List<Value> words = new ArrayList<>(template);
      if (!placed) {
        words.add(item);
      }
      Value text = joined(placed ? replaced(words, "{}", item) : words);
      out = out.then(call.shell().code(text, Content.PLAIN, call.span()));
      // Quoting of the template is gone by now; `bash -c {}` gets the item as one word.
      List<Value> argv = placed ? replaced(words, "{}", item) : words;
      if (argv.size() > 1) {
        out = out.then(call.shell().command(argv, Content.PLAIN, call.span()));
      }
    }
    return out;
  }
}
