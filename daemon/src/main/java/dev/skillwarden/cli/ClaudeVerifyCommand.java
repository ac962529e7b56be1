package dev.skillwarden.cli;

import dev.skillwarden.claude.ClientVersion;
import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.ManagedCheck;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.http.HookProbe;
import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks that Claude Code on this machine is held by its daemon: the managed settings, the"
          + " client's version, and one call that must be denied and one that must pass, over https"
          + " and through the relay. The client itself is not run for these: its TLS may be stricter.",
      "Exit code 0 when all is good, 1 when something is not."
    })
final class ClaudeVerifyCommand implements Callable<Integer> {
  private static final Pattern VERSION = Pattern.compile("^([0-9]{1,6}(?:\\.[0-9]{1,6}){2})\\b");
  private static final boolean MAC = System.getProperty("os.name").startsWith("Mac");
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");
  private static final Path MAC_PREFERENCES =
      Path.of("/Library/Managed Preferences/com.anthropic.claudecode.plist");

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Option(names = "--oneline", description = "One line, for device management.")
  private boolean oneline;

  @Option(
      names = "--monitor",
      description = "The profile monitor is meant: hooks that fail open are as they should be.")
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
    if (!place.isSystem()) {
      throw new ParameterException(
          spec.commandLine(),
          "managed settings are for the machine's daemon, found the home %s; give --system, or --root DIR"
              .formatted(place));
    }
    String dist = System.getProperty("skillwarden.dist", "");
    if (dist.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "this program does not know where it is installed; start it with bin/skillwarden");
    }
    List<Finding> findings = new ArrayList<>();
    try {
      int port = ClaudeCommand.port(place);
      if (port == 0) {
        throw new ParameterException(
            spec.commandLine(),
            "server.port is 0, any free one; managed settings need a fixed port: set one in "
                + place.configFile());
      }
      ManagedSettings.Machine machine =
          new ManagedSettings.Machine(
              port, Path.of(dist), place.caBundle(), Optional.of(place.controlSocket()));
      if (!daemonOnly) {
        findings.addAll(ManagedCheck.of(directory(), machine, owners(), monitor));
        source(findings);
      }
      client(findings);
      port(machine, findings);
      relay(machine, findings);
    } catch (InvalidTextException e) {
      findings.add(
          new Finding(
              "CONFIG", false, String.valueOf(e.getMessage()), "repair " + place.configFile()));
    }
    print(findings);
    return findings.stream().allMatch(Finding::ok) ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private Path directory() {
    if (managed != null) {
      return managed;
    }
    return Path.of(
        MAC
            ? "/Library/Application Support/ClaudeCode"
            : WINDOWS ? "C:\\Program Files\\ClaudeCode" : "/etc/claude-code");
  }

  /// A directory that was named may be an image made by whoever runs this.
  private Set<Integer> owners() throws IOException {
    return managed != null && Files.exists(managed)
        ? Set.copyOf(List.of(0, FileOwner.of(managed).uid()))
        : Set.of(0);
  }

  /// The first source a client finds wins; others are not read.
  private static void source(List<Finding> findings) {
    if (MAC && Files.exists(MAC_PREFERENCES)) {
      findings.add(
          new Finding(
              "SOURCE",
              false,
              MAC_PREFERENCES + " wins over the files, which are not read",
              "deliver the settings there: skillwarden claude settings --delivery plist"));
      return;
    }
    findings.add(
        new Finding(
            "SOURCE",
            true,
            "files; settings that the vendor's server delivers would win over them, and cannot be"
                + " seen from here",
            ""));
  }

  private static void client(List<Finding> findings) throws IOException, InterruptedException {
    Optional<Path> found = installed();
    if (found.isEmpty()) {
      findings.add(new Finding("CLIENT", true, "no client on the path or at the usual places", ""));
      return;
    }
    Path client = found.get();
    if (runsAsRoot() && !belongsToRoot(client)) {
      findings.add(
          new Finding(
              "CLIENT",
              true,
              client
                  + " is not root's, so root does not run it to ask its version; ask as its user",
              ""));
      return;
    }
    String version = version(client);
    if (version.isEmpty()) {
      findings.add(
          new Finding("CLIENT", false, client + " does not say its version", "install it again"));
    } else if (ClientVersion.compare(version, ManagedSettings.MINIMUM_VERSION) < 0) {
      findings.add(
          new Finding(
              "CLIENT",
              false,
              "%s is version %s and ignores onFailure: hooks that fail let calls through"
                  .formatted(client, version),
              "install %s or newer".formatted(ManagedSettings.MINIMUM_VERSION)));
    } else {
      findings.add(new Finding("CLIENT", true, "%s is version %s".formatted(client, version), ""));
    }
  }

  private static Optional<Path> installed() {
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
        .findFirst();
  }

  private static boolean runsAsRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static boolean belongsToRoot(Path client) throws IOException {
    for (Path at = client.toRealPath(); at != null; at = at.getParent()) {
      FileOwner owner = FileOwner.of(at);
      if (owner.uid() != 0 || owner.isWritableByOthers()) {
        return false;
      }
    }
    return true;
  }

  /// Empty when it does not say within ten seconds.
  private static String version(Path client) throws IOException, InterruptedException {
    Path answer = Files.createTempFile("skillwarden-client", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(client.toString(), "--version");
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin");
      builder.environment().put("HOME", System.getProperty("user.home"));
      builder.redirectErrorStream(true).redirectOutput(answer.toFile());
      Process process = builder.start();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "";
      }
      Matcher matcher = VERSION.matcher(Files.readString(answer));
      return matcher.find() ? matcher.group(1) : "";
    } finally {
      Files.deleteIfExists(answer);
    }
  }

  private interface Ask {
    String of(String command) throws IOException, InterruptedException;
  }

  private static void port(ManagedSettings.Machine machine, List<Finding> findings)
      throws InterruptedException {
    HookProbe probe = new HookProbe(machine.port(), machine.caBundle());
    both("PORT", "over https on port " + machine.port(), probe::ask, findings);
  }

  private static void relay(ManagedSettings.Machine machine, List<Finding> findings)
      throws InterruptedException {
    Path relay = machine.program().resolve("hooks/skillwarden-relay");
    Path socket = machine.controlSocket().orElseThrow();
    both("RELAY", "through the relay", command -> relayed(relay, socket, command), findings);
  }

  private static String relayed(Path relay, Path socket, String command)
      throws IOException, InterruptedException {
    Path event = Files.createTempFile("skillwarden-event", ".json");
    try {
      Files.writeString(event, Json.write(HookProbe.event(command)));
      ProcessBuilder builder =
          new ProcessBuilder(
              relay.toString(), "--socket", socket.toString(), "--event", "PreToolUse");
      builder.environment().clear();
      builder.redirectInput(event.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
      Process process = builder.start();
      byte[] answer = process.getInputStream().readAllBytes();
      process.waitFor();
      JsonNode parsed =
          Json.parse("the relay's answer", new String(answer, StandardCharsets.UTF_8));
      String reason = parsed.at("/hookSpecificOutput/permissionDecisionReason").asString("");
      if (reason.startsWith("Blocked: the Skillwarden daemon")) {
        throw new IOException(reason);
      }
      return HookProbe.decision(parsed);
    } catch (InvalidTextException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      Files.deleteIfExists(event);
    }
  }

  /// A call that must be denied, and one that must pass.
  private static void both(String code, String way, Ask ask, List<Finding> findings)
      throws InterruptedException {
    try {
      String forbidden = ask.of(HookProbe.FORBIDDEN);
      String harmless = ask.of(HookProbe.HARMLESS);
      if (!forbidden.equals("deny")) {
        findings.add(
            new Finding(
                code + "_DENY",
                false,
                "%s a call that must be denied was answered with '%s'".formatted(way, forbidden),
                "look at the mode of policy.yaml: monitor denies nothing"));
      } else if (!harmless.isEmpty()) {
        findings.add(
            new Finding(
                code + "_PASS",
                false,
                "%s a harmless call was answered with '%s'".formatted(way, harmless),
                "skillwarden explain --last"));
      } else {
        findings.add(new Finding(code, true, way + " one call was denied and one passed", ""));
      }
    } catch (IOException e) {
      findings.add(
          new Finding(
              code + "_SILENT",
              false,
              "%s no answer that a client takes: %s".formatted(way, e),
              "skillwarden doctor; if another process holds the port, stop it"));
    }
  }

  private void print(List<Finding> findings) {
    PrintWriter out = spec.commandLine().getOut();
    List<Finding> bad = findings.stream().filter(f -> !f.ok()).toList();
    if (oneline) {
      out.println(
          bad.isEmpty()
              ? "healthy"
              : "unhealthy: " + bad.stream().map(Finding::code).collect(Collectors.joining(" ")));
      return;
    }
    if (format.json()) {
      ArrayNode array = Json.object().putArray("findings");
      findings.forEach(f ->
          array
              .addObject()
              .put("code", f.code())
              .put("ok", f.ok())
              .put("cause", f.cause())
              .put("next", f.next()));
      out.println(Json.pretty(Json.object().put("ok", bad.isEmpty()).set("findings", array)));
      return;
    }
    for (Finding finding : findings) {
      out.println(
          "%-4s %-24s %s".formatted(finding.ok() ? "ok" : "FAIL", finding.code(), finding.cause()));
      if (!finding.ok()) {
        out.println("     next: " + finding.next());
      }
    }
  }
}
