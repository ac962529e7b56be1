package dev.skillwarden.cli;

import dev.skillwarden.claude.PluginMarketplace;
import dev.skillwarden.claude.PluginMarketplace.Pin;
import dev.skillwarden.claude.SkillPlugins;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "marketplace",
    mixinStandardHelpOptions = true,
    description = "Skills as a plugin marketplace in a git repository.",
    subcommands = ClaudeMarketplaceCommand.Build.class)
final class ClaudeMarketplaceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = {
        "Writes plugins/TEAM and .claude-plugin/marketplace.json, to be committed.",
        "Run it, commit, run it again with --url: each plugin is then pinned to the commit that holds"
            + " it, and stays so until it changes."
      })
  static final class Build implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private RepositoryOption repository;
    @Mixin private ClaudeSeedCommand.MarketplaceName name;

    @Option(
        names = "--channel",
        paramLabel = "NAME",
        description = "What this channel lists (default: the files of the checkout).")
    private Optional<String> channel = Optional.empty();

    @Option(
        names = "--organization",
        paramLabel = "FILE",
        description = "Who may use what (default: policy/organization.yaml of the repository).")
    private Optional<Path> organization = Optional.empty();

    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "Top of the repository that serves it (default: the skills repository).")
    private Optional<Path> out = Optional.empty();

    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "Where clients fetch that repository; pins every plugin.")
    private Optional<String> url = Optional.empty();

    @Override
    public Integer call() throws IOException {
      String marketplace = name.name();
      Path top = out.map(o -> o.toAbsolutePath().normalize()).orElseGet(repository::top);
      Path list = top.resolve(PluginMarketplace.FILE);
      GeneratedDirectory directory = new GeneratedDirectory(top.resolve(PluginMarketplace.PLUGINS));
      try {
        Optional<String> objection = objection(directory, list);
        if (objection.isPresent()) {
          throw new RegistryException(objection.get());
        }
        SkillPlugins plugins =
            PublishedSkills.ofRepository(
                repository.top(), channel, organization, spec.commandLine().getErr());
        Map<String, Pin> pins = new MarketplacePins(top, url).of(plugins, list);
        directory.replace(PluginMarketplace.plugins(plugins));
        write(list, PluginMarketplace.list(plugins, marketplace, pins));
        spec.commandLine()
            .getOut()
            .println(
                "%s in %s, %d pinned"
                    .formatted(PublishedSkills.summary(plugins), top, pins.size()));
        return ExitCode.DONE;
      } catch (InvalidTextException e) {
        spec.commandLine().getErr().println(e.getMessage());
        return ExitCode.USAGE;
      } catch (RegistryException e) {
        spec.commandLine().getErr().println(e.getMessage());
        return ExitCode.REFUSED;
      }
    }

    /// A list that somebody else keeps is not overwritten: it belongs to these plugins only when
    /// they were made here too.
    private static Optional<String> objection(GeneratedDirectory plugins, Path list)
        throws IOException {
      Optional<String> own = plugins.objection();
      return own.isEmpty() && Files.exists(list) && !plugins.isMade()
          ? Optional.of(
              "%s was not made by this command; give another --out or move it away".formatted(list))
          : own;
    }

    private static void write(Path list, String content) throws IOException {
      Files.createDirectories(list.getParent());
      Path fresh = list.resolveSibling(list.getFileName() + ".new");
      Files.writeString(fresh, content);
      Files.move(fresh, list, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
