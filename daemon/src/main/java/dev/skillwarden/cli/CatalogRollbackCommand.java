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

@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Takes back a commit, or the newer releases of a major.",
      "Makes a new commit, so machines that follow the channel accept it."
    })
final class CatalogRollbackCommand extends CatalogVerb {
  @Option(names = "--channel", defaultValue = "stable", description = "Default: stable.")
  private String name = "stable";

  @Option(names = "--commit", paramLabel = "BAD", description = "Commit to take back.")
  private Optional<String> bad = Optional.empty();

  @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "Skill to roll back.")
  private Optional<String> skill = Optional.empty();

  @Option(names = "--to", paramLabel = "VERSION", description = "With --skill: newest to keep.")
  private Optional<String> to = Optional.empty();

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    if (bad.isPresent() == skill.isPresent() || skill.isPresent() != to.isPresent()) {
      throw new IllegalArgumentException("give --commit BAD, or --skill TEAM/NAME --to VERSION");
    }
    Channel channel = channels.open(name);
    if (skill.isPresent()) {
      SkillTag tag = SkillTag.of(skill.get() + "@" + to.orElse(""));
      return commit(
          git,
          channels,
          channel,
          CatalogEdit.rollBack(channel.catalog(), tag),
          new Action(
              "rollback",
              "Roll back %s to %s on %s".formatted(tag.skill(), tag.version(), name),
              trailers("Skill", tag.skill().toString(), "To", tag.version().toString())));
    }
    String commit =
        git.resolve(bad.orElse(""))
            .orElseThrow(() -> new RegistryException("there is no commit " + bad.orElse("")));
    if (channel.commit().isEmpty() || !git.isAncestor(commit, channel.commit().get())) {
      throw new RegistryException("%s is not in the history of %s".formatted(commit, name));
    }
    return commit(
        git,
        channels,
        channel,
        channels.without(channel.catalog(), commit),
        new Action(
            "rollback",
            "Roll back %s on %s".formatted(commit.substring(0, 12), name),
            trailers("From", commit)));
  }
}
