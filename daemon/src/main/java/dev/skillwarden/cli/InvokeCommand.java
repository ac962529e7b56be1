package dev.skillwarden.cli;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "invoke",
    description = "Prints a skill's instructions with those of its dependencies.")
final class InvokeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "TEAM/NAME", description = "The skill.")
  private String name = "";

  /// By hand: here --version is the skill's.
  @SuppressWarnings("UnusedVariable") // picocli reads it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  private boolean help;

  @Option(
      names = "--version",
      paramLabel = "RANGE",
      description = "Such as 1.x or ^1.2.3 (default: any, with a warning).")
  private String version = "*";

  @Option(
      names = "--payload",
      paramLabel = "JSON",
      description = "A JSON object handed to the skill.")
  private String payload = "{}";

  @Override
  public Integer call() {
    ObjectNode request = Json.object().put("name", name).put("version_constraint", version);
    try {
      request.set("payload", Json.parse("--payload", payload));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    return new Remote(home, spec.commandLine().getErr()).post("/v1/invoke", request, this::show);
  }

  private int show(JsonNode answer) {
    PrintWriter out = spec.commandLine().getOut();
    if (format.json()) {
      out.println(Json.pretty(answer));
      return ExitCode.DONE;
    }
    for (JsonNode warning : answer.path("warnings")) {
      spec.commandLine().getErr().println("warning: " + warning.asString(""));
    }
    for (JsonNode dependency : answer.path("dependencies")) {
      out.println(
          "<!-- "
              + dependency.path("name").asString("")
              + "@"
              + dependency.path("version").asString("")
              + " -->");
      out.println(dependency.path("body").asString(""));
    }
    out.println(
        "<!-- "
            + answer.path("name").asString("")
            + "@"
            + answer.path("version").asString("")
            + " -->");
    out.println(answer.path("body").asString(""));
    out.print(answer.path("payload").asString(""));
    return ExitCode.DONE;
  }
}
