package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    name = "resolve",
    mixinStandardHelpOptions = true,
    description = "Says which release of a skill a version range means.")
final class ResolveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(index = "0", paramLabel = "TEAM/NAME", description = "The skill.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "RANGE",
      description = "Such as 1.x (default: any).")
  private String range = "*";

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr())
        .post(
            "/v1/resolve",
            Json.object().put("name", name).put("version_constraint", range),
            this::show);
  }

  private int show(JsonNode answer) {
    spec.commandLine()
        .getOut()
        .println(
            format.json()
                ? Json.pretty(answer)
                : answer.path("slug").asString("") + "@" + answer.path("version").asString(""));
    return ExitCode.DONE;
  }
}
