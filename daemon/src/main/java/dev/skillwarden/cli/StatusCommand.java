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
    name = "status",
    description = "Says whether the daemon runs, what it serves and what is wrong.")
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr()).get("/v1/status", this::show);
  }

  private int show(JsonNode answer) {
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(answer));
    } else {
      StringBuilder text = new StringBuilder();
      answer
          .properties()
          .forEach(e ->
              text.append(
                  "%-14s %s%n".formatted(e.getKey().replace('_', ' '), shown(e.getValue()))));
      spec.commandLine().getOut().print(text);
    }
    return answer.path("alarms").isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private static String shown(JsonNode value) {
    if (value.isArray()) {
      return value.isEmpty()
          ? "none"
          : String.join("; ", value.valueStream().map(v -> v.asString("")).toList());
    }
    return value.isObject() ? Json.write(value) : value.asString("");
  }
}
