package dev.skillwarden.policy;

import dev.skillwarden.effect.Glob;
import dev.skillwarden.effect.Homes;
import dev.skillwarden.effect.PathSet;
import dev.skillwarden.effect.SecretPaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Which rule a write to a path touches. Names are compared without case: the file systems of macOS
/// and Windows do not tell it apart, and no harmless path differs from a protected one by case
/// only.
///
/// @param own directories of the daemon itself, absolute and resolved
/// @param port loopback port of the daemon, 0 when it has none
public record GuardedPaths(List<Path> own, int port) {
  /// Belongs to the operating system.
  private static final PathSet SYSTEM =
      PathSet.of(
          """
          /etc
          /usr
          /bin
          /sbin
          /lib
          /lib32
          /lib64
          /boot
          /sys
          /proc/sys
          /proc/sysrq-trigger
          /private/etc
          /private/var/db
          /system
          /library
          /var/spool/cron
          /var/spool/at
          /var/at
          /var/lib/systemd
          /run/systemd
          /var/db/sudo
          /run/sudo
          c:/windows
          c:/program files
          c:/program files (x86)
          c:/programdata\
          """);

  /// Below the system, but made for the people who use the machine.
  private static final PathSet LOCAL = PathSet.of("/usr/local/share\n/usr/local/var\n/usr/src");

  /// Below a home, in lower case: decides what runs there, or who may enter.
  private static final PathSet IN_HOME =
      PathSet.of(
          """
          .bashrc
          .bash_profile
          .bash_login
          .bash_logout
          .bash_aliases
          .profile
          .zshrc
          .zshenv
          .zprofile
          .zlogin
          .zlogout
          .zsh
          .oh-my-zsh
          .config/zsh
          .kshrc
          .mkshrc
          .cshrc
          .tcshrc
          .login
          .inputrc
          .editrc
          .envrc
          .direnvrc
          .config/direnv
          .config/fish
          .config/nushell
          .config/powershell
          documents/powershell
          documents/windowspowershell
          .config/starship.toml
          .screenrc
          .tmux.conf
          .config/tmux
          .pam_environment
          .xprofile
          .xinitrc
          .xsession
          .xsessionrc
          .vimrc
          .vim/plugin
          .gvimrc
          .config/nvim
          .emacs
          .emacs.d
          .nanorc
          .gdbinit
          .config/gdb
          .lldbinit
          .psqlrc
          .sqliterc
          .irbrc
          .pryrc
          .pythonrc
          .pythonstartup
          .rprofile
          .config/autostart
          .config/systemd
          .config/environment.d
          .local/share/systemd
          .local/share/applications
          .local/bin
          bin
          library/launchagents
          library/launchdaemons
          library/startupitems
          library/preferences/com.apple.loginitems.plist
          appdata/roaming/microsoft/windows/start menu/programs/startup
          .gitconfig
          .config/git
          .git-templates
          .npmrc
          .yarnrc
          .yarnrc.yml
          .config/pip
          .pip
          .pydistutils.cfg
          .condarc
          .gemrc
          .cargo/config
          .cargo/config.toml
          .cargo/bin
          .m2/settings.xml
          .gradle/init.gradle
          .gradle/init.d
          .sbt
          .ssh
          .aws
          .gnupg
          .kube
          .azure
          .docker
          .config/gh
          .config/gcloud
          .mozilla
          .config/google-chrome
          .config/chromium
          library/application support/google/chrome
          .config/code/user/settings.json
          .config/code/user/tasks.json
          library/application support/code/user/settings.json
          appdata/roaming/code/user/settings.json
          .vscode/extensions
          .cursor
          .continue
          .codeium
          .windsurf
          .codex
          .copilot
          .config/github-copilot
          .config/amp
          .config/opencode
          .opencode
          .factory
          .gemini
          .qwen
          .kiro
          .cline
          cline/hooks
          documents/cline/hooks
          .roo
          .aider.conf.yml
          .config/goose
          .hermes
          .agents/plugins
          .agents/hooks
          library/application support/claude
          appdata/roaming/claude
          .config/claude\
          """);

  /// What agents, IDEs and package managers keep below those directories while they work.
  private static final Pattern WORK_IN_HOME =
      Pattern.compile(
          "\\.ssh/known_hosts(?:\\.old)?|\\.docker/(?:buildx|scan)/.*|\\.kube/(?:cache|http-cache)/.*"
              + "|\\.azure/(?:logs|commands|telemetry).*|\\.sbt/boot/.*"
              + "|\\.(?:codex|gemini|cursor|kiro|copilot|factory|qwen|continue|codeium)/(?:log|logs|sessions|tmp|cache|history|projects|skills)(?:/.*)?");

