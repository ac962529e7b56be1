package dev.skillwarden.policy;

import dev.skillwarden.effect.Effect;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.SecretPaths;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// From effects to rules.
final class ShellRules {
  private static final Set<String> INTERPRETERS =
      Set.of("python", "perl", "ruby", "node", "nodejs", "php", "lua", "deno", "bun");
  private static final Pattern SYSTEM_TREE =
      Pattern.compile(
          "/|/(etc|usr|bin|sbin|lib|lib32|lib64|boot|dev|proc|sys|System|Library|Applications|Windows)(/.*)?"
              + "|/(var|opt|srv|mnt|media|run|nix|private)(/(lib|log|spool|db|mail|www|backups|etc|var))?"
              + "|/var/(lib|log|db|spool)/[^/]+|/[*]|[A-Za-z]:(?:/\\*?)?|(?i:[a-z]:/(windows|program"
              + " files( \\(x86\\))?|programdata)(/.*)?)");
  private static final Pattern HOME_TREE =
      Pattern.compile("/(home|Users)(/[^/]+)?(/\\*)?|/root(/\\*)?|[A-Za-z]:/Users(/[^/]+)?(/\\*)?");
  private static final Pattern TEMPORARY =
      Pattern.compile("(/private)?(/var)?/tmp/[^*].*|/dev/shm/[^*].*|/var/folders/.+");
  private static final Pattern CACHE =
      Pattern.compile(
          "/\\.cache/.+|/\\.npm/_[a-z]+.*|/\\.gradle/caches(/.*)?|/\\.m2/repository/.+"
              + "|/Library/(Caches|Developer/Xcode/DerivedData)/?.*|/\\.(nuget|cargo/registry|ivy2|sbt)/.+");

  /// Parts of a repository that hold commits; lock files and hooks are no such parts.
  private static final Pattern GIT_DATA =
      Pattern.compile(
          "(?:.*/)?\\.git/(?:objects|refs|logs|worktrees|packed-refs|HEAD|modules)(?:/.*)?(?<!\\.lock)");

  /// Hooks of the client, deleted as a whole.
  private static final Pattern HOOKS = Pattern.compile("(?:.*/)?\\.claude(?:/hooks)?");

  /// Who may read or write these decides who may enter the machine.
  private static final Pattern ENTRY_FILES =
      Pattern.compile(
          "/etc/(?:ssh|cron[^/]*|sudoers(?:\\.d)?|pam\\.d|passwd|group|shadow|gshadow|ld\\.so\\.[^/]*)(?:/.*)?");

  private static final char HOLE = '\uFFFF';

  private final ToolCall call;
  private final PolicyFile policy;
  private final GuardedPaths guarded;
  private final FileView files;
  private final String home;
  private final String root;

  ShellRules(ToolCall call, PolicyFile policy, GuardedPaths guarded, FileView files) {
    this.files = files;
    this.call = call;
    this.policy = policy;
    this.guarded = guarded;
    this.home = call.home().toString();
    this.root = call.projectRoot().toString();
  }

  /// The rule an effect touches, empty when none.
  Optional<Rule> rule(Effect effect) {
    return switch (effect) {
      case Effect.Delete d -> delete(d);
      case Effect.Write w -> w.known() ? write(w.path()) : unknownWrite(w);
      case Effect.Read r -> read(r.path());
      case Effect.NetToExec n ->
          Optional.of(n.source().isEmpty() ? Rule.REMOTE_CODE_PIPE : Rule.REMOTE_CODE_DOWNLOAD_RUN);
      case Effect.DecodedToExec d -> Optional.of(Rule.ENCODED_PAYLOAD_EXEC);
      case Effect.Upload u -> Optional.of(Rule.CREDENTIAL_EXFIL);
      case Effect.DiskWrite d -> Optional.of(Rule.DISK_DESTRUCTION);
      case Effect.ReverseShell r -> Optional.of(Rule.REVERSE_SHELL);
      case Effect.ForkBomb f -> Optional.of(Rule.FORK_BOMB);
      case Effect.Permissions p -> permissions(p);
      case Effect.Network n -> network(n);
      case Effect.Notable n -> notable(n.what());
      case Effect.Service s -> service(s);
      case Effect.Unreadable u ->
          Optional.of(u.budget() ? Rule.ANALYSIS_BUDGET_EXCEEDED : Rule.UNREADABLE_COMMAND);
    };
  }

