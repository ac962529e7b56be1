package dev.skillwarden.cli;

import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.lint.Linter;
import dev.skillwarden.lint.Output;
import dev.skillwarden.lint.Report;
import dev.skillwarden.registry.IndexFile;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Finding.Severity;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the skills of a checkout as JSON, for other tools.",
      "Lint goes first: with an error nothing is written. Equal skills give equal bytes."
    })
final class IndexCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the index goes (default: dist/skill-registry.json below the top).")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--verify",
      description = "Write nothing; exit code 1 when the file is not what would be written.")
  private boolean verify;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    Path top = repository.top();
    Report report;
    try {
      report = Linter.lint(new CheckoutReader(top).read(Optional.empty(), Optional.empty()));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    if (Output.fails(report, Severity.ERROR)) {
      spec.commandLine().getErr().print(new Output(report, took).text());
      spec.commandLine().getErr().println("nothing written: mend the errors first");
      return ExitCode.REFUSED;
    }
    if (report.skills() == 0) {
      spec.commandLine().getErr().println("no skills found below " + top);
      return ExitCode.USAGE;
    }
    List<Skill> skills =
        report.parsed().stream().map(ParsedSkill::skill).flatMap(Optional::stream).toList();
    String content = IndexFile.write(skills, head(top));
    Path file = out.orElse(top.resolve("dist/skill-registry.json"));
    String before = Files.isRegularFile(file) ? Files.readString(file) : "";
    if (verify) {
      boolean same = before.equals(content);
      spec.commandLine()
          .getOut()
          .println(
              same
                  ? file + " is up to date"
                  : "%s differs in %d entries or its form; write it again with: skillwarden index"
                      .formatted(file, changed(before, content)));
      return same ? ExitCode.DONE : ExitCode.REFUSED;
    }
    write(file, content);
    spec.commandLine()
        .getOut()
        .println(
            "indexed %,d skills (%,d changed) in %.2f s"
                .formatted(
                    skills.size(), changed(before, content), (System.nanoTime() - start) / 1e9));
    return ExitCode.DONE;
  }

  private static String head(Path top) throws IOException {
    Optional<LocalGit> git = LocalGit.find(top);
    if (git.isEmpty()) {
      return "";
    }
    try (LocalGit opened = git.get()) {
      return opened.resolve("HEAD").orElse("");
    }
  }

  private static int changed(String before, String after) throws IOException {
    try {
      JsonNode old =
          before.isBlank() ? JsonNodeFactory.instance.arrayNode() : Json.parse("index", before);
      return IndexFile.changed(old, Json.parse("index", after));
    } catch (InvalidTextException e) {
      throw new IOException("the file there is no index: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, content);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
