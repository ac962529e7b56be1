package dev.skillwarden.daemon;

import dev.skillwarden.claude.ManagedSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where one daemon keeps its files. Every verb finds the daemon through this.
///
/// @param mode whose files they are
/// @param root what must outlive a restart; absolute, mode 0700
/// @param config `skillwarden.yaml`, `conf.d`, policy and organization
/// @param run socket, lock and run file; open to all accounts in system mode
public record Home(Mode mode, Path root, Path config, Path run) {
  /// Longest control socket path that every supported system accepts, in bytes.
  public static final int MAX_SOCKET_PATH = 100;

  /// Whose daemon it is.
  public enum Mode {
    /// The developer's own: advisory.
    USER,
    /// Of an account of its own, for everybody on the machine.
    SYSTEM
  }

  public Home {
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("home wants an absolute directory, found '" + root + "'");
    }
  }

  /// Everything below one directory of the developer.
  public static Home user(Path root) {
    return new Home(Mode.USER, root, root.resolve("config"), root.resolve("run"));
  }

  /// The places of the operating system, below `prefix`: `/`, or the root of an image.
  public static Home system(Path prefix) {
    Path base = prefix.toAbsolutePath().normalize();
    if (MAC) {
      Path library = base.resolve("Library/Application Support/Skillwarden");
      return new Home(
          Mode.SYSTEM,
          library.resolve("state"),
          library.resolve("config"),
          base.resolve("var/run/skillwarden"));
    }
    return new Home(
        Mode.SYSTEM,
        base.resolve("var/lib/skillwarden"),
        base.resolve("etc/skillwarden"),
        base.resolve("run/skillwarden"));
  }

  private static final boolean MAC = System.getProperty("os.name").startsWith("Mac");

  /// The home named by a flag, else `SKILLWARDEN_HOME`; else the system's when a daemon is
  /// installed or runs there, else `~/.local/share/skillwarden`.
  ///
  /// @param flag value of `--home`, empty when not given
  /// @param environment the process environment
  public static Home locate(Optional<Path> flag, Map<String, String> environment) {
    if (flag.isPresent()) {
      return user(flag.get().toAbsolutePath().normalize());
    }
    String named = environment.getOrDefault("SKILLWARDEN_HOME", "");
    if (!named.isBlank()) {
      return user(Path.of(named).toAbsolutePath().normalize());
    }
    Home system = system(Path.of("/"));
    if (Files.exists(system.configFile()) || Files.exists(system.controlSocket())) {
      return system;
    }
    return user(
        Path.of(System.getProperty("user.home"), ".local", "share", "skillwarden")
            .toAbsolutePath());
  }

  /// The directories that are the daemon's own.
  public List<Path> directories() {
    return isSystem() ? List.of(root, config, run, published()) : List.of(root);
  }

  public boolean isSystem() {
    return mode == Mode.SYSTEM;
  }

  /// What other accounts may read and must outlive a restart: the certificates that clients trust.
  /// Beside the closed state in system mode, within it in user mode.
  public Path published() {
    return isSystem()
        ? root.resolveSibling(root.getFileName() + "-public")
        : root.resolve("public");
  }

  /// PEM file of the authorities that a client trusts, of the daemon and of the company.
  public Path caBundle() {
    return published().resolve("ca-bundle.pem");
  }

  /// Whether it is the daemon of the running system, and not of an image below some directory.
  public boolean isOfThisSystem() {
    return equals(system(Path.of("/")));
  }

  /// Where clients of this machine look for managed settings.
  public Path managedSettings() {
    return MAC
        ? config.resolve("../../ClaudeCode").normalize() // beside our own in Application Support
        : config.resolveSibling("claude-code");
  }

  /// What managed settings say of this machine.
  ///
  /// @param program where the program is installed
  public ManagedSettings.Machine machine(int port, Path program) {
    return new ManagedSettings.Machine(port, program, caBundle(), Optional.of(controlSocket()));
  }

  /// The daemon's own certificates and their keys.
  public Path tls() {
    return root.resolve("keys").resolve("tls.json");
  }

  /// Counts starts that did not last.
  public Path starts() {
    return run.resolve("starts");
  }

  public Path configFile() {
    return config.resolve("skillwarden.yaml");
  }

  public Path configDropIns() {
    return config.resolve("conf.d");
  }

  public Path policyFile() {
    return config.resolve("policy.yaml");
  }

  public Path organizationFile() {
    return config.resolve("organization.yaml");
  }

  public Path controlSocket() {
    return run.resolve("control.sock");
  }

  /// Who runs: process id, port and start time, as JSON.
  public Path pidFile() {
    return run.resolve("daemon.json");
  }

  public Path log() {
    return root.resolve("log").resolve("daemon.log");
  }

  public Path repository() {
    return root.resolve("repo.git");
  }

  /// The last accepted state of each source.
  public Path sync() {
    return root.resolve("sync");
  }

  public Path journal() {
    return root.resolve("journal");
  }

  /// How far the journal was sent.
  public Path upload() {
    return root.resolve("upload");
  }

  public Path vectors() {
    return root.resolve("vectors");
  }

  /// The word index.
  public Path words() {
    return root.resolve("words");
  }

  /// Where native libraries and the model are unpacked.
  public Path natives() {
    return root.resolve("native");
  }

  public Path lastGood() {
    return root.resolve("last-good");
  }

  /// Is there once managed settings that name this daemon were found: from then on their absence is
  /// an alarm.
  public Path managedSeen() {
    return root.resolve("managed-seen");
  }

  public Path elevations() {
    return root.resolve("elevations.json");
  }

  private static final String OWNER_ONLY = "rwx------";

  /// Creates the directories: the state closed to other accounts. The configuration of system mode
  /// is the administrator's and is not made here.
  ///
  /// @throws IOException naming what is in the way and what to do
  public void create() throws IOException {
    int length = controlSocket().toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_SOCKET_PATH) {
      throw new IOException(
          "the control socket path %s is %d bytes, systems accept %d; choose a shorter --home"
              .formatted(controlSocket(), length, MAX_SOCKET_PATH));
    }
    try {
      for (Path directory : List.of(root, lastGood(), natives())) {
        Files.createDirectories(directory);
      }
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString(OWNER_ONLY));
      if (isSystem()) {
        open(run);
        open(published());
      } else {
        for (Path directory : List.of(config, configDropIns(), run, log().getParent())) {
          Files.createDirectories(directory);
        }
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString(OWNER_ONLY));
      }
    } catch (IOException e) {
      throw new IOException(
          isSystem()
              ? "cannot create %s: %s; the service manager makes these directories for the account skillwarden"
                  .formatted(root, e)
              : "cannot create %s: %s; choose a directory you may write with --home or SKILLWARDEN_HOME"
                  .formatted(root, e),
          e);
    }
  }

  /// Readable for everybody, whatever the umask is.
  private static void open(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
