package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import dev.skillwarden.effect.ShellAnalyzer.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What single commands do with their arguments, and which commands run other commands.
final class Commands {
  static final Set<String> SHELLS = Set.of("sh", "bash", "zsh", "dash", "ksh", "ash", "fish");
  private static final Set<String> INTERPRETERS =
      Set.of(
          "python",
          "perl",
          "ruby",
          "node",
          "nodejs",
          "php",
          "lua",
          "deno",
          "bun",
          "osascript",
          "pwsh");

  /// Commands that run the rest of their arguments → their options that take a value.
  private static final Map<String, Set<String>> WRAPPERS =
      Map.ofEntries(
          Map.entry("sudo", Set.of("-u", "-g", "-h", "-p", "-C", "-T", "-U", "--user", "--group")),
          Map.entry("doas", Set.of("-u", "-C")),
          Map.entry("env", Set.of("-u", "-C", "--unset", "--chdir")),
          Map.entry("nice", Set.of("-n")),
          Map.entry("ionice", Set.of("-c", "-n", "-p")),
          Map.entry("nohup", Set.of()),
          Map.entry("setsid", Set.of()),
          Map.entry("stdbuf", Set.of("-i", "-o", "-e")),
          Map.entry("timeout", Set.of("-s", "-k", "--signal", "--kill-after")),
          Map.entry("time", Set.of("-f", "-o")),
          Map.entry("command", Set.of()),
          Map.entry("builtin", Set.of()),
          Map.entry("exec", Set.of("-a")),
          Map.entry("busybox", Set.of()),
          Map.entry("toybox", Set.of()),
          Map.entry("strace", Set.of("-o", "-e", "-p")),
          Map.entry(
              "xargs",
              Set.of("-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "--max-args", "--max-procs")),
          Map.entry("watch", Set.of("-n", "--interval")),
          Map.entry("chroot", Set.of()),
          Map.entry("unshare", Set.of()),
          Map.entry("flock", Set.of("-w")),
          Map.entry("caffeinate", Set.of("-t", "-w")),
          Map.entry("chronic", Set.of()),
          Map.entry("parallel", Set.of("-j", "--jobs")),
          Map.entry("entr", Set.of()),
          Map.entry("pkexec", Set.of("--user")),
          Map.entry("torsocks", Set.of()),
          Map.entry("proxychains", Set.of("-f")));

  private static final Set<String> READERS =
      Set.of(
          "cat", "less", "more", "head", "tail", "bat", "strings", "xxd", "od", "hexdump", "base64",
          "base32", "nl", "tac", "sort", "uniq", "cut", "awk", "gawk", "sed", "grep", "egrep",
          "fgrep", "rg", "vi", "vim", "nano", "view", "jq", "yq", "diff", "cmp", "rev", "paste",
          "column", "source", ".", "openssl", "gpg", "zip", "tar", "gzip", "split", "pr", "fold",
          "mapfile");
  private static final Set<String> DECODERS =
      Set.of("base64", "base32", "xxd", "uudecode", "openssl", "gunzip", "zcat", "rev", "tr");
  private static final Set<String> PIPE_THROUGH =
      Set.of(
          "tee",
          "cat",
          "sed",
          "tr",
          "grep",
          "head",
          "tail",
          "sort",
          "awk",
          "gunzip",
          "zcat",
          "xz",
          "bzcat",
          "dos2unix",
          "iconv",
          "pv",
          "cut",
          "sponge",
          "rev",
          "uniq");
  private static final Pattern URL =
      Pattern.compile(
          "(?i)\\b(?:https?|ftp)://[^\\s\"'<>|;)]+|\\b[a-z0-9-]+(?:\\.[a-z0-9-]+)+/[^\\s\"']*");
  private static final Pattern DEVICE =
      Pattern.compile(
          "/dev/(sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\\d|disk\\d|rdisk\\d|mmcblk\\d|mapper/|md\\d).*|\\\\\\\\\\.\\\\.*");
  private static final Pattern METADATA =
      Pattern.compile(
          "169\\.254\\.169\\.254|metadata\\.google\\.internal|\\[?fd00:ec2::254]?|100\\.100\\.100\\.200");
  private static final Set<String> SWITCHES =
      Set.of(
          "CLAUDE_CODE_SHELL_PREFIX",
          "CLAUDE_CODE_SAFE_MODE",
          "CLAUDE_CODE_SIMPLE",
          "SKILLWARDEN_HOME");
  private static final Set<String> INJECTIONS =
      Set.of(
          "LD_PRELOAD",
          "LD_AUDIT",
          "BASH_ENV",
          "PROMPT_COMMAND",
          "DYLD_INSERT_LIBRARIES",
          "GIT_SSH_COMMAND",
          "GIT_EXTERNAL_DIFF",
          "PYTHONSTARTUP",
          "PERL5OPT",
          "RUBYOPT");

  void assignment(ShellAnalyzer shell, String name, Value value, String span, boolean standsAlone) {
    if (SWITCHES.contains(name)) {
      shell.emit(new Effect.Notable(What.GUARD_SWITCH, span));
    } else if ((name.equals("LD_PRELOAD")
            || name.equals("BASH_ENV")
            || name.equals("PROMPT_COMMAND")
            || name.equals("LD_AUDIT")
            || name.equals("DYLD_INSERT_LIBRARIES"))
        && !value.text().isEmpty()) {
      shell.emit(new Effect.Notable(What.ENV_INJECTION, span));
    } else if (INJECTIONS.contains(name)
        && !standsAlone
        && value.known()
        && value.text().matches(".*(curl|wget|sh -c|/tmp/).*")) {
      shell.emit(new Effect.Notable(What.ENV_INJECTION, span));
    }
  }

  Flow run(ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    if (METADATA.matcher(span).find() && isDownloader(name)) {
      shell.emit(new Effect.Network("metadata", span));
    }
    if (printsSecrets(name, arguments)) {
      shell.emit(new Effect.Notable(What.SECRET_STORE, span));
    }
    if (SHELLS.contains(name)) {
      return shellInvocation(shell, name, arguments, in, span);
    }
    if (WRAPPERS.containsKey(name)) {
      return wrapper(shell, name, arguments, in, span);
    }
    return switch (name) {
      case "eval" -> shell.unwrapText(ShellAnalyzer.join(arguments), in);
      case "trap" -> arguments.isEmpty() ? in : shell.unwrapText(arguments.getFirst(), in);
      case "source", "." -> sourced(shell, arguments, in, span);
      case "cd", "pushd" -> {
        shell.changeDirectory(
            arguments.stream()
                .filter(a -> !a.text().startsWith("-"))
                .findFirst()
                .orElse(Value.of(shell.home().toString())));
        yield Flow.PLAIN;
      }
      case "export", "declare", "typeset", "local", "readonly" -> {
        for (Value argument : arguments) {
          int equals = argument.text().indexOf('=');
          if (equals > 0) {
            shell.set(
                argument.text().substring(0, equals),
                new Value(
                    argument.text().substring(equals + 1),
                    argument.known(),
                    argument.dynamic(),
                    false));
            assignment(
                shell,
                argument.text().substring(0, equals),
                Value.of(argument.text().substring(equals + 1)),
                span,
                false);
          }
        }
        yield Flow.PLAIN;
      }
      case "ssh", "su", "script" -> remote(shell, name, arguments, in, span);
      case "docker", "podman", "nerdctl", "kubectl" -> container(shell, name, arguments, in, span);
      case "find" -> find(shell, arguments, span);
      case "tar", "rsync", "sort", "rg", "ag", "scp", "sftp" -> {
        carried(shell, arguments);
        yield name.equals("rsync") || name.equals("scp")
            ? copy(shell, name, arguments, span)
            : other(shell, name, arguments, in, span);
      }
      case "rm", "unlink", "rmdir", "shred", "srm", "trash" -> remove(shell, name, arguments, span);
      case "mv" -> move(shell, arguments, span);
      case "cp", "install", "ln" -> copy(shell, name, arguments, span);
      case "dd" -> dd(shell, arguments, span);
      case "mkfs",
          "wipefs",
          "blkdiscard",
          "fdisk",
          "parted",
          "sgdisk",
          "diskutil",
          "badblocks",
          "format" ->
          disk(shell, name, arguments, span);
      case "chmod", "chown", "chgrp", "setfacl", "chattr" -> permissions(shell, arguments, span);
      case "tee", "truncate", "touch", "sponge" -> {
        CommandLineOptions.of(arguments, Set.of("-s", "-d", "-t", "-r"))
            .operands()
            .forEach(o -> shell.write(o, span));
        CommandLineOptions.of(arguments, Set.of())
            .operands()
            .forEach(o -> shell.written(o.text(), in));
        yield in;
      }
      case "curl", "wget", "http", "https", "aria2c", "fetch", "xh" ->
          download(shell, name, arguments, in, span);
      case "nc", "ncat", "netcat", "socat", "telnet" -> netcat(shell, arguments, in, span);
      case "git" -> git(shell, arguments, span);
      case "claude" -> {
        if (has(arguments, "mcp") && has(arguments, "serve")) {
          shell.emit(new Effect.Notable(What.CLIENT_MCP_SERVE, span));
        }
        yield Flow.PLAIN;
      }
      case "skillwarden", "skillwarden-relay" -> guard(shell, arguments, span);
      case "kill", "pkill", "killall", "systemctl", "launchctl", "service" -> {
        if (span.toLowerCase(Locale.ROOT).contains("skillwarden")) {
          shell.emit(new Effect.Notable(What.GUARD_CONTROL, span));
        }
        yield Flow.PLAIN;
      }
      case "shutdown", "reboot", "halt", "poweroff", "init", "telinit" -> {
        shell.emit(new Effect.Notable(What.POWER, span));
        yield Flow.PLAIN;
      }
      case "printenv" -> Flow.SECRET;
      case "echo", "printf" -> Flow.PLAIN;
      default -> other(shell, name, arguments, in, span);
    };
  }

  private static final Pattern CARRIES =
      Pattern.compile(
          "--?(I|to-command|use-compress-program|compress-program|new-volume-script|info-script|rsh"
              + "|rsync-path|pre|checkpoint-action=exec)");

  /// Options whose value is a command: judged as one.
  private static void carried(ShellAnalyzer shell, List<Value> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      int equals = text.startsWith("--checkpoint-action=exec=") ? 24 : text.indexOf('=');
      String option = equals > 0 ? text.substring(0, equals) : text;
      if (CARRIES.matcher(option).matches()) {
        Value code =
            equals > 0
                ? Value.of(text.substring(equals + 1))
                : i + 1 < arguments.size() ? arguments.get(i + 1) : Value.of("");
        String program = ShellAnalyzer.base(code.text().strip().split("\\s+", 2)[0]);
        if (SHELLS.contains(program)
            || INTERPRETERS.contains(program)
            || code.text().startsWith("/tmp/")
            || code.text().startsWith("./")) {
          shell.emit(new Effect.Notable(What.ARGUMENT_EXEC, ShellAnalyzer.cut(text)));
        }
        shell.unwrapText(code, Flow.PLAIN);
      }
    }
  }

  private static final Pattern SED_EXECUTES =
      Pattern.compile(
          "(?s)(\\d+|/[^/]*/)?s(.)(?:(?!\\2).)*\\2(?:(?!\\2).)*\\2[0-9gpiIm]*e[0-9gpiIm]*|\\d*e"
              + " .+");

  /// `kubectl get secret -o …` and its kin print what a secret store holds.
  private static boolean printsSecrets(String name, List<Value> arguments) {
    String all = ShellAnalyzer.join(arguments).text();
    return switch (name) {
      case "kubectl", "oc" ->
          has(arguments, "get")
              && arguments.stream().anyMatch(a -> a.text().matches("secrets?(/.*)?"))
              && arguments.stream().anyMatch(a -> a.text().matches("-o.*|--output.*"));
      case "gh" -> all.startsWith("auth token");
      case "security" -> all.matches("find-(generic|internet)-password.*");
      default -> false;
    };
  }

  private static boolean isDownloader(String name) {
    return Set.of("curl", "wget", "http", "xh", "nc", "aria2c", "fetch").contains(name);
  }

  private static boolean has(List<Value> arguments, String text) {
    return arguments.stream().anyMatch(a -> a.text().equals(text));
  }

  private Flow shellInvocation(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (text.matches("-[a-zA-Z]*c[a-zA-Z]*") && i + 1 < arguments.size()) {
        return shell.unwrapText(arguments.get(i + 1), in);
      }
      if (text.equals("-o")
          || text.equals("+o")
          || text.equals("--rcfile")
          || text.equals("--init-file")) {
        i++;
      } else if (!text.startsWith("-") && !text.startsWith("+")) {
        Value script = arguments.get(i);
        if (script.dynamic()) {
          shell.emit(new Effect.NetToExec("", name, span));
        }
        if (text.equals("/dev/stdin")
            || text.equals("/proc/self/fd/0")
            || text.equals("/dev/fd/0")) {
          fed(shell, name, in, span);
        }
        shell.executed(shell.resolve(text), name, span);
        return Flow.PLAIN;
      }
    }
    fed(shell, name, in, span);
    return Flow.PLAIN;
  }

