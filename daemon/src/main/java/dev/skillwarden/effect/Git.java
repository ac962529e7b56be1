package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What git does with work that is nowhere else, with history, and with settings that run commands.
final class Git {
  private Git() {}

  private static final Set<String> GLOBAL_WITH_VALUE =
      Set.of(
          "-C",
          "-c",
          "--git-dir",
          "--work-tree",
          "--namespace",
          "--exec-path",
          "--super-prefix",
          "--config-env",
          "--attr-source");

  /// Settings whose value is a command, in lower case.
  private static final Pattern RUNS =
      Pattern.compile(
          "core\\.(?:sshcommand|pager|editor|fsmonitor|hookspath|gitproxy|askpass|alternaterefscommand)|pager\\..+|diff\\.external|diff\\..+\\.(?:command|textconv)"
              + "|merge\\..+\\.driver|mergetool\\..+\\.cmd|difftool\\..+\\.cmd|browser\\..+\\.cmd|man\\..+\\.cmd|filter\\..+\\.(?:clean|smudge|process)|credential\\.(?:.+\\.)?helper"
              + "|sequence\\.editor|gpg\\.(?:.+\\.)?program|uploadpack\\.packobjectshook|remote\\..+\\.(?:uploadpack|receivepack|vcs)|interactive\\.difffilter|sendemail\\..+cmd|trailer\\..+\\.(?:cmd|command)|submodule\\..+\\.update|instaweb\\.httpd|init\\.templatedir|protocol\\.ext\\.allow|url\\..+\\.insteadof");

  /// Harmless and usual values of these settings.
  private static final Pattern USUAL =
      Pattern.compile(
          "(?:(?:cat|less|more|delta|bat|vim?|nvim|nano|emacs|code|subl|true|false|echo|:|notepad|diff-so-fancy|difft|difftastic|gpg2?|ssh|store|cache|osxkeychain|manager(?:-core)?|wincred|libsecret|vimdiff|meld|kdiff3|opendiff|git-lfs|gh|!gh|!aws|/usr/bin/gpg2?|never|user|always|git-crypt|nbstripout)(?:["
              + " ].*)?|)");

  private static final Set<String> RUNS_BY_OPTION =
      Set.of(
          "upload-pack",
          "receive-pack",
          "exec",
          "extcmd",
          "config",
          "template",
          "author",
          "date",
          "message",
          "format",
          "pretty",
          "since",
          "until",
          "grep",
          "depth",
          "branch",
          "origin",
          "pathspec-from-file",
          "onto",
          "strategy",
          "reference");

  /// Options of a sub-command that take a value.
  private static Set<String> values(String verb) {
    Set<String> letters =
        switch (verb) {
          case "commit", "tag", "notes", "merge", "stash" -> Set.of("m", "F", "C", "c", "u");
          case "checkout" -> Set.of("b", "B", "orphan", "conflict");
          case "switch" -> Set.of("c", "C", "orphan");
          case "push" -> Set.of("o", "repo", "push-option");
          case "rebase" -> Set.of("x", "s", "X", "C");
          case "difftool" -> Set.of("x", "t", "tool");
          case "clone" -> Set.of("b", "o", "c", "u", "j");
          case "fetch", "pull" -> Set.of("j", "o");
          case "log", "shortlog" -> Set.of("n", "S", "G", "L");
          case "clean" -> Set.of("e");
          case "restore" -> Set.of("s", "source");
          default -> Set.of();
        };
    Set<String> all = new java.util.HashSet<>(RUNS_BY_OPTION);
    all.addAll(letters);
    return all;
  }

