package dev.skillwarden.cli;

import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    description = "Adds a release for every tag team/name@1.2.3 that the channel does not list.")
final class CatalogBuildCommand extends CatalogVerb {
  @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
  private String name = "latest";

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    Channel channel = channels.open(name);
    CatalogEdit.Built built = new CatalogEdit(git, channels).build(channel.catalog());
    built.notes().forEach(n -> err().println("left out: " + n));
    if (!built.moved().isEmpty()) {
      built.moved().forEach(m -> err().println(m));
      err().println("a release never changes: restore the tags, then build again");
      return ExitCode.REFUSED;
    }
    return commit(
        git,
        channels,
        channel,
        built.catalog(),
        new Action("build", "Catalog of " + name, trailers()));
  }
}