  /// What reaches an interpreter on its standard input runs.
  private static void fed(ShellAnalyzer shell, String name, Flow in, String span) {
    if (SHELLS.contains(name)) {
      shell.runPiped();
    }
    switch (in) {
      case NETWORK -> shell.emit(new Effect.NetToExec("", name, span));
      case DECODED -> shell.emit(new Effect.DecodedToExec(span));
      case PLAIN, SECRET -> {}
    }
  }

  private Flow sourced(ShellAnalyzer shell, List<Value> arguments, Flow in, String span) {
    if (!arguments.isEmpty()) {
      Value script = arguments.getFirst();
      if (script.dynamic()) {
        shell.emit(new Effect.NetToExec("", "source", span));
      }
      if (script.text().equals("/dev/stdin")) {
        fed(shell, "source", in, span);
      }
      shell.executed(shell.resolve(script.text()), "source", span);
    }
    return Flow.PLAIN;
  }

  private Flow wrapper(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    Set<String> withValue = WRAPPERS.get(name);
    if (name.equals("sudo") || name.equals("doas") || name.equals("pkexec")) {
      shell.emit(new Effect.Notable(What.PRIVILEGE, span));
    }
    int i = 0;
    while (i < arguments.size()) {
      String text = arguments.get(i).text();
      int equals = text.indexOf('=');
      if (name.equals("env")
          && (text.equals("-S") || text.equals("--split-string"))
          && i + 1 < arguments.size()) {
        return shell.unwrapText(ShellAnalyzer.join(arguments.subList(i + 1, arguments.size())), in);
      }
      if (name.equals("env") && (text.startsWith("-S") || text.startsWith("--split-string="))) {
        Value code = Value.of(text.replaceFirst("^(-S|--split-string=)", ""));
        return shell.unwrapText(
            ShellAnalyzer.join(join(code, arguments.subList(i + 1, arguments.size()))), in);
      }
      if (text.equals("--")) {
        i++;
        break;
      }
      if (withValue != null && withValue.contains(text)) {
        i += 2;
      } else if (text.startsWith("-") && text.length() > 1) {
        i++;
      } else if (equals > 0
          && text.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")
          && !name.equals("xargs")) {
        assignment(
            shell, text.substring(0, equals), Value.of(text.substring(equals + 1)), span, false);
        i++;
      } else {
        break;
      }
    }
    if ((name.equals("timeout") || name.equals("chroot") || name.equals("flock"))
        && i < arguments.size()) {
      i++; // the duration, the root, the lock file
    }
    List<Value> rest =
        new ArrayList<>(arguments.subList(Math.min(i, arguments.size()), arguments.size()));
    if (rest.isEmpty()) {
      return name.equals("env") ? Flow.SECRET : in;
    }
    if ((name.equals("watch") || name.equals("parallel"))
        && rest.getFirst().text().indexOf(' ') >= 0) {
      return shell.unwrapText(ShellAnalyzer.join(rest), in);
    }
    if (name.equals("xargs")) {
      String command = ShellAnalyzer.base(rest.getFirst().text());
      if (SHELLS.contains(command) && rest.size() <= 2) {
        fed(shell, command, in, span);
      }
    }
    return shell.unwrap(rest, in, span);
  }

