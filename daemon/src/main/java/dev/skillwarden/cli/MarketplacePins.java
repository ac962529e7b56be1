package dev.skillwarden.cli;

import dev.skillwarden.claude.PluginMarketplace;
import dev.skillwarden.claude.PluginMarketplace.Pin;
import dev.skillwarden.claude.SkillPlugins;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which commit each plugin of a marketplace is taken from. A commit is named only when it holds
/// exactly the files of the plugin, and kept as long as it does, so that a build that changes
/// nothing changes no line.
final class MarketplacePins {
  private final Path top;
  private final Optional<String> url;

  /// @param top of the repository that serves the marketplace
  /// @param url to pin every plugin with; without one, what is pinned stays so while it is
  ///   unchanged
  MarketplacePins(Path top, Optional<String> url) {
    this.top = top;
    this.url = url;
  }

  /// @param list the marketplace file as it is, which may be missing
  /// @throws RegistryException when a plugin is to be pinned and no commit holds it
  Map<String, Pin> of(SkillPlugins plugins, Path list)
      throws IOException, InvalidTextException, RegistryException {
    SortedMap<String, Pin> before =
        Files.isRegularFile(list)
            ? PluginMarketplace.pins(Json.parse(list.toString(), Files.readAllBytes(list)))
            : new TreeMap<>();
    Optional<LocalGit> found = LocalGit.find(top);
    if (found.isEmpty()) {
      if (url.isPresent()) {
        throw new RegistryException(
            "%s is in no git repository, so there is no commit to pin".formatted(top));
      }
      return Map.of();
    }
    try (LocalGit git = found.get()) {
      return of(git, plugins, before);
    }
  }

  private Map<String, Pin> of(LocalGit git, SkillPlugins plugins, Map<String, Pin> before)
      throws IOException, RegistryException {
    Optional<String> head = git.resolve("HEAD");
    Map<String, Pin> pins = new TreeMap<>();
    for (Map.Entry<String, SortedMap<String, String>> plugin : plugins.teams().entrySet()) {
      String team = plugin.getKey();
      Optional<Pin> kept = Optional.ofNullable(before.get(team));
      if (kept.isPresent() && holds(git, kept.get().sha(), plugin)) {
        pins.put(team, new Pin(url.orElse(kept.get().url()), kept.get().sha()));
      } else if (url.isPresent()) {
        if (head.isEmpty() || !holds(git, head.get(), plugin)) {
          throw new RegistryException(
              "the commit at HEAD does not hold %s/%s as it is now; run this without --url at the top of that"
                      .formatted(PluginMarketplace.PLUGINS, team)
                  + " repository, commit, then run it again");
        }
        pins.put(team, new Pin(url.get(), head.get()));
      }
    }
    return pins;
  }

  private static boolean holds(
      LocalGit git, String commit, Map.Entry<String, SortedMap<String, String>> plugin)
      throws IOException {
    if (git.resolve(commit).isEmpty()) {
      return false;
    }
    String directory = "%s/%s/".formatted(PluginMarketplace.PLUGINS, plugin.getKey());
    Map<String, String> held = new TreeMap<>();
    for (GitStore.Blob blob : git.files(commit, directory, Integer.MAX_VALUE - 1)) {
      held.put(
          blob.path().substring(directory.length()),
          blob.regular() ? new String(blob.content(), StandardCharsets.UTF_8) : "");
    }
    return held.equals(plugin.getValue());
  }
}
