package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    mixinStandardHelpOptions = true,
    name = "appeal",
    description = "Reports a denial as a mistake; the security team sees it with the journal.")
final class AppealCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "ID", description = "The id that came with the denial.")
  private String id = "";

  @Option(
      names = "--text",
      paramLabel = "WHY",
      required = true,
      description = "Why it was wrong, at most 500 characters.")
  private String text = "";

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr())
        .post(
            "/v1/appeals",
            Json.object().put("id", id).put("text", text),
            answer -> {
              spec.commandLine()
                  .getOut()
                  .println(format.json() ? Json.pretty(answer) : "noted; thank you");
              return ExitCode.DONE;
            });
  }
}
