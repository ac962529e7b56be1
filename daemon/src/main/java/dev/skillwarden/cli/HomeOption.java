package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options of every verb that needs to find the daemon.
final class HomeOption {
  @ArgGroup private Where where = new Where();

  /// At most one of them.
  static final class Where {
    @Option(
        names = "--home",
        paramLabel = "DIR",
        description =
            "The daemon's home (default: SKILLWARDEN_HOME, else the system's daemon, else"
                + " ~/.local/share/skillwarden).")
    private @Nullable Path home;

    @Option(names = "--system", description = "The daemon of the whole machine.")
    private boolean system;

    @Option(
        names = "--root",
        paramLabel = "DIR",
        description = "The daemon of the whole machine, its places below DIR: an image.")
    private @Nullable Path root;
  }

  Home home() {
    if (where.system) {
      return Home.system(Path.of("/"));
    }
    return where.root != null
        ? Home.system(where.root)
        : Home.locate(Optional.ofNullable(where.home), System.getenv());
  }

  /// The option as arguments of another verb; empty when not given.
  List<String> arguments() {
    if (where.home != null) {
      return List.of("--home", where.home.toString());
    }
    if (where.root != null) {
      return List.of("--root", where.root.toString());
    }
    return where.system ? List.of("--system") : List.of();
  }

  /// The option as it would have to be typed again, with a leading blank; empty when not given.
  String again() {
    return arguments().stream().map(a -> " " + a).collect(Collectors.joining());
  }
}
