package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The `--home` option of every verb that needs to find the daemon.
final class HomeOption {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "The daemon's home (default: SKILLWARDEN_HOME, else ~/.local/share/skillwarden).")
  private @Nullable Path home;

  Home home() {
    return Home.locate(Optional.ofNullable(home), System.getenv());
  }

  /// The option as it would have to be typed again, with a leading blank; empty when not given.
  String again() {
    return home == null ? "" : " --home " + home;
  }
}
