package dev.skillwarden.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which rule a write to a path touches.
///
/// @param own directories of the daemon itself, absolute and resolved
/// @param port loopback port of the daemon, 0 when it has none
public record GuardedPaths(List<Path> own, int port) {
  private static final Pattern SYSTEM =
      Pattern.compile("/(etc|usr|bin|sbin|lib|lib64|boot|sys|proc/sys|System|Library)(/.*)?");
  private static final Pattern SCHEDULED =
      Pattern.compile("/var/spool/cron(/.*)?|/Library/Launch(Agents|Daemons)(/.*)?");
  private static final Pattern HOME_FILES =
      Pattern.compile(
          "/\\.(bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zshenv|zprofile|zlogin"
              + "|kshrc|inputrc|gitconfig|pam_environment|xprofile|xinitrc|vimrc|npmrc|netrc|pypirc"
              + "|git-credentials)"
              + "|/\\.(ssh|aws|gnupg|kube|azure|docker)(/.*)?"
              + "|/\\.config/(fish|autostart|systemd|git|gh|gcloud)(/.*)?"
              + "|/\\.local/bin(/.*)?|/Library/LaunchAgents(/.*)?");
  private static final Pattern OTHER_HOME =
      Pattern.compile(
          "(.*/)?\\.ssh/(authorized_keys2?|rc|config|id_[^/]*)|/(home|Users)/[^/]+/\\.(ssh|aws|gnupg)(/.*)?|/root/\\.(ssh|aws|gnupg|bashrc|profile)(/.*)?");
  private static final Pattern CLIENT =
      Pattern.compile(
          "(.*/)?\\.claude/(settings[^/]*\\.json|hooks(/.*)?|plugins(/.*)?)|(.*/)?\\.claude\\.json"
              + "|(.*/)?\\.mcp\\.json");
  private static final Pattern CLIENT_MANAGED =
      Pattern.compile(
          "/etc/claude-code(/.*)?|/Library/Application"
              + " Support/ClaudeCode(/.*)?|(.*/)?managed-settings[^/]*\\.json|(.*/)?managed-mcp\\.json");
  private static final Pattern REPOSITORY =
      Pattern.compile("(.*/)?\\.git/(hooks|config|info/attributes|modules)(/.*)?");

  public GuardedPaths {
    own = List.copyOf(own);
  }

  /// The rule a write to the path touches; empty when it is open.
  ///
  /// @param path absolute and resolved
  Optional<Rule> write(String path, String home, PolicyFile policy) {
    if (own(path) || CLIENT_MANAGED.matcher(path).matches()) {
      return Optional.of(Rule.POLICY_TAMPERING);
    }
    if (CLIENT.matcher(path).matches()) {
      return Optional.of(
          path.startsWith(home + "/.claude") || path.contains("/.claude/settings")
              ? Rule.POLICY_TAMPERING
              : Rule.AGENT_CONFIG_WRITE);
    }
    boolean inHome =
        path.startsWith(home + "/") && HOME_FILES.matcher(path.substring(home.length())).matches();
    if (inHome
        || SYSTEM.matcher(path).matches()
        || SCHEDULED.matcher(path).matches()
        || OTHER_HOME.matcher(path).matches()
        || REPOSITORY.matcher(path).matches()
        || listed(path, home, policy.protectedWrite())) {
      return Optional.of(Rule.PROTECTED_PATH_WRITE);
    }
    return Optional.empty();
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
