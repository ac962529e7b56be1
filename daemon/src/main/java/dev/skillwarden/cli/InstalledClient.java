package dev.skillwarden.cli;

import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.OtherProgram;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Claude Code as it is installed here.
record InstalledClient(Path program) {
  static final String PATH = "/usr/local/bin:/usr/bin:/bin";

  private static final Pattern VERSION = Pattern.compile("^([0-9]{1,6}(?:\\.[0-9]{1,6}){2})\\b");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// The one on the path, else at a usual place.
  static Optional<InstalledClient> find() {
    Stream<String> path =
        Arrays.stream(
            Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator, -1));
    Stream<String> usual =
        Stream.of(
            "/usr/local/bin",
            "/usr/bin",
            "/opt/homebrew/bin",
            System.getProperty("user.home") + "/.local/bin",
            System.getProperty("user.home") + "/.claude/local");
    return Stream.concat(path, usual)
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, "claude"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(InstalledClient::new);
  }

  static boolean runsAsRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /// Whether root may run it: nobody else could have put something in its place.
  boolean belongsToRoot() throws IOException {
    for (Path at = program.toRealPath(); at != null; at = at.getParent()) {
      FileOwner owner = FileOwner.of(at);
      if (owner.uid() != 0 || owner.isWritableByOthers()) {
        return false;
      }
    }
    return true;
  }

  /// Empty when it does not say within ten seconds.
  Optional<String> version() throws IOException, InterruptedException {
    OtherProgram.End end =
        new OtherProgram(
                List.of(program.toString(), "--version"),
                Map.of("PATH", PATH, "HOME", System.getProperty("user.home")),
                Path.of("/"))
            .run(PATIENCE);
    Matcher matcher = VERSION.matcher(end.out());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
