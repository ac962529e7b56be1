package dev.skillwarden.cli;

import dev.skillwarden.registry.CodeOwners;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "codeowners",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the owners of all skills into CODEOWNERS.",
      "Between two marks; the rest of the file stays. That makes a review by a skill's owners",
      "binding on the git host."
    })
final class CodeOwnersCommand implements Callable<Integer> {
  private static final List<String> PLACES =
      List.of(".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS");

  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;

  @Option(
      names = "--check",
      description = "Write nothing; exit code 1 when the file is not up to date.")
  private boolean check;

  @Option(
      names = "--org",
      paramLabel = "ORG",
      description = "Writes the owner leads as @ORG/leads (default: @leads).")
  private Optional<String> organization = Optional.empty();

  @Option(
      names = "--platform",
      paramLabel = "OWNER",
      description = "Who reviews the schema, the policy and the CI job.")
  private Optional<String> platform = Optional.empty();

  @Option(names = "--out", paramLabel = "FILE", description = "Default: the CODEOWNERS there is.")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Path top = repository.top();
    List<Skill> skills =
        dev.skillwarden.lint.CheckoutReader.files(top, ".claude/skills", SkillParser.MAX_FILE)
            .stream()
            .filter((SkillFile f) -> SkillParser.isSkillPath(f.path()))
            .map(SkillParser::parse)
            .map(ParsedSkill::skill)
            .flatMap(Optional::stream)
            .toList();
    Path file =
        out.orElseGet(() ->
            PLACES.stream()
                .map(top::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(top.resolve(PLACES.getFirst())));
    String before = Files.isRegularFile(file) ? Files.readString(file) : "";
    String after = CodeOwners.merge(before, new CodeOwners(organization, platform).block(skills));
    if (before.equals(after)) {
      spec.commandLine().getOut().println(file + " is up to date");
      return ExitCode.DONE;
    }
    if (check) {
      spec.commandLine()
          .getErr()
          .println(file + " is not up to date; write it with: skillwarden codeowners");
      return ExitCode.REFUSED;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, after);
    spec.commandLine().getOut().println("wrote " + file);
    return ExitCode.DONE;
  }
}
