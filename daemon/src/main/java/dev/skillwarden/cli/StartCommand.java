package dev.skillwarden.cli;

import dev.skillwarden.daemon.AlreadyRunningException;
import dev.skillwarden.daemon.ConfigKey;
import dev.skillwarden.daemon.Daemon;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.RunFile;
import dev.skillwarden.http.ControlClient;
import dev.skillwarden.text.InvalidTextException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description =
        "Starts the daemon and returns when it decides; or runs it here with --foreground.")
final class StartCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;

  @Option(
      names = "--foreground",
      description = "Run here until interrupted, logging to standard error.")
  private boolean foreground;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Loopback port instead of server.port, 0 for any free one.")
  private @Nullable Integer port;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return foreground ? runHere() : startApart();
  }

  private int runHere() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Map<ConfigKey, String> flags = new EnumMap<>(ConfigKey.class);
    if (port != null) {
      flags.put(ConfigKey.SERVER_PORT, port.toString());
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    Daemon daemon;
    try {
      daemon =
          Daemon.start(
              home.home(), System.getenv(), flags, InstantSource.system(), stop::countDown);
    } catch (AlreadyRunningException e) {
      err.println(e.getMessage());
      return ExitCode.REFUSED;
    } catch (InvalidTextException e) {
      err.println("the configuration is refused:\n" + e.getMessage());
      return ExitCode.USAGE;
    } catch (IOException e) {
      err.println("cannot start: " + e.getMessage());
      return ExitCode.FAILURE;
    }
    Thread onSignal =
        Thread.ofPlatform()
            .unstarted(() -> {
              stop.countDown();
              try {
                if (!closed.await(20, TimeUnit.SECONDS)) {
                  System.err.println("stopping took over 20 s, ending now");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(onSignal);
    stop.await();
    Thread.sleep(Duration.ofMillis(100)); // lets the answer to `stop` leave
    daemon.close();
    closed.countDown();
    return ExitCode.DONE;
  }

  private int startApart() throws IOException, InterruptedException {
    Home place = home.home();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (answers(place)) {
      out.println("already running" + who(place));
      return ExitCode.DONE;
    }
    String dist = System.getProperty("skillwarden.dist", "");
    if (dist.isEmpty()) {
      err.println(
          "this program does not know where it is installed; start it with bin/skillwarden, or use"
              + " --foreground");
      return ExitCode.USAGE;
    }
    if (place.isSystem()) {
      err.println(
          "the machine's daemon is started by its service manager: systemctl start skillwarden; or"
              + " run it here with --foreground, as the account skillwarden");
      return ExitCode.USAGE;
    }
    place.create();
    Process process = spawn(place, Path.of(dist));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      if (answers(place)) {
        out.println("running" + who(place));
        return ExitCode.DONE;
      }
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        err.println("the daemon did not start (exit code %d):".formatted(process.exitValue()));
        err.println(tail(place.log()));
        return ExitCode.FAILURE;
      }
    }
    err.println(
        "the daemon does not answer after %d s; its log: %s"
            .formatted(PATIENCE.toSeconds(), place.log()));
    return ExitCode.FAILURE;
  }

  /// A process of its own session, so that closing the terminal does not end it.
  private Process spawn(Home place, Path dist) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.addAll(
        List.of(
            dist.resolve("bin/skillwarden").toString(),
            "start",
            "--foreground",
            "--home",
            place.toString()));
    if (port != null) {
      command.addAll(List.of("--port", port.toString()));
    }
    File log = place.log().toFile();
    return new ProcessBuilder(command)
        .directory(place.root().toFile())
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .redirectError(ProcessBuilder.Redirect.appendTo(log))
        .start();
  }

  private static boolean answers(Home place) {
    try {
      return new ControlClient(place.controlSocket()).get("/health/live").status() == 200;
    } catch (ControlClient.ControlException e) {
      return false; // not there yet, which is what is asked here
    }
  }

  private static String who(Home place) {
    Optional<RunFile> run = RunFile.read(place.pidFile());
    return run.map(r -> ": process %d, port %d, home %s".formatted(r.pid(), r.port(), place))
        .orElse(" in " + place);
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
  }
}
