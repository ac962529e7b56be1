package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Proves that Claude Code on this machine is held by its daemon: looks at the managed settings"
          + " and has one call denied and one passed, by the installed client, over https and"
          + " through the relay. A script plays the model; nothing leaves the machine.",
      "Root runs only a client that is root's, as nobody; a user runs his own.",
      "Exit code 0 when all is good, 1 when something is not."
    })
final class ClaudeVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Option(names = "--oneline", description = "One line, for device management.")
  private boolean oneline;

  @Option(
      names = "--monitor",
      description = {
        "The profile monitor is meant: hooks that fail open are as they should be.",
        "Without it, settings that close nothing are taken for monitor, and said to be."
      })
  private boolean monitor;

  @Option(
      names = "--daemon",
      description = "Only the daemon: before the managed settings are there.")
  private boolean daemonOnly;

  @Option(
      names = "--managed",
      paramLabel = "DIR",
      description = "Where the managed settings lie (default: the client's directory here).")
  private @Nullable Path managed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home place = home.home();
    String dist = System.getProperty("skillwarden.dist", "");
    if (dist.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "this program does not know where it is installed; start it with bin/skillwarden");
    }
    List<Finding> findings;
    try {
      findings =
          Verification.of(
              place,
              ClaudeCommand.machine(place, Path.of(dist), spec.commandLine()),
              new Verification.Scope(
                  daemonOnly,
                  monitor ? Optional.of(true) : Optional.empty(),
                  Optional.ofNullable(managed)));
    } catch (InvalidTextException e) {
      findings =
          List.of(
              Finding.bad(
                  FindingCode.CONFIG_INVALID,
                  String.valueOf(e.getMessage()),
                  "repair " + place.configFile()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (oneline) {
      out.println(Finding.oneLine(findings));
    } else if (format.json()) {
      out.println(Json.pretty(FindingsText.json(findings)));
    } else {
      FindingsText.print(findings, out);
    }
    return FindingsText.exitCode(findings);
  }
}