  private static List<Value> join(Value first, List<Value> rest) {
    List<Value> all = new ArrayList<>();
    all.add(first);
    all.addAll(rest);
    return all;
  }

  private Flow remote(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    if (name.equals("su") || name.equals("script")) {
      for (int i = 0; i + 1 < arguments.size(); i++) {
        if (arguments.get(i).text().equals("-c") || arguments.get(i).text().equals("--command")) {
          return shell.unwrapText(arguments.get(i + 1), in);
        }
      }
      return in;
    }
    for (Value argument : arguments) {
      if (argument.text().toLowerCase(Locale.ROOT).startsWith("proxycommand=")
          || argument.text().toLowerCase(Locale.ROOT).startsWith("-oproxycommand=")) {
        shell.unwrapText(Value.of(argument.text().substring(argument.text().indexOf('=') + 1)), in);
      }
    }
    List<Value> operands =
        CommandLineOptions.of(
                arguments,
                Set.of(
                    "-p", "-i", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-W", "-b", "-c", "-m",
                    "-S", "-w"))
            .operands();
    if (operands.size() > 1) {
      return shell.unwrapText(ShellAnalyzer.join(operands.subList(1, operands.size())), in);
    }
    if (in == Flow.SECRET) {
      shell.emit(new Effect.Upload("", span));
    }
    return in;
  }

