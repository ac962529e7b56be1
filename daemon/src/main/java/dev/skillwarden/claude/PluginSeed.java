package dev.skillwarden.claude;

import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// A directory for `CLAUDE_CODE_PLUGIN_SEED_DIR`: a marketplace with its plugins already in the
/// client's cache, read where it lies, without network.
public final class PluginSeed {
  /// The client's name for the version of a plugin that has none. Under any other name it would
  /// look for the plugin elsewhere and copy it into the user's own cache, where it would grow old.
  private static final String NO_VERSION = "unknown";

  /// The client wants a time; a real one would make equal seeds differ.
  private static final String UPDATED = "2000-01-01T00:00:00.000Z";

  private PluginSeed() {}

  /// @param marketplace its name for the client
  /// @param source git URL that is recorded as the marketplace's origin; nothing is fetched from
  ///   it, but `strictKnownMarketplaces` is compared with it
  /// @return contents by path
  public static Map<String, String> files(SkillPlugins plugins, String marketplace, String source) {
    Map<String, String> files =
        new TreeMap<>(plugins.files("cache/" + marketplace + "/", "/" + NO_VERSION + "/"));
    // Not read, but a plugin whose source is missing here is not loaded from the cache either.
    files.putAll(
        plugins.files(
            "marketplaces/%s/%s/".formatted(marketplace, PluginMarketplace.PLUGINS), "/"));
    files.put(
        "marketplaces/%s/%s".formatted(marketplace, PluginMarketplace.FILE),
        PluginMarketplace.relative(plugins, marketplace));
    ObjectNode known = Json.object();
    ObjectNode entry = known.putObject(marketplace);
    entry.putObject("source").put("source", "git").put("url", source);
    entry.put("installLocation", "marketplaces/" + marketplace).put("lastUpdated", UPDATED);
    files.put("known_marketplaces.json", SkillPlugins.text(known));
    return files;
  }

  /// What the client must be told, in managed settings or in an image's own.
  ///
  /// @param directory where the seed lies at run time
  public static ObjectNode settings(SkillPlugins plugins, String marketplace, Path directory) {
    ObjectNode root = Json.object();
    root.putObject("env")
        .put("CLAUDE_CODE_PLUGIN_SEED_DIR", directory.toString())
        .put("CLAUDE_CODE_SYNC_PLUGIN_INSTALL", "1");
    ObjectNode enabled = root.putObject("enabledPlugins");
    plugins.teams().keySet().forEach(team -> enabled.put(team + "@" + marketplace, true));
    return root;
  }
}
