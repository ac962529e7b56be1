package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogFile.Entry;
import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "resolve",
    mixinStandardHelpOptions = true,
    description = "Says which release team/name:RANGE means, with commit and digest.")
final class CatalogResolveCommand extends CatalogVerb {
  @Parameters(paramLabel = "TEAM/NAME:RANGE")
  private String wanted = "";

  @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
  private String name = "latest";

  @Option(names = "--include-archived", description = "Also releases of archived skills.")
  private boolean archived;

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    Dependency dependency =
        Dependency.parse(wanted.contains(":") ? wanted : wanted.replace('@', ':'));
    CatalogFile catalog = channels.catalog(name).catalog();
    boolean isArchived = catalog.archived().containsKey(dependency.skill());
    CatalogFile searched =
        isArchived && archived
            ? new CatalogFile(catalog.channel(), catalog.releases(), Map.of())
            : catalog;
    Optional<Entry> found = CatalogEdit.resolve(searched, dependency);
    if (found.isEmpty()) {
      err()
          .println(
              isArchived && !archived
                  ? dependency.skill() + " is archived; --include-archived finds it"
                  : "%s stands for nothing on %s; listed: %s"
                      .formatted(
                          dependency,
                          name,
                          catalog.of(dependency.skill()).stream()
                              .map(e -> e.version() + (e.yanked().isPresent() ? " (yanked)" : ""))
                              .toList()));
      return ExitCode.REFUSED;
    }
    Entry entry = found.get();
    out()
        .println(
            format.json()
                ? Json.pretty(CatalogFile.json(entry).put("name", entry.skill().toString()))
                : "%s  commit %s  sha256 %s"
                    .formatted(entry.tag(), entry.commit(), entry.sha256()));
    entry.deprecated().ifPresent(d -> err().println("warning: " + d.text()));
    return ExitCode.DONE;
  }
}
