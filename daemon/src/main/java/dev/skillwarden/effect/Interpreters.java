package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Programs that run code: shells and interpreters of other languages.
final class Interpreters {
  /// Interpreter → options whose value is code.
  private static final Map<String, Set<String>> CODE_OPTIONS =
      Map.ofEntries(
          Map.entry("python", Set.of("-c")),
          Map.entry("pypy", Set.of("-c")),
          Map.entry("py", Set.of("-c")),
          Map.entry("ipython", Set.of("-c")),
          Map.entry("perl", Set.of("-e", "-E")),
          Map.entry("ruby", Set.of("-e")),
          Map.entry("node", Set.of("-e", "-p", "-pe", "--eval", "--print")),
          Map.entry("nodejs", Set.of("-e", "-p", "-pe", "--eval", "--print")),
          Map.entry("bun", Set.of("-e", "-p", "--eval", "--print")),
          Map.entry("deno", Set.of("eval")),
          Map.entry("tsx", Set.of("-e", "--eval")),
          Map.entry("ts-node", Set.of("-e", "--eval")),
          Map.entry("php", Set.of("-r", "-B", "-R", "-E")),
          Map.entry("lua", Set.of("-e")),
          Map.entry("luajit", Set.of("-e")),
          Map.entry("osascript", Set.of("-e")),
          Map.entry("rscript", Set.of("-e")),
          Map.entry("groovy", Set.of("-e")),
          Map.entry("elixir", Set.of("-e")),
          Map.entry("julia", Set.of("-e", "-E", "--eval", "--print")),
          Map.entry("tclsh", Set.of()),
          Map.entry("expect", Set.of("-c")),
          Map.entry("emacs", Set.of("--eval")),
          Map.entry(
              "powershell",
              Set.of("-c", "-command", "-commandwithargs", "-e", "-enc", "-encodedcommand")),
          Map.entry(
              "pwsh",
              Set.of("-c", "-command", "-commandwithargs", "-e", "-enc", "-encodedcommand")),
          Map.entry("cmd", Set.of("/c", "/k")));

  private Interpreters() {}

  static boolean knows(String name) {
    return CODE_OPTIONS.containsKey(name);
  }

  /// Whether a command line starts a shell or an interpreter, a file from a temporary directory or
  /// a download: what no option of a harmless tool has to start.
  static boolean runsCode(String commandLine) {
    String text = commandLine.strip().replaceAll("^[\"'!]+", "");
    for (String word : text.split("\\s+", 6)) {
      String program = ShellAnalyzer.base(word.replaceAll("[\"']", ""));
      if (word.indexOf('=') > 0 || word.startsWith("-")) {
        continue;
      }
      if (Commands.isShell(program)
          || knows(program)
          || Set.of("curl", "wget", "nc", "ncat").contains(program)) {
        return true;
      }
      if (word.startsWith("/tmp/")
          || word.startsWith("/dev/shm/")
          || word.startsWith("/var/tmp/")) {
        return true;
      }
      if (!Set.of("env", "nohup", "sudo", "exec", "command", "nice", "busybox").contains(program)) {
        return false;
      }
    }
    return false;
  }

  private static final Set<String> SHELL_VALUES = Set.of("o", "O", "rcfile", "init-file");

