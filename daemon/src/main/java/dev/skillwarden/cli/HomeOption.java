package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import java.nio.file.Path;
import java.util.Optional;
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

  /// The option as it would have to be typed again, with a leading blank; empty when not given.
  String again() {
    if (where.home != null) {
      return " --home " + where.home;
    }
    return where.root != null ? " --root " + where.root : where.system ? " --system" : "";
  }
}
