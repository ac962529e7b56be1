package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.claude.SkillPlugins;
import dev.skillwarden.daemon.AlreadyRunningException;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.HomeStore;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The skills that plugins are made of: of a repository, or of a daemon's home.
final class PublishedSkills {
  private PublishedSkills() {}

  /// Of a checkout, or of what its clone knows of a channel.
  ///
  /// @param organization file to read instead of the repository's own
  /// @throws RegistryException when there is nothing to publish, or part of it is missing
  static SkillPlugins ofRepository(
      Path top, Optional<String> channel, Optional<Path> organization, PrintWriter err)
      throws IOException, InvalidTextException, RegistryException {
    LocalCatalog checkout = LocalCatalog.read(top, organization);
    CatalogSnapshot snapshot =
        channel.isEmpty() ? checkout.snapshot() : channel(top, channel.get());
    return plugins(snapshot, checkout.members(), err);
  }

  /// Of what a daemon's store holds.
  ///
  /// @throws RegistryException when the store does not hold what the configuration names
  static SkillPlugins ofHome(Home home, PrintWriter err)
      throws IOException, InvalidTextException, RegistryException {
    HomeStore.Held held;
    try {
      held = new HomeStore(home, System.getenv()).held();
    } catch (AlreadyRunningException e) {
      throw new RegistryException("%s; stop it for this, or give --repo".formatted(e.getMessage()));
    }
    if (!held.result().ok()) {
      throw new RegistryException(
          "the store cannot be read (%s): %s"
              .formatted(held.result().code(), held.result().message()));
    }
    if (held.snapshot().commit().isEmpty()) {
      throw new RegistryException(
          "the home %s holds no skills; fetch them with `skillwarden sync --once`, or give --repo"
              .formatted(home));
    }
    return plugins(held.snapshot(), held.organization(), err);
  }

  private static CatalogSnapshot channel(Path top, String name)
      throws IOException, RegistryException {
    try (LocalGit git =
        LocalGit.find(top)
            .orElseThrow(() ->
                new RegistryException(
                    "%s is in no git repository; give --repo DIR".formatted(top)))) {
      CatalogFile.Parsed catalog = new Channels(git).catalog(name);
      return CatalogBuilder.releases(
          git.resolve(name).orElseThrow(),
          catalog,
          entry -> file(git, entry),
          CatalogSnapshot.EMPTY);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Optional<SkillFile> file(LocalGit git, CatalogFile.Entry entry) {
    try {
      if (git.resolve(entry.commit()).isEmpty()) {
        return Optional.empty();
      }
      Optional<GitStore.Blob> blob = git.file(entry.commit(), entry.path(), SkillParser.MAX_FILE);
      return blob.map(b -> new SkillFile(b.path(), b.regular(), b.content()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is bad is left out, as a daemon leaves it out; what is missing would make a smaller tree
  /// look like the whole one.
  private static SkillPlugins plugins(
      CatalogSnapshot snapshot, Organization organization, PrintWriter err)
      throws RegistryException {
    List<Finding> errors = snapshot.findings().stream().filter(Finding::isError).toList();
    errors.forEach(f -> err.println("left out: " + f.at()));
    if (errors.stream().map(Finding::rule).anyMatch(SkillRule.RELEASE_MISSING::equals)) {
      throw new RegistryException(
          "nothing written: releases of the catalog are missing here; fetch all tags and commits first");
    }
    SkillPlugins plugins = SkillPlugins.of(snapshot, organization);
    if (plugins.teams().isEmpty()) {
      throw new RegistryException("nothing written: there are no skills");
    }
    return plugins;
  }

  /// One line about what is in the plugins.
  static String summary(SkillPlugins plugins) {
    return "%d plugins: %d skills in full, %d as stubs"
        .formatted(plugins.teams().size(), plugins.full(), plugins.stubs());
  }
}