  /// `bash`, `sh` and their kin.
  static Content shell(Call call) {
    List<Value> arguments = call.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (text.equals("--")) {
        continue;
      }
      boolean option = text.length() > 1 && (text.charAt(0) == '-' || text.charAt(0) == '+');
      if (!option) {
        return text.equals("-") ? fed(call, call.name()) : scriptFile(call, arguments.get(i), i);
      }
      if (text.equals("--rcfile") || text.equals("--init-file")) {
        call.shell()
            .script(
                i + 1 < arguments.size() ? arguments.get(i + 1) : Value.of(""),
                List.of(),
                "sh",
                Content.PLAIN,
                call.span());
        i++;
      } else if (!text.startsWith("--") && text.indexOf('c') > 0) {
        // Option letters may stand between -c and its text: `bash -c -- 'text'`.
        int at = i + 1 + (text.indexOf('o') > 0 || text.indexOf('O') > 0 ? 1 : 0);
        while (at < arguments.size()
            && arguments.get(at).text().startsWith("-")
            && arguments.get(at).text().length() < 12
            && arguments.get(at).known()) {
          at += SHELL_VALUES.contains(arguments.get(at).text().substring(1)) ? 2 : 1;
        }
        if (at >= arguments.size()) {
          return Content.PLAIN;
        }
        return call.shell().code(arguments.get(at), call.after(at + 2), call.in(), call.span());
      } else if (text.equals("-o") || text.equals("+o") || text.equals("-O") || text.equals("+O")) {
        i++;
      } else if (text.matches("-[a-zA-Z]*s[a-zA-Z]*")) {
        return fed(call.of(call.name(), call.after(i + 1)), call.name());
      } else if (Set.of("--version", "--help").contains(text)) {
        return Content.PLAIN;
      } else if (text.equals("-n") && !call.has("+n")) {
        return Content.PLAIN; // parses only
      }
    }
    return fed(call, call.name());
  }

  private static Content scriptFile(Call call, Value script, int at) {
    if (script.taints().foreign()) {
      call.shell().foreign(script.taints(), "", call.name(), call.span());
    }
    if (Builtins.isStandardInput(script.text())) {
      return fed(call, call.name());
    }
    Optional<Content> descriptor = Builtins.descriptor(call, script);
    if (descriptor.isPresent()) {
      return fed(
          new Call(call.shell(), call.name(), List.of(), descriptor.get(), call.span()),
          call.name());
    }
    return call.shell()
        .script(
            script,
            call.after(at + 1),
            Commands.isShell(call.name()) ? "sh" : call.name(),
            call.in(),
            call.span());
  }

  /// What reaches an interpreter on its standard input runs.
  static Content fed(Call call, String interpreter) {
    Content in = call.in();
    call.shell().foreign(in.taints(), "", interpreter, call.span());
    if (in.text().isEmpty()) {
      return Content.of(in.taints());
    }
    Value text = Value.of(in.text().get()); // its origin is told already
    return knows(interpreter)
        ? code(call.shell(), interpreter, text, Content.PLAIN, call.span())
        : call.shell().code(text, call.arguments(), Content.PLAIN, call.span());
  }

  /// Code of another language.
  static Content code(ShellAnalyzer shell, String language, Value code, Content in, String span) {
    Call call = new Call(shell, language, List.of(), in, span);
    if (code.taints().foreign()) {
      shell.foreign(code.taints(), "", language, span);
    }
    ShellSink sink = new ShellSink(call, language);
    switch (language) {
      case "powershell", "pwsh" -> {
        return shell.powerShell(code, in, span);
      }
      case "cmd" -> CommandPrompt.run(call, code.text());
      default -> {
        if (!InlineCode.scan(language, code.text(), sink)) {
          shell.emit(new Effect.Unreadable(true, "code of " + language + " is too long", span));
        }
      }
    }
    return sink.printed();
  }

  private static final Pattern JOINED = Pattern.compile("-[a-zA-Z]*[eErcp]");

  /// Letters without a value that may stand in front of the one whose value is code.
  private static final Map<String, String> PLAIN_LETTERS =
      Map.of(
          "python", "bBdEiIOPqsSuvx",
          "py", "bBdEiIOPqsSuvx3",
          "perl", "nplaswWutTUXi0123456789",
          "ruby", "nplaswWi0123456789");

  /// Where the code begins in an option that holds it, as in `-Ic'…'`; -1 when it holds none.
  private static int joinedAt(String interpreter, String option, Set<String> codeOptions) {
    String plain = PLAIN_LETTERS.getOrDefault(interpreter, "");
    int at = 1;
    while (at < option.length() && plain.indexOf(option.charAt(at)) >= 0) {
      at++;
    }
    boolean holds =
        option.length() > at + 1
            && option.charAt(0) == '-'
            && option.charAt(at) != '-'
            && codeOptions.contains("-" + option.charAt(at));
    return holds ? at + 1 : -1;
  }

  /// `python`, `perl`, `node` and their kin.
  static Content run(Call call) {
    List<Value> arguments = call.arguments();
    Set<String> options = CODE_OPTIONS.getOrDefault(call.name(), Set.of());
    boolean windows = Set.of("powershell", "pwsh", "cmd").contains(call.name());
    List<Value> code = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      String option = windows ? text.toLowerCase(Locale.ROOT) : text;
      boolean cluster =
          !windows
              && JOINED.matcher(text).matches()
              && options.contains("-" + text.charAt(text.length() - 1));
      if ((options.contains(option) || cluster) && i + 1 < arguments.size()) {
        if (windows) {
          Value rest = WordExpander.join(call.after(i + 1));
          return code(
              call.shell(),
              call.name(),
              option.matches("-e(n?c?|ncodedcommand)") ? decodedCommand(call, rest) : rest,
              call.in(),
              call.span());
        }
        code.add(arguments.get(++i));
      } else if (text.startsWith("--eval=") || text.startsWith("--print=")) {
        code.add(arguments.get(i).from(text.indexOf('=') + 1));
      } else if (joinedAt(call.name(), text, options) > 0) {
        code.add(arguments.get(i).from(joinedAt(call.name(), text, options)));
      } else if (text.equals("-r") || text.equals("--require") || text.equals("--import")) {
        i++;
      } else if (text.equals("-m") && call.name().equals("python")) {
        return module(call, i + 1);
      } else if (!text.startsWith("-") || text.equals("-")) {
        if (code.isEmpty()) {
          return windows
              ? code(
                  call.shell(),
                  call.name(),
                  WordExpander.join(call.after(i)),
                  call.in(),
                  call.span())
              : file(call, i);
        }
      }
    }
    if (code.isEmpty()) {
      return fed(call, call.name());
    }
    inPlace(call);
    Content in = call.in();
    Content out =
        code(
            call.shell(),
            call.name(),
            code.size() == 1
                ? code.getFirst()
                : Value.of(String.join("\n", code.stream().map(Value::text).toList())),
            in,
            call.span());
    code.stream()
        .filter(c -> c.taints().foreign())
        .findFirst()
        .ifPresent(c -> call.shell().foreign(c.taints(), "", call.name(), call.span()));
    return out.with(in.taints());
  }

  /// `-EncodedCommand`: Base64 of UTF-16, little end first.
  private static Value decodedCommand(Call call, Value encoded) {
    call.shell().emit(new Effect.DecodedToExec(call.span()));
    try {
      byte[] bytes = java.util.Base64.getMimeDecoder().decode(encoded.text().strip());
      return Value.of(new String(bytes, java.nio.charset.StandardCharsets.UTF_16LE));
    } catch (IllegalArgumentException e) {
      return Value.of(""); // no Base64: PowerShell refuses it too
    }
  }

  private static Content file(Call call, int at) {
    Value script = call.arguments().get(at);
    boolean verb =
        Set.of("deno", "bun").contains(call.name())
            && Set.of("run", "test", "x").contains(script.text());
    if (verb) {
      return at + 1 < call.arguments().size() ? file(call, at + 1) : Content.PLAIN;
    }
    if (script.text().startsWith("http://") || script.text().startsWith("https://")) {
      call.shell().emit(new Effect.NetToExec("", call.name(), call.span()));
    }
    return scriptFile(call, script, at);
  }

  /// `perl -pi -e`, `ruby -i -pe` write the files they are given.
  private static void inPlace(Call call) {
    boolean writes =
        call.arguments().stream()
            .anyMatch(
                a -> a.text().matches("-[a-zA-Z0-9]*i[a-zA-Z0-9.~]*") && !a.text().equals("-e"));
    if (writes && Set.of("perl", "ruby").contains(call.name())) {
      List<Value> operands = new ArrayList<>();
      for (int i = 0; i < call.arguments().size(); i++) {
        String text = call.word(i);
        if (JOINED.matcher(text).matches()) {
          i++;
        } else if (!text.startsWith("-")) {
          operands.add(call.arguments().get(i));
        }
      }
      operands.forEach(o -> call.shell().writes(o, call.span()));
    }
  }

  /// `python -m MODULE`.
  private static Content module(Call call, int at) {
    String name = call.word(at);
    return switch (name) {
      case "http.server" -> Content.PLAIN;
      case "base64" ->
          call.has("-d")
              ? new Content(
                  call.in().taints().plus(Taints.DECODED),
                  call.in().text().flatMap(TextCommands::base64))
              : Content.of(call.in().taints());
      case "pty", "code" -> fed(call, "python");
      default -> Content.of(call.in().taints());
    };
  }
}
