package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "elevate",
    description =
        "Grants an account the use of sensitive skills for a while. For root or the service"
            + " account.")
final class ElevateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "ACCOUNT", description = "Login name.")
  private String account = "";

  @ArgGroup(multiplicity = "1")
  private Scope scope = new Scope();

  static final class Scope {
    @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "For one skill.")
    private @Nullable String skill;

    @Option(
        names = "--team",
        paramLabel = "TEAM",
        description = "For all sensitive skills of a team.")
    private @Nullable String team;
  }

  @Option(
      names = "--reason",
      paramLabel = "WHY",
      required = true,
      description = "Why, kept in the journal.")
  private String reason = "";

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "For how long, at most a day (default: ${DEFAULT-VALUE}).")
  private int minutes = 60;

  @Override
  public Integer call() {
    ObjectNode request =
        Json.object().put("account", account).put("reason", reason).put("minutes", minutes);
    if (scope.skill != null) {
      request.put("skill", scope.skill);
    }
    if (scope.team != null) {
      request.put("team", scope.team);
    }
    return new Remote(home, spec.commandLine().getErr())
        .post(
            "/v1/admin/elevations",
            request,
            answer -> {
              spec.commandLine()
                  .getOut()
                  .println(
                      format.json()
                          ? Json.pretty(answer)
                          : "granted %s until %s"
                              .formatted(
                                  answer.path("id").asString(""),
                                  answer.path("expires").asString("")));
              return ExitCode.DONE;
            });
  }
}
