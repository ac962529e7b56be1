package dev.skillwarden.cli;

import dev.skillwarden.registry.SkillImport;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Turns native skills, NAME/SKILL.md, into files of this layout.",
      "Looks anywhere below DIR and reports every change. Overwrites nothing; follows no link."
    })
final class ImportCommand implements Callable<Integer> {
  private static final int MAX_DEPTH = 12;

  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "DIR", description = "Where the native skills lie.")
  private Path from = Path.of("");

  @Option(names = "--team", required = true, description = "Team that gets them.")
  private String team = "";

  @Option(
      names = "--access-level",
      description = "public, team or sensitive (default: ${DEFAULT-VALUE}).")
  private String level = "team";

  @Option(names = "--owner", description = "Who answers for them; once an owner.")
  private List<String> owners = List.of();

  @Option(names = "--dry-run", description = "Write nothing, only report.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException {
    SkillImport convert;
    try {
      AccessLevel access = dev.skillwarden.text.Fields.parseEnum(AccessLevel.class, level);
      if (access == AccessLevel.ROLE_RESTRICTED) {
        throw new IllegalArgumentException(
            "--access-level role-restricted wants roles, which no native skill names");
      }
      convert = new SkillImport(team, access, owners);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    List<Path> files = find();
    if (files.isEmpty()) {
      spec.commandLine().getErr().println("no SKILL.md below " + from);
      return ExitCode.USAGE;
    }
    int imported = 0;
    ArrayNode array = Json.object().putArray("skills");
    for (Path file : files) {
      SkillImport.Imported result = one(convert, file);
      imported += result.id().isPresent() ? 1 : 0;
      show(array, file, result);
    }
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(array));
    }
    spec.commandLine()
        .getErr()
        .println(
            "%,d of %,d imported%s; check them with: skillwarden lint"
                .formatted(imported, files.size(), dryRun ? " (dry run)" : ""));
    return imported == files.size() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private List<Path> find() throws IOException {
    try (Stream<Path> walk = Files.walk(from, MAX_DEPTH)) {
      return walk.filter(p -> p.getFileName().toString().equals("SKILL.md"))
          .filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    }
  }

  private SkillImport.Imported one(SkillImport convert, Path file) throws IOException {
    Path parent = file.toAbsolutePath().normalize().getParent();
    String directory = parent == null ? "" : parent.getFileName().toString();
    if (Files.size(file) > SkillParser.MAX_FILE) {
      return new SkillImport.Imported(
          Optional.empty(), "", List.of("not imported: the file is over 256 KiB"));
    }
    SkillImport.Imported result = convert.convert(directory, Files.readAllBytes(file));
    if (result.id().isEmpty()) {
      return result;
    }
    Path target = repository.top().resolve(SkillParser.ROOT + result.id().get() + ".md");
    if (Files.exists(target)) {
      List<String> notes = new ArrayList<>(result.notes());
      notes.add("not imported: %s is there already".formatted(result.id().get()));
      return new SkillImport.Imported(Optional.empty(), "", notes);
    }
    if (!dryRun) {
      Files.createDirectories(target.getParent());
      Files.writeString(target, result.content());
    }
    return result;
  }

  private void show(ArrayNode array, Path file, SkillImport.Imported result) {
    String id = result.id().map(Object::toString).orElse("");
    if (format.json()) {
      ObjectNode node = array.addObject().put("file", file.toString()).put("name", id);
      ArrayNode notes = node.putArray("notes");
      result.notes().forEach(notes::add);
      return;
    }
    spec.commandLine()
        .getOut()
        .println(file + (id.isEmpty() ? "" : " -> " + SkillParser.ROOT + id + ".md"));
    result.notes().forEach(n -> spec.commandLine().getOut().println("  " + n));
  }
}
