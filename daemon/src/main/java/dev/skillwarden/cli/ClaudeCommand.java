package dev.skillwarden.cli;

import dev.skillwarden.claude.ClaudeSettings;
import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.RunFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "claude",
    mixinStandardHelpOptions = true,
    description = "Connects Claude Code.",
    subcommands = {
      ClaudeSettingsCommand.class,
      ClaudeVerifyCommand.class,
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
  static int port(Home home) throws IOException, InvalidTextException {
    Optional<RunFile> run = RunFile.read(home.pidFile()).filter(RunFile::alive);
    return run.isPresent()
        ? run.get().port()
        : DaemonConfig.from(ConfigLayers.read(home, System.getenv(), Map.of())).server().port();
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
      if (home.home().isSystem()) {
        spec.commandLine()
            .getErr()
            .println(
                "the machine's daemon brings its MCP server with managed settings: skillwarden"
                    + " claude settings --profile standard"
                    + home.again());
        return ExitCode.USAGE;
      }
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
