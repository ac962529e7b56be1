package dev.skillwarden.cli;

import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Delta;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.text.Json;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;

@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "What differs between two channels, tags or commits.")
final class CatalogDiffCommand extends CatalogVerb {
  @Parameters(index = "0", paramLabel = "A")
  private String a = "";

  @Parameters(index = "1", paramLabel = "B")
  private String b = "";

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    Delta delta = Delta.between(channels.catalog(a).catalog(), channels.catalog(b).catalog());
    if (format.json()) {
      ArrayNode array = Json.object().putArray("changes");
      delta.changes().forEach(c -> array.add(c.toString()));
      out().println(Json.pretty(array));
    } else {
      delta.changes().forEach(c -> out().println(c));
      err().println("%,d releases differ".formatted(delta.changes().size()));
    }
    return ExitCode.DONE;
  }
}