  static Content run(Call call) {
    Map<String, String> aliases = new HashMap<>();
    Set<String> settings = new java.util.HashSet<>();
    List<Value> arguments = call.arguments();
    int i = 0;
    Optional<Value> directory = Optional.empty();
    while (i < arguments.size() && arguments.get(i).text().startsWith("-")) {
      String text = arguments.get(i).text();
      boolean takes = GLOBAL_WITH_VALUE.contains(text) && i + 1 < arguments.size();
      Value value = takes ? arguments.get(i + 1) : Value.of("");
      if (text.equals("-c") && takes) {
        setting(call, value, false);
        remember(value, aliases, settings);
      } else if (text.equals("-C") && takes) {
        directory = Optional.of(value);
      } else if (text.startsWith("--config-env")) {
        Value name = takes ? value : arguments.get(i).from(text.indexOf('=') + 1);
        remember(configFromEnvironment(call, name), aliases, settings);
      } else if (text.startsWith("--exec-path=")) {
        call.emit(What.CONFIG_EXEC);
      }
      i += takes ? 2 : 1;
    }
    if (i >= arguments.size()) {
      return Content.PLAIN;
    }
    Call verb =
        new Call(call.shell(), arguments.get(i).text(), call.after(i + 1), call.in(), call.span());
    String alias = aliases.get(verb.name().toLowerCase(Locale.ROOT));
    if (alias != null && !alias.startsWith("!")) {
      List<Value> words = new ArrayList<>();
      for (String word : alias.strip().split("\\s+", 50)) {
        words.add(Value.of(word));
      }
      words.addAll(verb.arguments());
      return run(call.of("git", words));
    }
    CommandLine line = CommandLine.of(verb.arguments(), values(verb.name()));
    if (line.has("help") || verb.has("-h")) {
      return Content.PLAIN;
    }
    options(verb, line);
    boolean unforced = verb.name().equals("clean") && settings.contains("clean.requireforce=false");
    boolean expires =
        verb.name().equals("gc")
            && !line.has("no-prune")
            && settings.stream()
                .anyMatch(k -> k.matches("gc\\.(prune|reflog)expire(unreachable)?=(now|all)"));
    when(unforced, verb, What.GIT_LOCAL_DISCARD);
    when(expires, verb, What.GIT_HISTORY);
    if (verb.name().equals("clone")) {
      line.values("c", "config").forEach(s -> setting(verb, s, false));
    }
    if (CHANGES_FILES.contains(verb.name())) {
      changed(verb, directory);
    }
    verb(verb, line, directory);
    return printed(verb, line);
  }

  private static final Set<String> CHANGES_FILES =
      Set.of(
          "am",
          "apply",
          "checkout",
          "cherry-pick",
          "clean",
          "init",
          "merge",
          "mv",
          "pull",
          "rebase",
          "reset",
          "restore",
          "revert",
          "rm",
          "stash",
          "switch");

  /// Verbs that change files of the directory they run in, whatever these are called.
  private static void changed(Call verb, Optional<Value> directory) {
    Value place =
        verb.name().equals("init")
                && !verb.arguments().isEmpty()
                && !verb.arguments().getLast().text().startsWith("-")
            ? verb.arguments().getLast()
            : directory.orElse(Value.of("."));
    verb.shell().writes(place, verb.span());
  }

  /// `key=value` of `-c`, or key and value of `git config`.
  private static void setting(Call call, Value setting, boolean lasts) {
    int equals = setting.text().indexOf('=');
    if (equals < 0) {
      return;
    }
    judge(call, setting.text().substring(0, equals), setting.from(equals + 1), lasts);
  }

  /// Aliases and settings that hold for this command alone.
  private static void remember(Value setting, Map<String, String> aliases, Set<String> settings) {
    String key = setting.text().toLowerCase(Locale.ROOT);
    int equals = key.indexOf('=');
    settings.add(key);
    if (key.startsWith("alias.") && equals > 0) {
      aliases.put(key.substring("alias.".length(), equals), setting.text().substring(equals + 1));
    }
  }

  private static Value configFromEnvironment(Call call, Value setting) {
    int equals = setting.text().lastIndexOf('=');
    if (equals > 0) {
      String variable = setting.text().substring(equals + 1);
      Value value =
          call.shell().variables().get(variable).orElseGet(() -> Value.unknown(Taints.NONE));
      judge(call, setting.text().substring(0, equals), value, false);
      return value.text(setting.text().substring(0, equals) + "=" + value.text());
    }
    return setting;
  }

  private static void judge(Call call, String key, Value value, boolean lasts) {
    String name = key.toLowerCase(Locale.ROOT);
    String text = value.text().strip();
    if (name.startsWith("alias.") && text.startsWith("!")) {
      call.shell().code(value.text(text.substring(1)), Content.PLAIN, call.span());
      if (!lasts) {
        call.emit(What.ARGUMENT_EXEC); // an alias for one command alone has no other use
      }
    } else if (name.startsWith("include.path") || name.startsWith("includeif.")) {
      if (text.startsWith("/tmp") || text.startsWith("/dev/shm")) {
        call.emit(What.CONFIG_EXEC);
      }
    } else if (RUNS.matcher(name).matches()) {
      boolean directory = name.equals("core.hookspath") || name.equals("init.templatedir");
      boolean workspace =
          directory && !text.startsWith("/") && !text.startsWith("~") && !text.startsWith("..");
      boolean off = text.equals("/dev/null") && directory;
      boolean safe =
          off
              || USUAL.matcher(text).matches()
              || workspace
              || name.endsWith(".insteadof")
              || (name.equals("protocol.ext.allow") && text.equals("never"));
      call.shell().code(value.text(text.replaceFirst("^!", "")), Content.PLAIN, call.span());
      if (!safe) {
        call.emit(What.CONFIG_EXEC);
      }
    }
  }

