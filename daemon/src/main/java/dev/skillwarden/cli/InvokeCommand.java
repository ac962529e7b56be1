package dev.skillwarden.cli;

import dev.skillwarden.gate.AgentText;
import dev.skillwarden.gate.Invocation;
import dev.skillwarden.http.SkillJson;
import dev.skillwarden.skill.InputSchema;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.VersionRange;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

  @Option(
      names = "--repo",
      paramLabel = "DIR",
      description = "Take the skill from this checkout instead of asking the daemon.")
  private Optional<Path> repo = Optional.empty();

  @Override
  public Integer call() throws IOException {
    ObjectNode request = Json.object().put("name", name).put("version_constraint", version);
    try {
      request.set("payload", Json.parse("--payload", payload));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    return repo.isPresent()
        ? local(repo.get(), request.path("payload"))
        : new Remote(home, spec.commandLine().getErr()).post("/v1/invoke", request, this::show);
  }

  /// As the daemon would answer an account that may use everything.
  private int local(Path top, JsonNode data) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    try {
      LocalCatalog local = LocalCatalog.read(top, Optional.empty());
      SkillId id = SkillId.parse(name);
      Optional<Skill> found = local.snapshot().highest(id, VersionRange.parse(version));
      if (found.isEmpty()) {
        err.println(
            "this checkout has no sound %s in %s; it has %s"
                .formatted(id, version, local.snapshot().versions(id)));
        local.tellErrors(err);
        return ExitCode.REFUSED;
      }
      Skill skill = found.get();
      List<InputSchema.Violation> wrong = skill.inputs().map(i -> i.check(data)).orElse(List.of());
      if (!wrong.isEmpty()) {
        wrong.forEach(w -> err.println("payload: " + w));
        return ExitCode.USAGE;
      }
      return show(
          SkillJson.invocation(
              new Invocation(
                  skill,
                  local.snapshot().dependencies(skill),
                  AgentText.payload(data),
                  skill.deprecated().map(d -> List.of("DEPRECATED: " + d.text())).orElse(List.of()),
                  "")));
    } catch (InvalidTextException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    }
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