  private Flow container(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    String all = ShellAnalyzer.join(arguments).text() + " ";
    if (!name.equals("kubectl")
        && (has(arguments, "run") || has(arguments, "create"))
        && (all.contains("--privileged")
            || all.matches(".*(-v|--volume)[ =]/:.*")
            || all.matches(".*source=/,.*")
            || all.contains("docker.sock:")
            || all.contains("--pid=host"))) {
      shell.emit(new Effect.Notable(What.PRIVILEGED_CONTAINER, span));
    }
    int exec = -1;
    for (int i = 0; i < arguments.size() && exec < 0; i++) {
      exec = arguments.get(i).text().equals("exec") ? i : -1;
    }
    if (exec >= 0) {
      List<Value> operands =
          CommandLineOptions.of(
                  arguments.subList(exec + 1, arguments.size()),
                  Set.of("-u", "-w", "-e", "-n", "-c", "--user"))
              .operands();
      if (operands.size() > 1 && SHELLS.contains(ShellAnalyzer.base(operands.get(1).text()))) {
        List<Value> inner = arguments.subList(arguments.indexOf(operands.get(1)), arguments.size());
        return shell.unwrap(inner, in, span);
      }
    }
    return Flow.PLAIN;
  }

  private Flow find(ShellAnalyzer shell, List<Value> arguments, String span) {
    List<Value> roots = new ArrayList<>();
    for (Value argument : arguments) {
      if (argument.text().startsWith("-")
          || argument.text().equals("!")
          || argument.text().equals("(")) {
        break;
      }
      roots.add(argument);
    }
    if (roots.isEmpty()) {
      roots.add(Value.of("."));
    }
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (text.equals("-delete")) {
        roots.forEach(r -> shell.delete(r, true, "find", span));
      } else if (Set.of("-exec", "-execdir", "-ok", "-okdir").contains(text)) {
        List<Value> inner = new ArrayList<>();
        for (int j = i + 1;
            j < arguments.size()
                && !arguments.get(j).text().equals(";")
                && !arguments.get(j).text().equals("+");
            j++) {
          inner.add(arguments.get(j));
        }
        boolean removes =
            !inner.isEmpty()
                && Set.of("rm", "shred", "unlink")
                    .contains(ShellAnalyzer.base(inner.getFirst().text()));
        if (removes) {
          roots.forEach(r -> shell.delete(r, true, "find", span));
        } else {
          List<Value> replaced =
              inner.stream().map(v -> v.text().equals("{}") ? roots.getFirst() : v).toList();
          shell.unwrap(replaced, Flow.PLAIN, span);
        }
      } else if ((text.equals("-fprint") || text.equals("-fls") || text.equals("-fprintf"))
          && i + 1 < arguments.size()) {
        shell.write(arguments.get(i + 1), span);
      }
    }
    return Flow.PLAIN;
  }

  private Flow remove(ShellAnalyzer shell, String name, List<Value> arguments, String span) {
    CommandLineOptions options = CommandLineOptions.of(arguments, Set.of("-n", "-s"));
    boolean recursive = options.has("r", "R", "recursive") && !name.equals("rmdir");
    if (options.has("help", "version")) {
      return Flow.PLAIN;
    }
    options
        .operands()
        .forEach(o -> {
          if (name.equals("shred") && DEVICE.matcher(o.text()).matches()) {
            shell.emit(new Effect.DiskWrite(o.text(), span));
          }
          shell.delete(o, recursive, name, span);
        });
    return Flow.PLAIN;
  }

  private Flow move(ShellAnalyzer shell, List<Value> arguments, String span) {
    CommandLineOptions options = CommandLineOptions.of(arguments, Set.of("-t", "-S", "--suffix"));
    List<Value> operands = options.operands();
    boolean targetFirst =
        arguments.stream()
            .anyMatch(a -> a.text().equals("-t") || a.text().startsWith("--target-directory"));
    int sources = targetFirst ? operands.size() : operands.size() - 1;
    for (int i = 0; i < sources; i++) {
      shell.delete(operands.get(i), true, "mv", span);
    }
    if (!targetFirst && operands.size() > 1) {
      shell.write(operands.getLast(), span);
    }
    return Flow.PLAIN;
  }

  private Flow copy(ShellAnalyzer shell, String name, List<Value> arguments, String span) {
    for (int i = 0; i + 1 < arguments.size(); i++) {
      if (name.equals("rsync")
          && (arguments.get(i).text().equals("-e") || arguments.get(i).text().equals("--rsh"))) {
        shell.unwrapText(arguments.get(i + 1), Flow.PLAIN);
      }
    }
    List<Value> operands =
        CommandLineOptions.of(
                arguments, Set.of("-t", "-m", "-o", "-g", "-e", "-P", "-i", "-F", "-S"))
            .operands();
    for (int i = 0; i < operands.size() - 1; i++) {
      if (!name.equals("ln")) {
        shell.read(operands.get(i), span);
      }
      String source = shell.resolve(operands.get(i).text());
      boolean away =
          (name.equals("rsync") || name.equals("scp"))
              && operands.getLast().text().matches("[^/]*[@:].*")
              && !operands.getLast().text().startsWith("/");
      if (shell.holdsSecret(operands.get(i).text())) {
        if (away) {
          shell.emit(new Effect.Upload(source, span));
        } else {
          shell.written(operands.getLast().text(), Flow.SECRET);
        }
      }
      shell
          .provenance(operands.get(i).text())
          .ifPresent(p -> shell.written(operands.getLast().text(), Flow.valueOf(p)));
    }
    if (!operands.isEmpty()
        && !operands.getLast().text().matches("[A-Za-z0-9_.-]+(@[A-Za-z0-9_.-]+)?:.*")) {
      shell.write(operands.getLast(), span);
      if (name.equals("ln") && operands.size() > 1) {
        String target = shell.resolve(operands.getFirst().text());
        if (SecretPaths.isSecret(target, shell.home().toString())) {
          shell.emit(new Effect.Read(target, span));
        }
      }
    }
    boolean dry =
        has(arguments, "--dry-run") || has(arguments, "-n") || has(arguments, "--list-only");
    if (name.equals("rsync")
        && !dry
        && arguments.stream().anyMatch(a -> a.text().startsWith("--delete"))
        && !operands.isEmpty()) {
      shell.delete(operands.getLast(), true, "rsync", span);
    }
    return Flow.PLAIN;
  }

  private Flow dd(ShellAnalyzer shell, List<Value> arguments, String span) {
    for (Value argument : arguments) {
      if (argument.text().startsWith("of=")) {
        String target = argument.text().substring(3);
        if (DEVICE.matcher(target).matches()) {
          shell.emit(new Effect.DiskWrite(target, span));
        } else {
          shell.write(new Value(target, argument.known(), false, false), span);
        }
      } else if (argument.text().startsWith("if=")) {
        shell.read(new Value(argument.text().substring(3), argument.known(), false, false), span);
      }
    }
    return Flow.PLAIN;
  }

  private Flow disk(ShellAnalyzer shell, String name, List<Value> arguments, String span) {
    String all = ShellAnalyzer.join(arguments).text();
    boolean reads =
        has(arguments, "-l")
            || has(arguments, "--list")
            || has(arguments, "list")
            || has(arguments, "info")
            || has(arguments, "print")
            || has(arguments, "--help")
            || has(arguments, "-p");
    if (!reads
        && (all.contains("/dev/") || all.contains("disk"))
        && !(name.equals("diskutil")
            && !all.toLowerCase(Locale.ROOT).contains("erase")
            && !all.contains("partition"))) {
      shell.emit(new Effect.DiskWrite(all, span));
    }
    return Flow.PLAIN;
  }

  private Flow permissions(ShellAnalyzer shell, List<Value> arguments, String span) {
    CommandLineOptions options = CommandLineOptions.of(arguments, Set.of());
    String mode = options.operands().isEmpty() ? "" : options.operands().getFirst().text();
    boolean wide =
        options.has("R", "recursive")
            || mode.matches("0?777|[ao]*\\+w.*|[augo]*\\+s|[0-9]?[4-7][0-7]{3}");
    for (int i = 1; i < options.operands().size(); i++) {
      String path = shell.resolve(options.operands().get(i).text());
      if (wide) {
        shell.emit(new Effect.Permissions(path, span));
      }
    }
    return Flow.PLAIN;
  }

  private Flow download(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    String all = ShellAnalyzer.join(arguments).text();
    Matcher url = URL.matcher(all);
    shell.emit(new Effect.Network(url.find() ? url.group() : "", span));
    boolean stdout = !name.equals("wget");
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      String next = i + 1 < arguments.size() ? arguments.get(i + 1).text() : "";
      boolean named =
          text.matches("-o|--output|-O|--output-document")
              && !(name.equals("curl") && text.equals("-O"));
      if (named || (text.matches("-[a-zA-Z]+[oO]") && !text.matches("-[a-zA-Z]*O"))) {
        stdout = next.equals("-");
        if (!stdout && !next.isEmpty()) {
          shell.write(arguments.get(i + 1), span);
          shell.written(next, Flow.NETWORK);
        }
        i++;
      } else if (text.matches("-[a-zA-Z]*O-?") && name.equals("wget")) {
        stdout = text.endsWith("-") || next.equals("-");
      } else if (text.matches("--output(-document)?=.*")) {
        String file = text.substring(text.indexOf('=') + 1);
        stdout = file.equals("-");
        shell.write(Value.of(file), span);
        shell.written(file, Flow.NETWORK);
      } else if (text.matches("-O|--remote-name|-[a-zA-Z]*O") && name.equals("curl")) {
        stdout = false;
        remoteName(shell, all);
      } else if (text.matches(
          "-d|--data.*|-F|--form.*|-T|--upload-file|--post-file.*|--body-file.*")) {
        uploaded(
            shell,
            text.contains("=") ? text.substring(text.indexOf('=') + 1) : next,
            in,
            span,
            text.startsWith("-T") || text.contains("file"));
      }
    }
    if (name.equals("wget") && !stdout) {
      remoteName(shell, all);
    }
    return stdout ? Flow.NETWORK : Flow.PLAIN;
  }

  private static void remoteName(ShellAnalyzer shell, String all) {
    Matcher url = URL.matcher(all);
    while (url.find()) {
      String path = url.group().replaceFirst("[?#].*", "");
      String file = path.substring(path.lastIndexOf('/') + 1);
      if (!file.isEmpty()) {
        shell.written(file, Flow.NETWORK);
      }
    }
  }

  private static void uploaded(
      ShellAnalyzer shell, String value, Flow in, String span, boolean fileItself) {
    int marker = value.indexOf('@');
    String file =
        fileItself && marker < 0
            ? value
            : marker >= 0 ? value.substring(marker + 1).replaceFirst(";.*", "") : "";
    if (file.equals("-") || file.equals("/dev/stdin")) {
      if (in == Flow.SECRET) {
        shell.emit(new Effect.Upload("", span));
      }
    } else if (!file.isEmpty() && shell.holdsSecret(file)) {
      shell.emit(new Effect.Upload(shell.resolve(file), span));
    }
  }

  private static final Pattern NETCAT_RUNS = Pattern.compile(" (-[a-z]*[ec]|--exec|--sh-exec) ");
  private static final Pattern PROGRAM = Pattern.compile("sh|bash|cmd|powershell|python");
  private static final Pattern SOCAT_RUNS = Pattern.compile("(?i)(exec|system):");
  private static final Pattern SHELL_NAME = Pattern.compile("(?i)sh|bash");

  /// Whether `second` occurs after the first `first`: one pass each, where one expression for both
  /// would start again at every `first`.
  private static boolean follows(String text, Pattern first, Pattern second) {
    Matcher begin = first.matcher(text);
    return begin.find() && second.matcher(text).region(begin.end(), text.length()).find();
  }

  private Flow netcat(ShellAnalyzer shell, List<Value> arguments, Flow in, String span) {
    String all = " " + ShellAnalyzer.join(arguments).text();
    if (follows(all, NETCAT_RUNS, PROGRAM) || follows(all, SOCAT_RUNS, SHELL_NAME)) {
      shell.emit(new Effect.ReverseShell(span));
    }
    if (in == Flow.SECRET) {
      shell.emit(new Effect.Upload("", span));
    }
    return Flow.NETWORK;
  }

  private Flow git(ShellAnalyzer shell, List<Value> arguments, String span) {
    int i = 0;
    while (i < arguments.size() && arguments.get(i).text().startsWith("-")) {
      String text = arguments.get(i).text();
      if (text.equals("-c") && i + 1 < arguments.size()) {
        String setting = arguments.get(i + 1).text();
        String key = setting.toLowerCase(Locale.ROOT);
        String value = setting.substring(Math.min(setting.length(), setting.indexOf('=') + 1));
        if (key.startsWith("alias.") && value.startsWith("!")) {
          shell.unwrapText(Value.of(value.substring(1)), Flow.PLAIN);
        } else if (key.matches(
            "core\\.(sshcommand|pager|editor|fsmonitor|hookspath|gitproxy)=.+|diff\\.external=.+|credential\\.helper=!.+|sequence\\.editor=.+")) {
          shell.unwrapText(Value.of(value.replaceFirst("^!", "")), Flow.PLAIN);
        }
        i++;
      } else if (text.equals("-C") || text.equals("--git-dir") || text.equals("--work-tree")) {
        i++;
      }
      i++;
    }
    if (i >= arguments.size()) {
      return Flow.PLAIN;
    }
    String verb = arguments.get(i).text();
    List<Value> rest = arguments.subList(i + 1, arguments.size());
    CommandLineOptions options = CommandLineOptions.of(rest, Set.of());
    boolean dry = options.has("dry-run", "n");
    if (options.has("help")) {
      return Flow.PLAIN;
    }
    switch (verb) {
      case "push" -> {
        boolean forced = options.has("f", "force", "mirror") && !dry;
        if (forced || options.operands().stream().anyMatch(o -> o.text().startsWith("+"))) {
          shell.emit(new Effect.Notable(What.GIT_FORCE_PUSH, span));
        }
      }
      case "reset" -> notableIf(options.has("hard"), shell, What.GIT_LOCAL_DISCARD, span);
      case "clean" ->
          notableIf(options.has("f", "force") && !dry, shell, What.GIT_LOCAL_DISCARD, span);
      case "checkout" ->
          notableIf(
              (has(rest, "--") && rest.size() >= 2) || has(rest, "."),
              shell,
              What.GIT_LOCAL_DISCARD,
              span);
      case "restore" ->
          notableIf(
              !options.has("staged", "S") || options.has("worktree", "W"),
              shell,
              What.GIT_LOCAL_DISCARD,
              span);
      case "stash" ->
          notableIf(has(rest, "drop") || has(rest, "clear"), shell, What.GIT_LOCAL_DISCARD, span);
      case "filter-branch", "filter-repo" -> shell.emit(new Effect.Notable(What.GIT_HISTORY, span));
      case "reflog" ->
          notableIf(has(rest, "expire") || has(rest, "delete"), shell, What.GIT_HISTORY, span);
      case "branch" -> notableIf(options.has("D"), shell, What.GIT_LOCAL_DISCARD, span);
      default -> {}
    }
    return Flow.PLAIN;
  }

  private static void notableIf(boolean condition, ShellAnalyzer shell, What what, String span) {
    if (condition) {
      shell.emit(new Effect.Notable(what, span));
    }
  }

  private Flow guard(ShellAnalyzer shell, List<Value> arguments, String span) {
    String verb =
        arguments.stream().map(Value::text).filter(t -> !t.startsWith("-")).findFirst().orElse("");
    if (Set.of("stop", "elevate", "sync", "start").contains(verb)) {
      shell.emit(new Effect.Notable(What.GUARD_CONTROL, span));
    } else if (Set.of("invoke", "appeal").contains(verb)) {
      shell.emit(new Effect.Notable(What.GUARD_ACCESS, span));
    }
    return Flow.PLAIN;
  }

  private Flow other(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    if (INTERPRETERS.contains(name)) {
      return interpreter(shell, name, arguments, in, span);
    }
    if (name.startsWith("mkfs")) {
      shell.emit(new Effect.DiskWrite(ShellAnalyzer.join(arguments).text(), span));
      return Flow.PLAIN;
    }
    if (name.equals("sed")
        && arguments.stream().anyMatch(a -> SED_EXECUTES.matcher(a.text()).matches())) {
      shell.emit(new Effect.Notable(What.ARGUMENT_EXEC, span));
    }
    if (name.equals("sed") || name.equals("perl")) {
      CommandLineOptions options = CommandLineOptions.of(arguments, Set.of("-e", "-f"));
      if (options.has("i", "in-place") && options.operands().size() > 0) {
        int first = arguments.stream().anyMatch(a -> a.text().equals("-e")) ? 0 : 1;
        options.operands().stream().skip(first).forEach(o -> shell.write(o, span));
      }
    }
    Flow out = Flow.PLAIN;
    if (READERS.contains(name)) {
      boolean pattern =
          Set.of("grep", "egrep", "fgrep", "rg", "awk", "gawk", "sed", "jq", "yq").contains(name);
      List<Value> operands =
          CommandLineOptions.of(arguments, Set.of("-e", "-f", "-A", "-B", "-C", "-m", "-n"))
              .operands();
      for (Value operand :
          operands.subList(Math.min(pattern ? 1 : 0, operands.size()), operands.size())) {
        shell.read(operand, span);
        if (SecretPaths.isSecret(shell.resolve(operand.text()), shell.home().toString())) {
          out = Flow.SECRET;
        }
        if (shell.provenance(operand.text()).isPresent()) {
          out = Flow.valueOf(shell.provenance(operand.text()).get());
        }
      }
    }
    boolean decodes = DECODERS.contains(name) && decodes(name, arguments);
    if (decodes) {
      return in == Flow.NETWORK ? Flow.NETWORK : Flow.DECODED;
    }
    if (in != Flow.PLAIN && (PIPE_THROUGH.contains(name) || READERS.contains(name))) {
      return in.compareTo(out) > 0 ? in : out;
    }
    return suspectedWrapper(shell, name, arguments, in, span, out);
  }

  private static boolean decodes(String name, List<Value> arguments) {
    CommandLineOptions options = CommandLineOptions.of(arguments, Set.of());
    return switch (name) {
      case "base64", "base32" -> options.has("d", "D", "decode");
      case "xxd" -> options.has("r");
      case "openssl" -> options.has("d") && (has(arguments, "enc") || has(arguments, "base64"));
      case "rev", "uudecode" -> true;
      case "tr" -> arguments.stream().anyMatch(a -> a.text().matches("(?i)a-z.*|'?a-za-z'?"));
      default -> false;
    };
  }

  /// An unknown command in front of a recursive delete: judge what follows as if it ran.
  private static Flow suspectedWrapper(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span, Flow out) {
    if (!READERS.contains(name) && !PIPE_THROUGH.contains(name)) {
      for (int i = 0; i + 1 < arguments.size(); i++) {
        String text = arguments.get(i).text();
        if (text.equals("rm")
            && arguments.get(i + 1).text().matches("-[a-zA-Z]*r[a-zA-Z]*")
            && !Set.of("man", "which", "type", "alias", "apropos", "help", "test", "[")
                .contains(name)) {
          return shell.unwrap(arguments.subList(i, arguments.size()), in, span);
        }
      }
    }
    return out;
  }

  private Flow interpreter(
      ShellAnalyzer shell, String name, List<Value> arguments, Flow in, String span) {
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (text.matches("-c|-e|-E|-r|--eval|-p|-pe|-ne|-le|-lne|-pi|eval|-command|-Command")
          && i + 1 < arguments.size()) {
        if (arguments.get(i + 1).dynamic()) {
          shell.emit(new Effect.NetToExec("", name, span));
        }
        inlineCode(shell, name, arguments.get(i + 1).text(), span);
        return Flow.PLAIN;
      }
      if (text.equals("-m")) {
        return Flow.PLAIN;
      }
      if (!text.startsWith("-")) {
        if (text.equals("-") || text.equals("/dev/stdin")) {
          fed(shell, name, in, span);
        }
        shell.executed(shell.resolve(text), name, span);
        return Flow.PLAIN;
      }
    }
    fed(shell, name, in, span);
    return Flow.PLAIN;
  }

  private static final Pattern DELETES =
      Pattern.compile(
          "(?:shutil\\.rmtree|os\\.(?:remove|unlink|rmdir|removedirs)|rmSync|rmdirSync|unlinkSync|FileUtils\\.rm_rf?|File\\.delete|rmtree|unlink)\\s*\\(?\\s*\\[?\\s*[\"']([^\"']*)[\"']");
  private static final Pattern RUNS =
      Pattern.compile(
          "(?:os\\.system|os\\.popen|subprocess\\.\\w+|execSync|exec|spawnSync|system|popen|shell_exec|passthru|`)\\s*\\(?\\s*[\"'`]([^\"'`]*)[\"'`]");
  private static final Pattern OPENS =
      Pattern.compile(
          "(?:open|readFileSync|read_text|Path|File\\.read|file_get_contents)\\s*\\(\\s*(?:os\\.path\\.expanduser\\()?[\"']([^\"']*)[\"']");
  private static final Pattern WRITES =
      Pattern.compile(
          "(?:open\\s*\\(\\s*(?:os\\.path\\.expanduser\\()?[\"']([^\"']*)[\"']\\)?\\s*,\\s*[\"'][wax]|(?:writeFileSync|appendFileSync|File\\.write|file_put_contents)\\s*\\(\\s*[\"']([^\"']*)[\"'])");
  private static final Pattern EVALUATES = Pattern.compile("(?:exec|eval)\\s*\\(");
  private static final Pattern FOREIGN_TEXT =
      Pattern.compile(
          "urlopen|requests\\.get|fetch\\(|http\\.get|b64decode|atob|fromhex|decompress|Buffer\\.from");
  private static final Pattern SOCKET = Pattern.compile("socket");
  private static final Pattern SOCKET_SHELL =
      Pattern.compile("dup2|/bin/(?:ba)?sh|subprocess|pty\\.spawn|exec");

  /// Small scanners over inline code of other languages.
  void inlineCode(ShellAnalyzer shell, String name, String code, String span) {
    if (!INTERPRETERS.contains(name)) {
      return;
    }
    String text = code.length() > 64_000 ? code.substring(0, 64_000) : code;
    for (Matcher m = DELETES.matcher(text); m.find(); ) {
      shell.delete(Value.of(m.group(1)), true, name, ShellAnalyzer.cut(m.group()));
    }
    for (Matcher m = RUNS.matcher(text); m.find(); ) {
      shell.unwrapText(Value.of(m.group(1)), Flow.PLAIN);
    }
    for (Matcher m = OPENS.matcher(text); m.find(); ) {
      shell.read(Value.of(m.group(1)), ShellAnalyzer.cut(m.group()));
    }
    for (Matcher m = WRITES.matcher(text); m.find(); ) {
      shell.write(
          Value.of(m.group(1) == null ? m.group(2) : m.group(1)), ShellAnalyzer.cut(m.group()));
    }
    if (follows(text, EVALUATES, FOREIGN_TEXT)) {
      shell.emit(new Effect.NetToExec("", name, span));
    }
    if (follows(text, SOCKET, SOCKET_SHELL)) {
      shell.emit(new Effect.ReverseShell(span));
    }
  }
}