  /// Options of sub-commands that run commands.
  private static void options(Call verb, CommandLine line) {
    for (Value program : line.values("upload-pack", "receive-pack", "exec", "extcmd")) {
      boolean usual =
          program.text().matches("(git[ -])?(upload|receive)-pack")
              || (verb.name().equals("rebase") && !Interpreters.runsCode(program.text()));
      verb.shell().code(program, Content.PLAIN, verb.span());
      if (!usual && !verb.name().equals("rebase")) {
        verb.emit(What.ARGUMENT_EXEC);
      }
    }
    if (verb.name().equals("rebase") || verb.name().equals("difftool")) {
      line.values("x").forEach(p -> verb.shell().code(p, Content.PLAIN, verb.span()));
    }
    if (verb.name().equals("grep")) {
      verb.arguments().stream()
          .filter(a -> a.text().matches("-O.+|--open-files-in-pager=.+"))
          .forEach(a ->
              Archives.carried(
                  verb, a.from(a.text().startsWith("-O") ? 2 : a.text().indexOf('=') + 1)));
    }
    for (Value operand : line.operands()) {
      if (operand.text().startsWith("ext::")) {
        verb.emit(What.ARGUMENT_EXEC);
        verb.shell().code(operand.from(5), Content.PLAIN, verb.span());
      }
    }
    line.values("config").forEach(c -> setting(verb, c, false));
  }

  private static void verb(Call verb, CommandLine line, Optional<Value> directory) {
    boolean dry =
        line.has("dry-run")
            || (line.has("n", "dry-run")
                && Set.of("push", "clean", "add", "rm").contains(verb.name()));
    switch (verb.name()) {
      case "push" -> push(verb, line, dry);
      case "reset" -> when(line.has("hard"), verb, What.GIT_LOCAL_DISCARD);
      case "clean" ->
          when(
              line.has("f", "force") && !dry && !line.has("i", "interactive"),
              verb,
              What.GIT_LOCAL_DISCARD);
      case "checkout" -> {
        boolean paths =
            verb.has("--")
                && verb.arguments().size() >= 2
                && !verb.arguments().getLast().text().equals("--");
        boolean creates = line.has("b", "B", "orphan", "track", "t");
        boolean named = line.operands().size() > 1 || line.has("pathspec-from-file");
        when(
            line.has("f", "force")
                || (!creates && (paths || named || verb.has(".") || verb.has(":/"))),
            verb,
            What.GIT_LOCAL_DISCARD);
      }
      case "switch" ->
          when(line.has("f", "force", "discard-changes"), verb, What.GIT_LOCAL_DISCARD);
      case "restore" ->
          when(!line.has("staged", "S") || line.has("worktree", "W"), verb, What.GIT_LOCAL_DISCARD);
      case "stash" ->
          when(
              verb.word(0).equals("drop") || verb.word(0).equals("clear"),
              verb,
              What.GIT_LOCAL_DISCARD);
      case "branch" ->
          when(
              line.has("D") || (line.has("d", "delete") && line.has("f", "force")),
              verb,
              What.GIT_LOCAL_DISCARD);
      case "tag" -> when(line.has("d", "delete"), verb, What.GIT_HISTORY);
      case "worktree" ->
          when(
              verb.word(0).equals("remove") && line.has("f", "force"),
              verb,
              What.GIT_LOCAL_DISCARD);
      case "submodule" -> {
        when(verb.word(0).equals("deinit") && line.has("f", "force"), verb, What.GIT_LOCAL_DISCARD);
        if (verb.word(0).equals("foreach")) {
          List<Value> code = verb.line().operands();
          verb.shell()
              .code(
                  WordExpander.join(
                      code.subList(1, code.size()).isEmpty()
                          ? List.of(Value.of(""))
                          : code.subList(1, code.size())),
                  Content.PLAIN,
                  verb.span());
        }
      }
      case "bisect" -> {
        if (verb.word(0).equals("run")) {
          verb.shell().command(verb.after(1), Content.PLAIN, verb.span());
        }
      }
      case "filter-branch", "filter-repo" -> {
        verb.emit(What.GIT_HISTORY);
        verb.line(
                "tree-filter",
                "index-filter",
                "msg-filter",
                "env-filter",
                "commit-filter",
                "parent-filter",
                "tag-name-filter")
            .values(
                "tree-filter",
                "index-filter",
                "msg-filter",
                "env-filter",
                "commit-filter",
                "parent-filter",
                "tag-name-filter")
            .forEach(c -> verb.shell().code(c, Content.PLAIN, verb.span()));
      }
      case "reflog" ->
          when(
              verb.word(0).equals("expire") || verb.word(0).equals("delete"),
              verb,
              What.GIT_HISTORY);
      case "prune" -> when(!dry && !line.has("n", "dry-run"), verb, What.GIT_HISTORY);
      case "gc" ->
          when(
              verb.arguments().stream()
                  .anyMatch(a ->
                      a.text()
                          .matches("--prune=(now|all)|--expire=(now|all)|--aggressive --prune.*")),
              verb,
              What.GIT_HISTORY);
      case "update-ref" -> when(line.has("d"), verb, What.GIT_HISTORY);
      case "rebase" ->
          when(
              !verb.hasAny(
                      Set.of(
                          "--abort",
                          "--continue",
                          "--skip",
                          "--quit",
                          "--edit-todo",
                          "--show-current-patch"))
                  && (line.has("root") || line.has("i", "interactive")),
              verb,
              What.GIT_HISTORY);
      case "remote" ->
          when(Set.of("set-url", "remove", "rm").contains(verb.word(0)), verb, What.GIT_REMOTE);
      case "config" -> config(verb, line);
      case "rm" -> removed(verb, line, directory, dry);
      case "mv" -> {
        if (line.operands().size() > 1) {
          verb.shell().delete(line.operands().getFirst(), true, "mv", verb.span());
          verb.shell().writes(line.operands().getLast(), verb.span());
        }
      }
      case "add", "stage" -> line.operands().forEach(o -> added(verb, o));
      default -> {}
    }
  }