  private Optional<Rule> service(Effect.Service service) {
    if (!policy.packs().contains(service.pack())) {
      return Optional.empty();
    }
    return Optional.of(
        service.pack() == Effect.Pack.DATABASE ? Rule.DB_DESTRUCTION : Rule.INFRA_DESTRUCTION);
  }

  private Optional<Rule> network(Effect.Network network) {
    if (network.url().equals("metadata")) {
      return Optional.of(Rule.CLOUD_METADATA);
    }
    return guarded.addresses(network.span())
        ? Optional.of(Rule.GUARD_SELF_ACCESS)
        : Optional.empty();
  }

  private static Optional<Rule> notable(Effect.What what) {
    return Optional.of(
        switch (what) {
          case GIT_FORCE_PUSH -> Rule.GIT_FORCE_PUSH;
          case GIT_LOCAL_DISCARD -> Rule.GIT_LOCAL_DISCARD;
          case GIT_HISTORY -> Rule.GIT_HISTORY_DESTRUCTION;
          case CLIENT_MCP_SERVE, GUARD_CONTROL, GUARD_SWITCH -> Rule.POLICY_TAMPERING;
          case GUARD_ACCESS -> Rule.GUARD_SELF_ACCESS;
          case PRIVILEGED_CONTAINER -> Rule.PRIVILEGED_CONTAINER;
          case POWER -> Rule.PROCESS_POWER;
          case ENV_INJECTION -> Rule.ENV_INJECTION_EXEC;
          case ARGUMENT_EXEC -> Rule.ARGUMENT_INJECTION_EXEC;
          case SECRET_STORE -> Rule.CREDENTIAL_READ;
          case PRIVILEGE -> Rule.PRIV_ESC;
          case CONFIG_EXEC -> Rule.CONFIG_EXEC_INJECTION;
          case GIT_REMOTE -> Rule.GIT_REMOTE_REPOINT;
          case OBFUSCATED -> Rule.OBFUSCATED_EXEC;
          case SYSTEM_SETTING, SCHEDULED, FIREWALL, ACCOUNTS -> Rule.PROTECTED_PATH_WRITE;
          case UNRECOVERABLE -> Rule.UNRECOVERABLE_DELETE;
          case SECRET_COMMIT -> Rule.SECRET_COMMIT;
          case AGENT_CONFIG -> Rule.AGENT_CONFIG_WRITE;
        });
  }

  Optional<Rule> read(String path) {
    if (guarded.own(path) && !path.contains("/config/") && !path.endsWith(".log")) {
      return Optional.of(Rule.GUARD_SELF_ACCESS);
    }
    if (GuardedPaths.listed(path, home, policy.protectedRead())) {
      return Optional.of(Rule.CREDENTIAL_READ);
    }
    Optional<String> same = sameFile(path);
    return switch (SecretPaths.kind(same.orElse(path), home)) {
      case SECRET -> Optional.of(Rule.CREDENTIAL_READ);
      case SENSITIVE -> Optional.of(Rule.SENSITIVE_READ);
      case OPEN -> Optional.empty();
    };
  }

  /// A file tool writes plain text, so that what it writes into a key file is the key.
  Optional<Rule> secretByName(String path) {
    return SecretPaths.kind(path, home) == SecretPaths.Kind.SENSITIVE
        ? Optional.of(Rule.SECRET_COMMIT)
        : Optional.empty();
  }

  /// `/proc/PID/root/…`: nobody reads a file that way who could name it.
  Optional<Rule> throughProcess(String path) {
    return path.matches("/proc/[^/]+/(root|cwd)/.*")
        ? Optional.of(Rule.SENSITIVE_READ)
        : Optional.empty();
  }

  Optional<Rule> write(String path) {
    return guarded
        .write(path, home, policy)
        .or(() -> sameFile(path).flatMap(p -> guarded.write(p, home, policy)))
        .or(() -> named(path).flatMap(p -> guarded.write(p, home, policy)));
  }