  /// Settings of the client below a directory of it.
  private static final Pattern CLIENT =
      Pattern.compile(
          "(?:.*/)?\\.claude/(?:settings[^/]*\\.json|hooks(?:/.*)?|plugins(?:/.*)?)|(?:.*/)?\\.claude\\.json"
              + "|(?:.*/)?\\.claude-plugin(?:/.*)?");

  private static final Pattern CLIENT_MANAGED =
      Pattern.compile(
          "/etc/claude-code(?:/.*)?|/library/application support/claudecode(?:/.*)?"
              + "|c:/program(?:data| files)/claudecode(?:/.*)?"
              + "|(?:.*/)?managed-settings[^/]*(?:\\.json|\\.d(?:/.*)?)|(?:.*/)?managed-mcp\\.json"
              + "|/library/managed preferences/.*|(?:.*/)?com\\.anthropic\\.claudecode\\.plist");

  /// Files of a workspace that decide which programs an agent or an IDE starts by itself.
  private static final Pattern AGENTS =
      Pattern.compile(
          "(?:.*/)?(?:\\.mcp|\\.cursor/mcp|\\.vscode/(?:mcp|tasks|launch)|\\.roo/mcp|\\.kiro/settings/mcp"
              + "|\\.gemini/settings|\\.qwen/settings|opencode|\\.opencode/opencode|\\.devcontainer/devcontainer"
              + "|\\.github/copilot/settings(?:\\.local)?|\\.factory/settings(?:\\.local)?)\\.jsonc?"
              + "|(?:.*/)?\\.(?:agents|amp|cline|codex|cursor|copilot|factory|gemini|opencode|github|kiro|qwen|roo|windsurf)"
              + "/(?:[^/]+/)?(?:hooks|plugins?|extensions)(?:/.*|\\.json)?"
              + "|(?:.*/)?\\.codex/config\\.toml|(?:.*/)?\\.clinerules/hooks(?:/.*)?"
              + "|(?:.*/)?plugins/[^/]+/hooks/hooks\\.json|(?:.*/)?\\.idea/(?:workspace|runconfigurations/.*)\\.xml");

  /// Where this guard is installed, and its services.
  private static final Pattern PROGRAM =
      Pattern.compile(
          "(?:/usr/(?:local/)?|/opt/|.*/\\.local/|.*/)(?:bin|lib|share|opt|libexec)/skillwarden(?:[-_.][^/]*)?(?:/.*)?"
              + "|/(?:etc|var/lib|var/log|run|opt)/skillwarden(?:/.*)?"
              + "|(?:.*/)?(?:\\.skillwarden|\\.(?:config|cache)/skillwarden|\\.local/(?:share|state)/skillwarden)(?:/.*)?|(?:.*/)?library/(?:application"
              + " support|launchagents|launchdaemons|logs)/[^/]*skillwarden[^/]*(?:/.*)?"
              + "|(?:.*/)?systemd/(?:system|user)/skillwarden[^/]*(?:/.*)?");

