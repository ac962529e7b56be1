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
///
/// @param program absolute; for root without a link in it, so that what was checked is what runs
/// @param account that runs it
record InstalledClient(Path program, ClientAccount account) {
  static final String PATH = "/usr/local/bin:/usr/bin:/bin";

  private static final Pattern VERSION = Pattern.compile("^([0-9]{1,6}(?:\\.[0-9]{1,6}){2})\\b");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// The one on the path, else at a usual place.
  static Optional<InstalledClient> find() throws IOException {
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
    Optional<Path> found =
        Stream.concat(path, usual)
            .filter(directory -> directory.startsWith("/"))
            .map(directory -> Path.of(directory, "claude"))
            .filter(Files::isExecutable)
            .findFirst();
    return found.isPresent() ? Optional.of(at(found.get())) : Optional.empty();
  }

  /// A user's is run by the name it was found by: the launchers of version managers go by that.
  static InstalledClient at(Path program) throws IOException {
    ClientAccount account = ClientAccount.ofThisProcess();
    return new InstalledClient(account.root() ? program.toRealPath() : program, account);
  }

  /// Why this account cannot run it, empty when it can.
  Optional<String> obstacle() throws IOException {
    if (!account.root()) {
      return Optional.empty();
    }
    if (!belongsToRoot()) {
      return Optional.of(program + " is not root's, so root does not run it; run this as its user");
    }
    return Files.isExecutable(ClientAccount.SETPRIV)
        ? Optional.empty()
        : Optional.of(
            "root does not run the client as root, and there is no %s to become nobody; run this as a user"
                .formatted(ClientAccount.SETPRIV));
  }

  /// Whether nobody else could have put something in its place, or can until it runs.
  private boolean belongsToRoot() throws IOException {
    for (Path at = program; at != null; at = at.getParent()) {
      FileOwner owner = FileOwner.of(at);
      if (owner.uid() != 0 || owner.isWritableByOthers()) {
        return false;
      }
    }
    return true;
  }

  /// Empty when it does not say within ten seconds.
  ///
  /// @throws IOException when it cannot be started
  Optional<String> version() throws IOException, InterruptedException {
    OtherProgram.End end =
        new OtherProgram(
                account.command(List.of(program.toString(), "--version")),
                Map.of("PATH", PATH, "HOME", account.home()),
                Path.of("/"))
            .run(PATIENCE);
    Matcher matcher = VERSION.matcher(end.out());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
