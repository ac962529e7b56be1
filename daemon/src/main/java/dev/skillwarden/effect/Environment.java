package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.Set;
import java.util.regex.Pattern;

/// Variables that change what programs do.
final class Environment {
  /// Switch the guard or the client's own checks off.
  private static final Set<String> SWITCHES =
      Set.of(
          "CLAUDE_CODE_SHELL_PREFIX",
          "CLAUDE_CODE_SAFE_MODE",
          "CLAUDE_CODE_SIMPLE",
          "CLAUDE_CODE_DISABLE_HOOKS",
          "OPENCODE_PURE",
          "KIRO_HOME",
          "SKILLWARDEN_HOME");

  /// A program loads and runs the file named.
  private static final Set<String> LOADS =
      Set.of(
          "LD_PRELOAD",
          "LD_AUDIT",
          "DYLD_INSERT_LIBRARIES",
          "BASH_ENV",
          "PYTHONSTARTUP",
          "PERL5DB",
          "GCONV_PATH");

  /// Options of a program, which may name code to load.
  private static final Set<String> OPTIONS =
      Set.of(
          "NODE_OPTIONS",
          "BUN_OPTIONS",
          "RUBYOPT",
          "PERL5OPT",
          "JAVA_TOOL_OPTIONS",
          "_JAVA_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "PYTHONWARNINGS");

  private static final Pattern LOADING =
      Pattern.compile(
          "(?:^|\\s)(?:--require|-r|--preload|--import|--loader|--experimental-loader|-javaagent:|-agentpath:|-Mbase|-d:|-M)["
              + " =]?\\s*(?:file:/*)?(?:/tmp|/dev/shm|/var/tmp|~|\\.\\./|https?:|/home|/Users|data:)");

  /// The value is a command line that other programs run.
  private static final Set<String> COMMANDS =
      Set.of(
          "GIT_SSH_COMMAND",
          "GIT_SSH",
          "GIT_EXTERNAL_DIFF",
          "GIT_PAGER",
          "GIT_EDITOR",
          "GIT_SEQUENCE_EDITOR",
          "GIT_ASKPASS",
          "GIT_PROXY_COMMAND",
          "SSH_ASKPASS",
          "PAGER",
          "MANPAGER",
          "EDITOR",
          "VISUAL",
          "BROWSER",
          "LESSOPEN",
          "LESSCLOSE",
          "RSYNC_RSH",
          "CVS_RSH",
          "PROMPT_COMMAND",
          "PS0",
          "PS4");

  private static final Pattern TEMPORARY =
      Pattern.compile("(?:/private)?(?:/var)?/tmp/.*|/dev/shm/.*");

  private Environment() {}

  /// A variable is set: for one command, exported, or in the shell alone.
  static void assigned(
      ShellAnalyzer shell, String name, Value value, String span, boolean standsAlone) {
    String cut = ShellAnalyzer.cut(span);
    if (SWITCHES.contains(name)) {
      shell.emit(What.GUARD_SWITCH, cut);
    } else if (value.text().isEmpty()) {
      return;
    } else if (LOADS.contains(name) || (name.equals("PROMPT_COMMAND") && value.known())) {
      shell.emit(What.ENV_INJECTION, cut);
    } else if (name.equals("ENV")
        && !standsAlone
        && value.text().indexOf('/') >= 0
        && value.text().endsWith(".sh")) {
      shell.emit(What.ENV_INJECTION, cut);
    } else if (OPTIONS.contains(name) && LOADING.matcher(value.text()).find()) {
      shell.emit(What.ENV_INJECTION, cut);
    } else if (COMMANDS.contains(name)) {
      String program = value.text().strip();
      if (TEMPORARY.matcher(program).matches()) {
        shell.emit(What.ENV_INJECTION, cut);
      }
      if (program.indexOf(' ') >= 0) {
        shell.code(value, Content.PLAIN, cut);
        if (Interpreters.runsCode(program)) {
          shell.emit(What.ENV_INJECTION, cut);
        }
      }
    }
  }
}
