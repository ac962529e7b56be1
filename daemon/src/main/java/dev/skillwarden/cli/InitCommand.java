package dev.skillwarden.cli;

import dev.skillwarden.registry.Scaffold;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Lays out a skills repository. Overwrites nothing.",
      "A directory a team, the contract _schema.yaml, the organization, a CI job and CODEOWNERS."
    },
    footerHeading = "%nExample:%n",
    footer = {"  skillwarden init --team support --team platform --pre-commit"})
final class InitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;

  @Option(names = "--team", paramLabel = "TEAM", required = true, description = "Once a team.")
  private List<String> teams = List.of();

  @Option(
      names = "--ci",
      paramLabel = "github|gitlab|none",
      description = "Where pull requests are checked (default: ${DEFAULT-VALUE}).")
  private String ci = "github";

  @Option(
      names = "--pre-commit",
      description = "Also put a hook into this clone that lints before every commit.")
  private boolean preCommit;

  @Override
  public Integer call() throws IOException {
    try {
      Scaffold.Ci kind = dev.skillwarden.text.Fields.parseEnum(Scaffold.Ci.class, ci);
      new Scaffold(repository.top())
          .repository(teams, kind, preCommit)
          .forEach(spec.commandLine().getOut()::println);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    spec.commandLine()
        .getErr()
        .println("next: skillwarden new %s/my-first-skill".formatted(teams.getFirst()));
    return ExitCode.DONE;
  }
}
