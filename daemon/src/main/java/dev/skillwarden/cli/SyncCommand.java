package dev.skillwarden.cli;

import dev.skillwarden.daemon.AlreadyRunningException;
import dev.skillwarden.daemon.HomeStore;
import dev.skillwarden.http.ControlClient;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "sync",
    description = "Looks at every source now and waits for the result.")
final class SyncCommand implements Callable<Integer> {
  private static final Duration PROGRESS = Duration.ofSeconds(2);

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Option(
      names = "--once",
      description =
          "Fetch into the home without a daemon, for images: leaves no journal and no keys.")
  private boolean once;

  @Override
  public Integer call() throws IOException {
    return once ? fetch() : ask();
  }

  private int fetch() throws IOException {
    try {
      SyncResult result = new HomeStore(home.home(), System.getenv()).fetch().result();
      if (result.ok() && result.commit().isEmpty()) {
        spec.commandLine()
            .getErr()
            .println("nothing to fetch: the configuration names no repository (sync.remote)");
        return ExitCode.USAGE;
      }
      return show(
          Json.object()
              .put("ok", result.ok())
              .put("code", result.code())
              .put("message", result.message())
              .put("commit", result.commit())
              .put("skills", result.skills())
              .put("findings", result.findings()));
    } catch (AlreadyRunningException e) {
      spec.commandLine().getErr().println(e.getMessage() + "; sync without --once asks it");
      return ExitCode.REFUSED;
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println("the configuration is refused:\n" + e.getMessage());
      return ExitCode.USAGE;
    }
  }

  private int ask() {
    Thread progress = Thread.ofVirtual().start(this::tellProgress);
    try {
      return new Remote(home, spec.commandLine().getErr())
          .post("/v1/admin/sync", Json.object(), this::show);
    } finally {
      progress.interrupt();
    }
  }

  /// Long downloads say how far they are, on the error stream.
  private void tellProgress() {
    ControlClient client = new ControlClient(home.home().controlSocket());
    String last = "";
    try {
      while (true) {
        Thread.sleep(PROGRESS);
        String now = client.get("/v1/status").body().path("sync_progress").asString("");
        if (!now.isEmpty() && !now.equals(last)) {
          spec.commandLine().getErr().println(now);
          last = now;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the sync is over
    } catch (ControlClient.ControlException e) {
      // the request itself tells what is wrong with the daemon
    }
  }

  private int show(JsonNode answer) {
    boolean ok = answer.path("ok").asBoolean(false);
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(answer));
    } else if (ok) {
      spec.commandLine()
          .getOut()
          .println(
              "serving %d skills of commit %s%s"
                  .formatted(
                      answer.path("skills").asInt(0),
                      answer.path("commit").asString(""),
                      answer.path("findings").asInt(0) == 0
                          ? ""
                          : "; %d findings, see the daemon's log"
                              .formatted(answer.path("findings").asInt(0))));
      if (!once) {
        tellVectors();
      }
    } else {
      spec.commandLine()
          .getErr()
          .println(
              "sync failed (%s): %s"
                  .formatted(
                      answer.path("code").asString(""), answer.path("message").asString("")));
    }
    return ok ? ExitCode.DONE : ExitCode.FAILURE;
  }

  /// New skills are found by their words before they are by meaning.
  private void tellVectors() {
    try {
      String now =
          new ControlClient(home.home().controlSocket())
              .get("/v1/status")
              .body()
              .path("search_progress")
              .asString("");
      if (!now.isEmpty()) {
        spec.commandLine().getErr().println("search goes by words until then: " + now);
      }
    } catch (ControlClient.ControlException e) {
      // the daemon answered a moment ago; what it does now is told by status
    }
  }
}
