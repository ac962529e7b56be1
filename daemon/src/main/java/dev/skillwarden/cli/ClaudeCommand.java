package dev.skillwarden.cli;

import dev.skillwarden.claude.ClaudeSettings;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.RunFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
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

  /// The machine as managed settings name it: its daemon has a fixed port.
  ///
  /// @throws ParameterException when it is no daemon of a machine, or has no fixed port
  static ManagedSettings.Machine machine(Home home, Path program, CommandLine line)
      throws IOException, InvalidTextException {
    if (!home.isSystem()) {
      throw new ParameterException(
          line,
          "managed settings are for the machine's daemon, found the home %s; give --system, or --root DIR"
              .formatted(home));
    }
    int port = port(home);
    if (port == 0) {
      throw new ParameterException(
          line,
          "server.port is 0, any free one; managed settings need a fixed port: set one in "
              + home.configFile());
    }
    return home.machine(port, program);
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
