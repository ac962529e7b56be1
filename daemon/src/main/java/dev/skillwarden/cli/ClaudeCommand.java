package dev.skillwarden.cli;

import dev.skillwarden.claude.ClaudeSettings;
import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.RunFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "claude",
    mixinStandardHelpOptions = true,
    description = "Connects Claude Code.",
    subcommands = {
      ClaudeCommand.Settings.class,
      ClaudeCommand.Mcp.class,
      ClaudeSeedCommand.class,
      ClaudeMarketplaceCommand.class
    })
final class ClaudeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  /// The port of the running daemon, else of its configuration.
  private static int port(Home home) throws IOException, InvalidTextException {
    Optional<RunFile> run = RunFile.read(home.pidFile()).filter(RunFile::alive);
    return run.isPresent()
        ? run.get().port()
        : DaemonConfig.from(ConfigLayers.read(home, System.getenv(), Map.of())).server().port();
  }

  enum Mode {
    user
  }

  @Command(
      name = "settings",
      mixinStandardHelpOptions = true,
      description = "Prints settings that send Claude Code's hook events to the daemon.")
  static final class Settings implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Option(
        names = "--mode",
        paramLabel = "user",
        required = true,
        description = "user: for ~/.claude/settings.json, advisory.")
    private Mode mode = Mode.user;

    @Override
    public Integer call() throws IOException {
      PrintWriter err = spec.commandLine().getErr();
      String dist = System.getProperty("skillwarden.dist", "");
      if (dist.isEmpty()) {
        err.println(
            "this program does not know where it is installed; start it with bin/skillwarden");
        return ExitCode.USAGE;
      }
      try {
        spec.commandLine()
            .getOut()
            .println(Json.pretty(settings(port(home.home()), Path.of(dist), home.home().root())));
        err.println(
            "merge this into ~/.claude/settings.json, and add the MCP server with: skillwarden"
                + " claude mcp"
                + home.again());
        return ExitCode.DONE;
      } catch (InvalidTextException e) {
        err.println(e.getMessage());
        return ExitCode.USAGE;
      }
    }

    private ObjectNode settings(int port, Path dist, Path root) {
      return switch (mode) {
        case user -> ClaudeSettings.userMode(port, dist, root);
      };
    }
  }

  @Command(
      name = "mcp",
      mixinStandardHelpOptions = true,
      description = "Prints the MCP server entry: for a project's .mcp.json, or --mcp-config.")
  static final class Mcp implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private HomeOption home;

    @Override
    public Integer call() throws IOException {
      try {
        spec.commandLine().getOut().println(Json.pretty(ClaudeSettings.mcp(port(home.home()))));
        return ExitCode.DONE;
      } catch (InvalidTextException e) {
        spec.commandLine().getErr().println(e.getMessage());
        return ExitCode.USAGE;
      }
    }
  }
}
