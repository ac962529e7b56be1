package dev.skillwarden.cli;

import dev.skillwarden.claude.PluginSeed;
import dev.skillwarden.claude.SkillPlugins;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "seed",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a directory for CLAUDE_CODE_PLUGIN_SEED_DIR and prints the settings it needs.",
      "Skills come from the daemon's home, else from --repo. Public ones are in it in full, the others"
          + " as stubs. Equal skills give equal bytes."
    })
final class ClaudeSeedCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private MarketplaceName name;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The seed: a new or empty directory, or one that this verb made.")
  private Path out = Path.of("");

  @Option(
      names = "--repo",
      paramLabel = "DIR",
      description = "Take the skills of this clone instead of the home's.")
  private Optional<Path> repo = Optional.empty();

  @Option(
      names = "--channel",
      paramLabel = "NAME",
      description = "Of the clone, what this channel lists (default: the files of the checkout).")
  private Optional<String> channel = Optional.empty();

  @Option(
      names = "--organization",
      paramLabel = "FILE",
      description =
          "With --repo: who may use what (default: policy/organization.yaml of the clone).")
  private Optional<Path> organization = Optional.empty();

  @Option(
      names = "--source",
      paramLabel = "URL",
      description =
          "Git URL recorded as the marketplace's origin, which strictKnownMarketplaces is compared"
              + " with; nothing is fetched.")
  private Optional<String> source = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (repo.isEmpty() && (channel.isPresent() || organization.isPresent())) {
      throw new ParameterException(
          spec.commandLine(),
          "--channel and --organization belong to --repo; the home has its own pin and organization");
    }
    String marketplace = name.name();
    Path target = out.toAbsolutePath().normalize();
    GeneratedDirectory directory = new GeneratedDirectory(target);
    Optional<String> objection = directory.objection();
    if (objection.isPresent()) {
      spec.commandLine().getErr().println(objection.get());
      return ExitCode.REFUSED;
    }
    try {
      SkillPlugins plugins = plugins();
      String origin = source.orElse("https://skillwarden.invalid/%s.git".formatted(marketplace));
      directory.replace(PluginSeed.files(plugins, marketplace, origin));
      spec.commandLine()
          .getOut()
          .println(Json.pretty(PluginSeed.settings(plugins, marketplace, target)));
      spec.commandLine()
          .getErr()
          .println(
              "%s in %s; put the settings above into managed settings, or into ~/.claude/settings.json"
                  .formatted(PublishedSkills.summary(plugins), target));
      return ExitCode.DONE;
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    } catch (RegistryException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.REFUSED;
    }
  }

  private SkillPlugins plugins() throws IOException, InvalidTextException, RegistryException {
    return repo.isPresent()
        ? PublishedSkills.ofRepository(
            repo.get().toAbsolutePath().normalize(),
            channel,
            organization,
            spec.commandLine().getErr())
        : PublishedSkills.ofHome(home.home(), spec.commandLine().getErr());
  }

  /// The `--name` option of verbs that make a marketplace.
  static final class MarketplaceName {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
        names = "--name",
        paramLabel = "NAME",
        defaultValue = "company-skills",
        description = "Of the marketplace, as in TEAM@NAME. Default: company-skills.")
    private String name = "company-skills";

    String name() {
      if (!SkillId.isPart(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "--name wants lower-case letters, digits and hyphens, found '%s'".formatted(name));
      }
      return name;
    }
  }
}
