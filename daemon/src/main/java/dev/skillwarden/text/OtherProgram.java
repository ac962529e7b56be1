package dev.skillwarden.text;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Another program, run with nothing of this process's environment and for a bounded time.
public final class OtherProgram {
  private static final System.Logger LOG = System.getLogger(OtherProgram.class.getName());
  private static final int MOST_OUTPUT = 1 << 20;
  private static final File NOTHING = new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  private static final Duration LOOK = Duration.ofMillis(50);

  /// Looks at processes that were told to end, at most.
  private static final int ENDING = 40;

  private final List<String> command;
  private final Map<String, String> environment;
  private final Path directory;
  private Optional<Path> input = Optional.empty();

  /// @param command program and arguments
  /// @param environment all that it gets
  public OtherProgram(List<String> command, Map<String, String> environment, Path directory) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.directory = directory;
  }

  /// How it ended.
  ///
  /// @param finished false when it was ended because its time was over
  /// @param exit its exit code, when it finished
  /// @param out beginning of what it wrote, at most 1 MiB
  public record End(boolean finished, int exit, String out, String err) {
    public boolean wentWell() {
      return finished && exit == 0;
    }
  }

  /// What it reads from standard input; nothing otherwise.
  public OtherProgram reading(Path file) {
    input = Optional.of(file);
    return this;
  }

  /// Runs it. What it started is ended with it.
  ///
  /// @throws IOException when it cannot be started
  public End run(Duration longest) throws IOException, InterruptedException {
    Path out = Files.createTempFile("skillwarden-out", ".txt");
    Path err = Files.createTempFile("skillwarden-err", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(input.map(Path::toFile).orElse(NOTHING))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      Set<ProcessHandle> started = new LinkedHashSet<>();
      boolean finished;
      try {
        finished = awaited(process, started, longest);
      } finally {
        end(process, started);
      }
      return new End(finished, finished ? process.exitValue() : -1, beginning(out), beginning(err));
    } finally {
      discard(out);
      discard(err);
    }
  }

  /// Deletes a temporary file. One that stays is logged: it makes no answer wrong.
  public static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(Level.ERROR, file + " is left behind; delete it", e);
    }
  }

  /// @param started filled with all it was seen to start: whose parent is gone is found no more
  private static boolean awaited(Process process, Set<ProcessHandle> started, Duration longest)
      throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    while (System.nanoTime() < end) {
      process.descendants().forEach(started::add);
      if (process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  private static void end(Process process, Set<ProcessHandle> started) throws InterruptedException {
    process.descendants().forEach(started::add);
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    for (int i = 0; i < ENDING && started.stream().anyMatch(ProcessHandle::isAlive); i++) {
      Thread.sleep(LOOK.toMillis());
    }
  }

  private static String beginning(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
    }
  }
}
