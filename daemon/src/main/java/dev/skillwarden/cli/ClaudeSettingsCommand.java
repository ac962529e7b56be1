package dev.skillwarden.cli;

import dev.skillwarden.claude.ClaudeSettings;
import dev.skillwarden.claude.ManagedDelivery;
import dev.skillwarden.claude.ManagedMerge;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.PublicFile;
import dev.skillwarden.effect.SecretPaths;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "settings",
    mixinStandardHelpOptions = true,
    description = {
      "Makes settings that send Claude Code's hook events to the daemon: of a developer's own"
          + " (--mode user), or managed ones of a machine (--profile).",
      "Prints one file; several are written below --out."
    })
final class ClaudeSettingsCommand implements Callable<Integer> {
  enum Mode {
    user
  }

  enum Profile {
    monitor,
    standard,
    strict
  }

  enum Delivery {
    file,
    plist,
    registry,
    server
  }

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;

  @Option(
      names = "--mode",
      paramLabel = "user",
      description = "user: for ~/.claude/settings.json, advisory.")
  private @Nullable Mode mode;

  @Option(
      names = "--profile",
      paramLabel = "monitor|standard|strict",
      description = "Managed settings: how much they hold.")
  private @Nullable Profile profile;

  @Option(
      names = "--delivery",
      paramLabel = "file|plist|registry|server",
      description = "How managed settings reach the client (default: ${DEFAULT-VALUE}).")
  private Delivery delivery = Delivery.file;

  @Option(
      names = "--merge",
      paramLabel = "FILE",
      description = "Your own managed settings (JSON), to be in the same file.")
  private @Nullable Path merge;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write the files there, each in one step and readable for everybody.")
  private @Nullable Path out;

  @Option(
      names = "--old-clients",
      description =
          "For clients before "
              + ManagedSettings.MINIMUM_VERSION
              + ": decisions go through the relay.")
  private boolean oldClients;

  @Option(
      names = "--program",
      paramLabel = "DIR",
      description = "Where the program lies on the machines (default: where this one lies).")
  private @Nullable Path program;

  @Option(
      names = "--ca-bundle",
      paramLabel = "FILE",
      description = "Where the daemon's authorities lie on the machines (default: as here).")
  private @Nullable Path caBundle;

  @Option(
      names = "--control-socket",
      paramLabel = "FILE",
      description = "The daemon's control socket on the machines (default: as here).")
  private @Nullable Path controlSocket;

  @Override
  public Integer call() throws IOException {
    if ((mode == null) == (profile == null)) {
      throw new ParameterException(
          spec.commandLine(), "give either --mode user, or --profile monitor, standard or strict");
    }
    String dist = System.getProperty("skillwarden.dist", "");
    if (dist.isEmpty() && (program == null || mode != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "this program does not know where it is installed; start it with bin/skillwarden");
    }
    try {
      return profile == null
          ? user(Path.of(dist))
          : managed(profile, program == null ? Path.of(dist) : program);
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
  }

  private int user(Path dist) throws IOException, InvalidTextException {
    if (merge != null || out != null || oldClients) {
      throw new ParameterException(
          spec.commandLine(), "--merge, --out and --old-clients belong to --profile");
    }
    Home place = home.home();
    if (place.isSystem()) {
      throw new ParameterException(
          spec.commandLine(), "the machine's daemon wants managed settings: give --profile");
    }
    spec.commandLine()
        .getOut()
        .println(
            Json.pretty(ClaudeSettings.userMode(ClaudeCommand.port(place), dist, place.root())));
    spec.commandLine()
        .getErr()
        .println(
            "merge this into ~/.claude/settings.json, and add the MCP server with: skillwarden"
                + " claude mcp"
                + home.again());
    return ExitCode.DONE;
  }

  private int managed(Profile wanted, Path dist) throws IOException, InvalidTextException {
    if (oldClients && (wanted == Profile.monitor || delivery == Delivery.registry)) {
      throw new ParameterException(
          spec.commandLine(),
          wanted == Profile.monitor
              ? "--old-clients is not needed with monitor, which blocks nothing"
              : "--old-clients needs the relay, which does not run on Windows; update the clients");
    }
    ManagedSettings.Profile chosen =
        switch (wanted) {
          case monitor -> ManagedSettings.Profile.MONITOR;
          case standard -> ManagedSettings.Profile.STANDARD;
          case strict -> ManagedSettings.Profile.STRICT;
        };
    ManagedSettings.Documents documents =
        ManagedSettings.of(
            chosen,
            oldClients ? ManagedSettings.Client.OLD : ManagedSettings.Client.CURRENT,
            machine(dist),
            secrets());
    if (merge != null) {
      ManagedMerge.into(
          documents,
          chosen,
          merge.toString(),
          Json.parse(merge.toString(), Files.readAllBytes(merge)));
    }
    give(form().files(documents));
    return ExitCode.DONE;
  }

  private ManagedDelivery form() {
    return switch (delivery) {
      case file -> ManagedDelivery.FILE;
      case plist -> ManagedDelivery.PLIST;
      case registry -> ManagedDelivery.REGISTRY;
      case server -> ManagedDelivery.SERVER;
    };
  }

  private ManagedSettings.Machine machine(Path dist) throws IOException, InvalidTextException {
    ManagedSettings.Machine here = ClaudeCommand.machine(home.home(), dist, spec.commandLine());
    return new ManagedSettings.Machine(
        here.port(),
        here.program(),
        caBundle == null ? here.caBundle() : caBundle,
        delivery == Delivery.registry
            ? Optional.empty()
            : controlSocket == null ? here.controlSocket() : Optional.of(controlSocket));
  }

  /// Names of macOS and Windows are kept for their own deliveries: rules tell upper and lower case
  /// apart, and those paths are known in lower case only.
  private static List<String> secrets() {
    return SecretPaths.inHome().stream()
        .filter(path -> !path.startsWith("library/") && !path.startsWith("appdata/"))
        .toList();
  }

  private void give(Map<String, String> files) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (out != null) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        err.println("wrote " + PublicFile.write(out.resolve(file.getKey()), file.getValue()));
      }
    } else if (Set.copyOf(files.values()).size() == 1) {
      spec.commandLine().getOut().print(files.values().iterator().next());
    } else {
      throw new ParameterException(
          spec.commandLine(),
          "these are several files (%s); give --out DIR"
              .formatted(String.join(", ", files.keySet())));
    }
    advice(files.containsKey("managed-mcp.json")).forEach(err::println);
  }

  private Stream<String> advice(boolean exclusive) {
    String where =
        switch (delivery) {
          case file ->
              "place it as managed-settings.json and, for a client that cannot read that, once more"
                  + " as managed-settings.d/50-skillwarden.json in /etc/claude-code (Linux) or"
                  + " /Library/Application Support/ClaudeCode (macOS), owned by root, mode 0644";
          case plist ->
              "install the plist in the domain com.anthropic.claudecode, or the profile by device"
                  + " management; untested without macOS";
          case registry ->
              "import it on the machine; SessionStart and ConfigChange have no hook there, since"
                  + " the relay is a shell script; untested without Windows";
          case server ->
              "paste it into the console; it wins over every file, and clients with another"
                  + " ANTHROPIC_BASE_URL do not fetch it";
        };
    String mcp = "managed-mcp.json belongs into the client's directory on each machine";
    return exclusive && delivery != Delivery.file ? Stream.of(where, mcp) : Stream.of(where);
  }
}
