package dev.skillwarden.cli;

import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.registry.Scaffold;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "new",
    mixinStandardHelpOptions = true,
    description = "Writes a skill to fill in.",
    footerHeading = "%nExample:%n",
    footer = {
      "  skillwarden new support/refund-resolver --owner support-leads \\",
      "    --description 'Decide whether a customer gets money back, and prepare the refund.'"
    })
final class NewCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;

  @Parameters(paramLabel = "TEAM/NAME")
  private String name = "";

  @Option(
      names = "--access-level",
      description = "public, team, role-restricted or sensitive (default: ${DEFAULT-VALUE}).")
  private String level = "team";

  @Option(names = "--description", description = "When to use it, in a sentence or two.")
  private String description = "";

  @Option(names = "--owner", description = "Who answers for it; once an owner.")
  private List<String> owners = List.of();

  @Override
  public Integer call() throws IOException {
    try {
      String path =
          new Scaffold(repository.top())
              .skill(
                  SkillId.parse(name),
                  dev.skillwarden.text.Fields.parseEnum(AccessLevel.class, level),
                  description,
                  owners);
      spec.commandLine().getOut().println("created " + path);
      spec.commandLine()
          .getErr()
          .print(
              """
              next: edit it, then try it with
                skillwarden lint
                skillwarden search --repo . WHAT AN AGENT WOULD ASK
              """);
      spec.commandLine().getErr().flush();
      return ExitCode.DONE;
    } catch (RegistryException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.REFUSED;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
