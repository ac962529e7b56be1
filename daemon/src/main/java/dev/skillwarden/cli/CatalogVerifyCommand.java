package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Compares a catalog with the repository.",
      "Every release with its commit, digest, frontmatter and tag, its dependencies with the",
      "channel, and the catalog with its own history. Exit code 1 on any difference."
    })
final class CatalogVerifyCommand extends CatalogVerb {
  @Option(
      names = "--ref",
      paramLabel = "REF",
      defaultValue = "latest",
      description = "Channel, tag or commit (default: latest).")
  private String ref = "latest";

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    CatalogFile.Parsed parsed = channels.catalog(ref);
    String commit = git.resolve(ref).orElseThrow();
    List<String> wrong = new ArrayList<>();
    parsed.findings().forEach(f -> wrong.add(f.at().message()));
    wrong.addAll(new CatalogEdit(git, channels).verify(parsed.catalog(), commit));
    long releases = parsed.catalog().entries().count();
    if (format.json()) {
      ObjectNode node =
          Json.object().put("commit", commit).put("releases", releases).put("ok", wrong.isEmpty());
      ArrayNode array = node.putArray("differences");
      wrong.forEach(array::add);
      out().println(Json.pretty(node));
    } else {
      wrong.forEach(w -> out().println(w));
      out().println("%s: %,d releases, %,d differences".formatted(ref, releases, wrong.size()));
    }
    return wrong.isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
  }
}
