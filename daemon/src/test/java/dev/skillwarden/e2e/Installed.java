package dev.skillwarden.e2e;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The packaged program in a home of its own, serving the reference skills.
///
/// @param home short, because a control socket's path is
record Installed(Path dist, Path home) {
  /// What a process left.
  record Run(int exit, String out, String err) {}

  static Path packaged() {
    String dist = System.getProperty("skillwarden.dist", "");
    if (dist.isEmpty()) {
      throw new IllegalStateException(
          "run by `mvn verify`, which packages the program and says where");
    }
    return Path.of(dist);
  }

  /// A home whose configuration pins a fresh git repository made of `.claude/skills`.
  static Installed create() throws IOException, InterruptedException {
    Path home = Files.createTempDirectory(Path.of("/tmp"), "sw-e2e");
    Installed installed = new Installed(packaged(), home);
    Path remote = home.resolve("remote");
    copy(
        Path.of("..", ".claude", "skills").toAbsolutePath().normalize(),
        remote.resolve(".claude/skills"));
    String sha = commit(remote);
    Files.createDirectories(home.resolve("config"));
    Files.writeString(
        home.resolve("config/skillwarden.yaml"),
        "server:\n  port: 0\nsync:\n  remote: file://%s\n  pin:\n    sha: %s\n"
            .formatted(remote, sha));
    Files.copy(
        packaged().resolve("config/organization.yaml"), home.resolve("config/organization.yaml"));
    return installed;
  }

  /// Makes a git repository of what lies there.
  ///
  /// @return its one commit
  static String commit(Path remote) throws IOException, InterruptedException {
    run(remote, Map.of(), "git", "init", "-q", "-b", "main");
    run(remote, Map.of(), "git", "add", "-A");
    run(
        remote,
        Map.of(),
        "git",
        "-c",
        "user.name=e2e",
        "-c",
        "user.email=e2e@localhost",
        "-c",
        "commit.gpgsign=false",
        "commit",
        "-qm",
        "skills");
    return run(remote, Map.of(), "git", "rev-parse", "HEAD").out().strip();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /// Runs a verb.
  Run verb(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(dist.resolve("bin/skillwarden").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--home", home.toString()));
    return run(home, Map.of(), command.toArray(String[]::new));
  }

  /// Runs a verb that needs no daemon.
  Run tool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(dist.resolve("bin/skillwarden").toString()));
    command.addAll(List.of(arguments));
    return run(home, Map.of(), command.toArray(String[]::new));
  }

  int port() throws IOException, InvalidTextException {
    Path file = home.resolve("run/daemon.json");
    return Json.parse("daemon.json", Files.readAllBytes(file)).path("port").asInt(0);
  }

  long pid() throws IOException, InvalidTextException {
    Path file = home.resolve("run/daemon.json");
    return Json.parse("daemon.json", Files.readAllBytes(file)).path("pid").asLong(0);
  }

  /// Stops the daemon and removes the home.
  void remove() throws IOException, InterruptedException {
    verb("stop");
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Runs a process to its end, at most two minutes.
  static Run run(Path directory, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("sw-out", ".txt");
    Path err = Files.createTempFile("sw-err", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().putAll(environment);
      builder
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectOutput(out.toFile())
          .redirectError(err.toFile());
      Process process = builder.start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("still running after 120 s: " + List.of(command));
      }
      return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }
}
