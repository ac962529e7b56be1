package dev.skillwarden.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/// Where one daemon keeps its files. Every verb finds the daemon through this.
///
/// @param root absolute directory, mode 0700 in user mode
public record Home(Path root) {
  /// Longest control socket path that every supported system accepts, in bytes.
  public static final int MAX_SOCKET_PATH = 100;

  public Home {
    if (!root.isAbsolute()) {
      throw new IllegalArgumentException("home wants an absolute directory, found '" + root + "'");
    }
  }

  /// The home named by a flag, else `SKILLWARDEN_HOME`, else `~/.local/share/skillwarden`.
  ///
  /// @param flag value of `--home`, empty when not given
  /// @param environment the process environment
  public static Home locate(Optional<Path> flag, Map<String, String> environment) {
    if (flag.isPresent()) {
      return new Home(flag.get().toAbsolutePath().normalize());
    }
    String named = environment.getOrDefault("SKILLWARDEN_HOME", "");
    if (!named.isBlank()) {
      return new Home(Path.of(named).toAbsolutePath().normalize());
    }
    return new Home(
        Path.of(System.getProperty("user.home"), ".local", "share", "skillwarden")
            .toAbsolutePath());
  }

  public Path config() {
    return root.resolve("config");
  }

  public Path configFile() {
    return config().resolve("skillwarden.yaml");
  }

  public Path configDropIns() {
    return config().resolve("conf.d");
  }

  public Path policyFile() {
    return config().resolve("policy.yaml");
  }

  public Path organizationFile() {
    return config().resolve("organization.yaml");
  }

  public Path run() {
    return root.resolve("run");
  }

  public Path controlSocket() {
    return run().resolve("control.sock");
  }

  /// Who runs: process id, port and start time, as JSON.
  public Path pidFile() {
    return run().resolve("daemon.json");
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

  public Path elevations() {
    return root.resolve("elevations.json");
  }

  /// Creates the directories, closed to other accounts.
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
      for (Path directory :
          new Path[] {
            root, config(), configDropIns(), run(), log().getParent(), lastGood(), natives()
          }) {
        Files.createDirectories(directory);
        if (directory.equals(root) || directory.equals(run())) {
          Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
      }
    } catch (IOException e) {
      throw new IOException(
          "cannot create %s: %s; choose a directory you may write with --home or SKILLWARDEN_HOME"
              .formatted(root, e),
          e);
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
