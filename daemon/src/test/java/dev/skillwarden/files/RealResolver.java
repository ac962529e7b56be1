package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The resolver as it is built from its source, run by an account of its own with one capability.
final class RealResolver implements AutoCloseable {
  /// Accounts of the tests; no machine lists them.
  static final int DAEMON = 64_001;

  static final int RESOLVER = 64_002;
  static final int ANA = 64_003;
  static final int BEN = 64_004;

  private final Process process;
  private final Path socket;

  private RealResolver(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /// Builds it; skips the test where there is no C compiler.
  static Path build(Path directory) throws Exception {
    Path binary = directory.resolve("skillwarden-resolve");
    assumeTrue(works("cc", "--version"), "there is no C compiler (cc): the resolver is not tested");
    Process build =
        new ProcessBuilder("sh", "../installer/resolver/build.sh", binary.toString())
            .redirectErrorStream(true)
            .start();
    String said = String.join("\n", build.inputReader().readAllLines());
    assertEquals(0, build.waitFor(), said);
    return binary;
  }

  /// Skips the test where accounts and capabilities cannot be chosen.
  static void needsRoot() throws Exception {
    assumeTrue(
        works("setpriv", "--reuid", "64001", "--clear-groups", "true"),
        "needs root and setpriv: the resolver is not tested as another account");
  }

  static boolean works(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }

  /// A command as another account, with no right but those of its capabilities.
  ///
  /// @param capability what it has, empty for nothing
  static List<String> as(int account, String capability) {
    String id = Integer.toString(account);
    String set = "-all" + (capability.isEmpty() ? "" : ",+" + capability);
    return List.of(
        "setpriv",
        "--reuid=" + id,
        "--regid=" + id,
        "--clear-groups",
        "--inh-caps=" + set,
        "--ambient-caps=" + set,
        "--bounding-set=" + set,
        "--no-new-privs");
  }

  /// @param directory open to everybody
  /// @param peer whom it serves
  static RealResolver start(Path binary, Path directory, int peer) throws Exception {
    Path run = Files.createDirectory(directory.resolve("resolver-" + peer));
    Files.setAttribute(run, "unix:uid", RESOLVER);
    Path socket = run.resolve("s");
    List<String> command = new ArrayList<>(as(RESOLVER, "dac_read_search"));
    command.addAll(
        List.of(
            binary.toString(), "--peer", Integer.toString(peer), "--socket", socket.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("resolver.log").toFile())
            .start();
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!Files.exists(socket)) {
      assertTrue(
          process.isAlive() && System.nanoTime() < end,
          () -> "the resolver did not start: " + log(directory));
      Thread.sleep(10);
    }
    return new RealResolver(process, socket);
  }

  private static String log(Path directory) {
    try {
      return Files.readString(directory.resolve("resolver.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  Path socket() {
    return socket;
  }

  long pid() {
    return process.pid();
  }

  /// A directory that an account owns, closed or open to others.
  static Path directory(Path path, int owner, String mode) throws IOException {
    Files.createDirectory(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    Files.setAttribute(path, "unix:uid", owner);
    return path;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join(); // fails when it does not end
  }
}