  private static void when(boolean condition, Call verb, What what) {
    if (condition) {
      verb.emit(what);
    }
  }

  private static void push(Call verb, CommandLine line, boolean dry) {
    if (dry) {
      return;
    }
    boolean forced =
        line.has("f", "force", "mirror", "prune", "force-with-lease", "force-if-includes");
    boolean refspec = line.operands().stream().anyMatch(o -> o.text().startsWith("+"));
    boolean deletes =
        line.has("d", "delete")
            || line.operands().stream()
                .skip(1)
                .anyMatch(o -> o.text().startsWith(":") && o.text().length() > 1);
    when(forced || refspec, verb, What.GIT_FORCE_PUSH);
    when(deletes, verb, What.GIT_HISTORY);
  }

  private static void config(Call verb, CommandLine line) {
    List<Value> operands = verb.line("f", "file", "blob", "type", "default").operands();
    boolean reads =
        line.has("get", "get-all", "get-regexp", "list", "l", "unset", "show-origin")
            || (!operands.isEmpty()
                && Set.of("get", "list", "unset", "edit").contains(operands.getFirst().text()));
    List<Value> pair =
        !operands.isEmpty() && operands.getFirst().text().equals("set")
            ? operands.subList(1, operands.size())
            : operands;
    if (!reads && pair.size() > 1) {
      judge(verb, pair.getFirst().text(), pair.get(1), true);
      if (pair.getFirst()
          .text()
          .toLowerCase(Locale.ROOT)
          .matches("remote\\..+\\.(push)?url|url\\..+\\.(push)?insteadof")) {
        verb.emit(What.GIT_REMOTE);
      }
    }
  }

  private static void removed(Call verb, CommandLine line, Optional<Value> directory, boolean dry) {
    if (dry || line.has("cached")) {
      return;
    }
    for (Value operand : line.operands()) {
      Value path =
          directory.map(d -> operand.text(d.text() + "/" + operand.text())).orElse(operand);
      verb.shell().delete(path, line.has("r"), "git", verb.span());
    }
  }

  private static void added(Call verb, Value path) {
    String name = path.text().substring(path.text().lastIndexOf('/') + 1);
    if (SecretPaths.kind(verb.shell().resolve(path), verb.shell().home().toString())
            != SecretPaths.Kind.OPEN
        && !name.isEmpty()) {
      verb.emit(What.SECRET_COMMIT);
    }
  }

  /// What reaches the output: files of the repository by name.
  private static Content printed(Call verb, CommandLine line) {
    Set<String> prints = Set.of("show", "cat-file", "archive", "grep", "diff", "log", "blame");
    if (!prints.contains(verb.name())) {
      return Content.of(
          verb.name().equals("fetch") || verb.name().equals("ls-remote")
              ? Taints.NETWORK
              : Taints.NONE);
    }
    List<Value> files = new ArrayList<>();
    for (Value operand : line.operands()) {
      int colon = operand.text().indexOf(':');
      if (colon >= 0 && operand.text().indexOf("://") < 0) {
        files.add(operand.from(colon + 1));
      }
    }
    Taints taints = Taints.NONE;
    for (Value file : files) {
      taints = taints.plus(verb.shell().read(file, verb.span()).taints());
    }
    return Content.of(taints);
  }
}