  /// The protected file behind a hard link.
  private Optional<String> sameFile(String path) {
    return path.indexOf(HOLE) >= 0
        ? Optional.empty()
        : absolute(path).flatMap(p -> files.sameFile(p, this::wellKnown)).map(Path::toString);
  }

  private List<Path> wellKnown() {
    return guarded.wellKnown(call.home());
  }

  /// The protected path a pattern would name.
  private Optional<String> named(String path) {
    boolean pattern = path.indexOf('*') >= 0 || path.indexOf('?') >= 0 || path.indexOf('[') >= 0;
    return pattern
        ? absolute(path).flatMap(p -> GuardedPaths.named(p, wellKnown())).map(Path::toString)
        : Optional.empty();
  }

  private static Optional<Path> absolute(String path) {
    try {
      return path.startsWith("/") ? Optional.of(Path.of(path)) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty(); // no file has this name
    }
  }

  /// An unknown file in a known protected directory is as protected as the directory.
  private Optional<Rule> unknownWrite(Effect.Write write) {
    int hole = write.path().indexOf(HOLE);
    String known = hole < 0 ? write.path() : write.path().substring(0, hole);
    return known.length() > 1 && !known.startsWith(root)
        ? guarded.write(known + "x", home, policy)
        : Optional.empty();
  }

  private Optional<Rule> permissions(Effect.Permissions change) {
    String path = change.path();
    if (guarded.write(path, home, policy).filter(r -> r == Rule.POLICY_TAMPERING).isPresent()) {
      return Optional.of(Rule.POLICY_TAMPERING);
    }
    if (change.how().isEmpty()) {
      return ENTRY_FILES.matcher(path).matches()
          ? Optional.of(Rule.SYSTEM_PERMISSION_CHANGE)
          : Optional.empty();
    }
    if (change.how().equals("raises")) {
      return Optional.of(Rule.SYSTEM_PERMISSION_CHANGE);
    }
    boolean open = path.indexOf(HOLE) >= 0 || inside(path) || TEMPORARY.matcher(path).matches();
    return open ? Optional.empty() : Optional.of(Rule.SYSTEM_PERMISSION_CHANGE);
  }

  private Optional<Rule> delete(Effect.Delete delete) {
    String path = delete.path();
    String directory = path.endsWith("/*") ? path.substring(0, path.length() - 2) : path;
    Optional<Rule> guard = write(directory);
    boolean holdsGuard =
        delete.recursive()
            && guarded.own().stream().anyMatch(o -> o.toString().startsWith(directory + "/"));
    if (holdsGuard) {
      Optional<Rule> larger = outside(path, directory, delete.by());
      return larger.isPresent() ? larger : Optional.of(Rule.POLICY_TAMPERING);
    }
    if (guard.equals(Optional.of(Rule.POLICY_TAMPERING))) {
      return guard;
    }
    if (HOOKS.matcher(directory).matches() && !TEMPORARY.matcher(path).matches()) {
      return Optional.of(Rule.POLICY_TAMPERING);
    }
    if ((directory.endsWith("/.git") && delete.recursive())
        || GIT_DATA.matcher(directory).matches()) {
      return TEMPORARY.matcher(path).matches()
          ? Optional.empty()
          : Optional.of(Rule.GIT_METADATA_DESTRUCTION);
    }
    if (delete.by().equals("mv")
        && (HOME_TREE.matcher(path).matches() || path.matches("/|/\\*|/[a-z]+/?"))) {
      return TEMPORARY.matcher(path).matches() ? Optional.empty() : outside(path, directory, "mv");
    }
    if (delete.by().equals("mv") || !delete.recursive()) {
      return guard;
    }
    if (delete.by().startsWith("find")) {
      return found(delete, path, directory);
    }
    if (path.indexOf(HOLE) >= 0 || !delete.known()) {
      return unresolved(path);
    }
    return outside(path, directory, delete.by()).or(() -> guard);
  }

