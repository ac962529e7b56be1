package dev.skillwarden.cli;

import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// The `--repo` option of verbs that work on a skills repository.
final class RepositoryOption {
  @Option(
      names = "--repo",
      paramLabel = "DIR",
      description = "Top of the skills repository (default: the current directory).")
  private Path repo = Path.of("");

  Path top() {
    return repo.toAbsolutePath().normalize();
  }

  LocalGit git() throws IOException, RegistryException {
    return LocalGit.find(top())
        .orElseThrow(() ->
            new RegistryException("%s is in no git repository; give --repo DIR".formatted(top())));
  }
}