  /// What git runs, or what tells it what to run.
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "(?:.*/)?\\.git/(?:hooks|config|config\\.worktree|info/attributes|modules)(?:/.*)?");

  private static final Pattern ENTRY =
      Pattern.compile("(?:.*/)?\\.ssh/(?:authorized_keys2?|rc|config|environment|id_[^/]*)");

  public GuardedPaths {
    own = List.copyOf(own);
  }

  /// The rule a write to the path touches; empty when it is open.
  ///
  /// @param path absolute and resolved
  Optional<Rule> write(String path, String home, PolicyFile policy) {
    String folded = path.toLowerCase(Locale.ROOT);
    if (own(path)
        || CLIENT_MANAGED.matcher(folded).matches()
        || PROGRAM.matcher(folded).matches()
        || isHooked(folded)) {
      return Optional.of(Rule.POLICY_TAMPERING);
    }
    Optional<String> below = Homes.below(path, home);
    if (CLIENT.matcher(folded).matches()) {
      boolean decides = below.filter(b -> b.startsWith(".claude")).isPresent();
      return Optional.of(
          decides || folded.contains("/.claude/settings")
              ? Rule.POLICY_TAMPERING
              : Rule.AGENT_CONFIG_WRITE);
    }
    if (below.filter(IN_HOME::covers).filter(b -> !isWork(b)).isPresent()
        || (SYSTEM.covers(folded) && !LOCAL.covers(folded))
        || ENTRY.matcher(folded).matches()
        || REPOSITORY.matcher(folded).matches()
        || listed(path, home, policy.protectedWrite())) {
      return Optional.of(
          SecretPaths.isSecret(path, home) ? Rule.CREDENTIAL_WRITE : Rule.PROTECTED_PATH_WRITE);
    }
    if (SecretPaths.isKept(path, home)) {
      return Optional.of(Rule.CREDENTIAL_WRITE);
    }
    return AGENTS.matcher(folded).matches()
        ? Optional.of(Rule.AGENT_CONFIG_WRITE)
        : Optional.empty();
  }

  private static final Set<String> HOOK_DIRECTORIES =
      Set.of("hooks", "plugin", "plugins", "extension", "extensions");

  /// Whether the guard is hooked into some agent here: something named after it, below a directory
  /// of hooks or plugins.
  private static boolean isHooked(String folded) {
    boolean hooks = false;
    for (int start = 0; start <= folded.length(); ) {
      int slash = folded.indexOf('/', start);
      int end = slash < 0 ? folded.length() : slash;
      if (hooks && folded.startsWith("skillwarden", start)) {
        return true;
      }
      hooks |= HOOK_DIRECTORIES.contains(folded.substring(start, end));
      start = end + 1;
    }
    return false;
  }

  private static boolean isWork(String below) {
    return WORK_IN_HOME.matcher(below).matches();
  }

  /// Files that are looked for behind a hard link and behind a pattern.
  List<Path> wellKnown(Path home) {
    List<Path> paths = new ArrayList<>();
    own.forEach(o -> {
      paths.add(o);
      OWN_FILES.forEach(f -> paths.add(o.resolve(f)));
    });
    IN_HOME_KNOWN.forEach(f -> paths.add(home.resolve(f)));
    return paths;
  }

  private static final List<String> OWN_FILES =
      List.of("config/policy.yaml", "config/config.yaml", "config/organization.yaml");

  private static final List<String> IN_HOME_KNOWN =
      List.of(
          ".bashrc",
          ".bash_profile",
          ".profile",
          ".zshrc",
          ".zshenv",
          ".zprofile",
          ".gitconfig",
          ".npmrc",
          ".netrc",
          ".ssh/authorized_keys",
          ".ssh/config",
          ".ssh/id_rsa",
          ".ssh/id_ed25519",
          ".aws/credentials",
          ".git-credentials",
          ".docker/config.json",
          ".kube/config",
          ".claude/settings.json",
          ".claude/.credentials.json",
          ".claude.json",
          ".skillwarden",
          ".ssh",
          ".aws",
          ".gnupg",
          ".claude");

  /// The well-known path that a pattern of the shell would name, if any.
  ///
  /// @param pattern absolute, with `*`, `?` or `[` in it
  static Optional<Path> named(Path pattern, List<Path> wellKnown) {
    return wellKnown.stream().filter(known -> covers(pattern, known)).findFirst();
  }

  private static boolean covers(Path pattern, Path known) {
    if (pattern.getNameCount() != known.getNameCount()) {
      return false;
    }
    for (int i = 0; i < known.getNameCount(); i++) {
      String element = pattern.getName(i).toString();
      // As the shell does: a pattern takes no hidden name, unless it begins with the dot too.
      boolean hidden = known.getName(i).toString().startsWith(".") && !element.startsWith(".");
      if (hidden || !Glob.matches(element, known.getName(i).toString())) {
        return false;
      }
    }
    return true;
  }

  /// Whether a network command speaks to the daemon.
  boolean addresses(String span) {
    boolean socket = own.stream().map(Path::toString).anyMatch(o -> span.contains(o + "/run/"));
    return socket
        || span.contains("skillwarden/run/control.sock")
        || (port != 0
            && span.matches(
                "(?s).*\\b(127\\.[0-9.]+|localhost|0\\.0\\.0\\.0|\\[::1?]):" + port + "\\b.*"));
  }

  /// Whether the path belongs to the daemon.
  boolean own(String path) {
    return own.stream()
        .map(Path::toString)
        .anyMatch(o -> path.equals(o) || path.startsWith(o + "/"));
  }

  static boolean listed(String path, String home, List<String> roots) {
    return roots.stream()
        .map(r -> r.startsWith("~/") ? home + r.substring(1) : r)
        .anyMatch(r -> path.equals(r) || path.startsWith(r.endsWith("/") ? r : r + "/"));
  }
}
