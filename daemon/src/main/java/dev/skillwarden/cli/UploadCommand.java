package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "upload",
    description = "Says how far the journal was sent, and sends it now.",
    subcommands = {UploadCommand.Status.class, UploadCommand.Now.class})
final class UploadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /// Without a subcommand there is nothing to do.
  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say which: upload status or upload now");
  }

  /// `upload status`
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "How far the journal was sent, what proves it, and what is wrong.")
  static final class Status implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private FormatOption format;

    @Override
    public Integer call() {
      return new Remote(home, spec.commandLine().getErr())
          .get("/v1/status", answer -> show(answer.path("upload")));
    }

    private int show(JsonNode upload) {
      if (upload.isMissingNode()) {
        spec.commandLine()
            .getErr()
            .println("the journal is not sent anywhere; set upload.endpoint to change that");
        return ExitCode.UNDECIDED;
      }
      print(spec, format, upload);
      return upload.path("problem").asString("").isEmpty()
              && upload.path("dead_letters").asLong(0) == 0
          ? ExitCode.DONE
          : ExitCode.REFUSED;
    }
  }

  /// `upload now`
  @Command(
      name = "now",
      mixinStandardHelpOptions = true,
      description = "Sends what is unsent without waiting, and waits up to 30 s for the answer.")
  static final class Now implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private FormatOption format;

    @Override
    public Integer call() {
      return new Remote(home, spec.commandLine().getErr())
          .post(
              "/v1/admin/upload",
              Json.object(),
              answer -> {
                print(spec, format, answer);
                return answer.path("ok").asBoolean(false) ? ExitCode.DONE : ExitCode.FAILURE;
              });
    }
  }

  private static void print(CommandSpec spec, FormatOption format, JsonNode upload) {
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(upload));
      return;
    }
    StringBuilder text = new StringBuilder();
    upload
        .properties()
        .forEach(e ->
            text.append(
                "%-14s %s%n".formatted(e.getKey().replace('_', ' '), e.getValue().asString(""))));
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }
}
