package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the skills you may use.")
final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr()).get("/v1/skills", this::show);
  }

  private int show(JsonNode answer) {
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(answer));
      return ExitCode.DONE;
    }
    Table table = new Table("SKILL", "VERSION", "ACCESS", "DESCRIPTION");
    for (JsonNode skill : answer.path("skills")) {
      String description = skill.path("description").asString("");
      table.row(
          skill.path("slug").asString(""),
          skill.path("version").asString(""),
          skill.path("access_level").asString(""),
          description.length() <= 72 ? description : description.substring(0, 71) + "…");
    }
    spec.commandLine().getOut().print(table);
    return ExitCode.DONE;
  }
}