  /// Whatever a search finds: everything below its root, or what has a certain name there.
  private Optional<Rule> found(Effect.Delete delete, String path, String directory) {
    boolean all = delete.by().equals("find");
    if (path.indexOf(HOLE) >= 0 || !delete.known()) {
      return all ? unresolved(path) : Optional.empty();
    }
    Optional<Rule> outside = outside(path, directory, "find");
    if (outside.isEmpty()) {
      return all && inside(directory) && !directory.startsWith(root + "/")
          ? Optional.of(Rule.FIND_DELETE)
          : Optional.empty();
    }
    return all || outside.get() != Rule.RECURSIVE_DELETE_OUTSIDE_WORKSPACE
        ? outside
        : Optional.of(Rule.FIND_DELETE);
  }

  private Optional<Rule> outside(String path, String directory, String by) {
    if (path.equals("/") || path.equals("//*") || directory.isEmpty()) {
      return Optional.of(Rule.RECURSIVE_DELETE_SYSTEM);
    }
    if (directory.equals(home) || HOME_TREE.matcher(path).matches()) {
      return Optional.of(Rule.RECURSIVE_DELETE_HOME);
    }
    if (inside(directory) || TEMPORARY.matcher(path).matches()) {
      return Optional.empty();
    }
    if (SYSTEM_TREE.matcher(directory).matches()) {
      return Optional.of(Rule.RECURSIVE_DELETE_SYSTEM);
    }
    if (directory.startsWith(home + "/")) {
      String inHome = directory.substring(home.length());
      if (CACHE.matcher(inHome).matches()) {
        return Optional.empty();
      }
      if (inHome.indexOf('/', 1) < 0) {
        return Optional.of(Rule.RECURSIVE_DELETE_HOME);
      }
    }
    return Optional.of(
        INTERPRETERS.contains(by)
            ? Rule.INTERPRETER_DELETE
            : Rule.RECURSIVE_DELETE_OUTSIDE_WORKSPACE);
  }

  /// Part of the path is unknown: judged by what stands before it.
  private Optional<Rule> unresolved(String path) {
    int hole = path.indexOf(HOLE);
    if (hole < 0) { // relative to a directory that is not known
      return Optional.of(Rule.RECURSIVE_DELETE_UNRESOLVED);
    }
    String known = path.substring(0, hole);
    String cwd = call.cwd().toString();
    boolean begins = known.equals(cwd + "/") || known.equals(cwd) || known.equals("/");
    if (!begins && (inside(known) || TEMPORARY.matcher(known + "x").matches())) {
      return Optional.empty();
    }
    if (!begins && SYSTEM_TREE.matcher(known + "x").matches()) {
      return Optional.of(Rule.RECURSIVE_DELETE_SYSTEM);
    }
    return Optional.of(Rule.RECURSIVE_DELETE_UNRESOLVED);
  }

  private boolean inside(String path) {
    boolean holdsHome = root.equals("/") || home.startsWith(root + "/"); // no workspace at all
    return !holdsHome && (path.equals(root) || path.startsWith(root + "/"));
  }

  /// One line for `explain`.
  static String describe(Effect effect) {
    return switch (effect) {
      case Effect.Delete d ->
          "deletes %s%s".formatted(shown(d.path()), d.recursive() ? " and everything below" : "");
      case Effect.Write w -> "writes " + shown(w.path());
      case Effect.Read r -> "reads " + shown(r.path());
      case Effect.NetToExec n -> "runs text from the network";
      case Effect.DecodedToExec d -> "runs decoded text";
      case Effect.Upload u -> "sends a secret away" + (u.path().isEmpty() ? "" : ": " + u.path());
      case Effect.DiskWrite d -> "overwrites " + d.device();
      case Effect.ReverseShell r -> "connects a shell to the network";
      case Effect.ForkBomb f -> "starts itself without end";
      case Effect.Permissions p -> "changes permissions of " + shown(p.path());
      case Effect.Network n -> "talks to " + (n.url().isEmpty() ? "the network" : n.url());
      case Effect.Service s -> s.what();
      case Effect.Notable n -> n.what().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
      case Effect.Unreadable u -> "cannot be followed: " + u.why();
    };
  }

  static List<String> describe(List<Effect> effects) {
    return effects.stream().map(ShellRules::describe).distinct().limit(20).toList();
  }

  private static String shown(String path) {
    return path.replace(String.valueOf(HOLE), "<unknown>");
  }
}
