package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "sync",
    description = "Fetches the pinned commit now and waits for the result.")
final class SyncCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr())
        .post("/v1/admin/sync", Json.object(), this::show);
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
}
