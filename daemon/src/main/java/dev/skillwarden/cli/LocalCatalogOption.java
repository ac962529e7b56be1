package dev.skillwarden.cli;

import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The catalog of a checkout, and who is in which team there.
final class LocalCatalogOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin private RepositoryOption repository;

  @Option(
      names = "--organization",
      paramLabel = "FILE",
      description = "Default: policy/organization.yaml of the repository.")
  private Optional<Path> organization = Optional.empty();

  /// @return empty when the organization file is refused, which is told; a usage error
  Optional<LocalCatalog> read() throws IOException {
    try {
      return Optional.of(LocalCatalog.read(repository.top(), organization));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return Optional.empty();
    }
  }
}
