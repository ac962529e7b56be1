package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.RunFile;
import dev.skillwarden.text.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "stop",
    description = "Stops the daemon after the requests it is serving.")
final class StopCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why; journaled, and sent before the daemon stops if it can be.")
  private String reason = "";

  @Override
  public Integer call() throws InterruptedException {
    Home place = home.home();
    Optional<ProcessHandle> process =
        RunFile.read(place.pidFile()).flatMap(run -> ProcessHandle.of(run.pid()));
    return new Remote(home, spec.commandLine().getErr())
        .post(
            "/v1/admin/stop",
            reason.isBlank() ? Json.object() : Json.object().put("reason", reason),
            answer -> {
              warn(answer);
              return await(process);
            });
  }

  /// It stops all the same.
  private void warn(JsonNode answer) {
    if (!answer.path("journaled").asBoolean(true)) {
      spec.commandLine().getErr().println("the reason could not be journaled; see the log");
    } else if (!answer.path("sent").asBoolean(true)) {
      spec.commandLine().getErr().println("the reason is journaled but not sent yet");
    }
  }

  private int await(Optional<ProcessHandle> process) {
    if (process.isPresent()) {
      try {
        process.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        spec.commandLine()
            .getErr()
            .println(
                "process %d still runs after %d s; it may be finishing a sync"
                    .formatted(process.get().pid(), PATIENCE.toSeconds()));
        return ExitCode.FAILURE;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 130;
      }
    }
    spec.commandLine().getOut().println("stopped");
    return ExitCode.DONE;
  }
}
