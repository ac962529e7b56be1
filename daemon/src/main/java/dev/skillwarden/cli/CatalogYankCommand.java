package dev.skillwarden.cli;

import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.CatalogEdit.SkillTag;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "yank",
    mixinStandardHelpOptions = true,
    description = "Withdraws a release: ranges skip it, exact pins get VERSION_YANKED.")
final class CatalogYankCommand extends CatalogVerb {
  @Parameters(paramLabel = "TEAM/NAME@VERSION")
  private String release = "";

  @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
  private String name = "latest";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, shown to callers.")
  private Optional<String> reason = Optional.empty();

  @Option(names = "--undo", description = "Takes the withdrawal back.")
  private boolean undo;

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    SkillTag tag = SkillTag.of(release);
    if (undo == reason.filter(r -> !r.isBlank()).isPresent()) {
      throw new IllegalArgumentException("give --reason TEXT, or --undo");
    }
    Channel channel = channels.open(name);
    return commit(
        git,
        channels,
        channel,
        CatalogEdit.yank(channel.catalog(), tag, undo ? Optional.empty() : reason),
        new Action(
            undo ? "unyank" : "yank",
            "%s %s on %s".formatted(undo ? "Unyank" : "Yank", tag, name),
            trailers(
                "Skill",
                tag.skill().toString(),
                "From",
                tag.version().toString(),
                "Reason",
                reason.orElse(""))));
  }
}
