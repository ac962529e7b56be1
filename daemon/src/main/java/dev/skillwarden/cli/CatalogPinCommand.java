package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.CatalogEdit.SkillTag;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pin",
    mixinStandardHelpOptions = true,
    description = {
      "Makes one release the newest of its major on a channel.",
      "Adds it when it is missing, takes newer ones of the major off."
    })
final class CatalogPinCommand extends CatalogVerb {
  @Parameters(paramLabel = "TEAM/NAME@VERSION")
  private String release = "";

  @Option(names = "--channel", defaultValue = "stable", description = "Default: stable.")
  private String name = "stable";

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    SkillTag tag = SkillTag.of(release);
    Channel channel = channels.open(name);
    List<CatalogFile> others = new ArrayList<>();
    if (!name.equals("latest") && git.branch("latest").isPresent()) {
      others.add(channels.open("latest").catalog());
    }
    CatalogFile next = new CatalogEdit(git, channels).pin(channel.catalog(), tag, others);
    return commit(
        git,
        channels,
        channel,
        next,
        new Action(
            "pin",
            "Pin %s on %s".formatted(tag, name),
            trailers("Skill", tag.skill().toString(), "To", tag.version().toString())));
  }
}
