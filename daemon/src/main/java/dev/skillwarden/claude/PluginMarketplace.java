package dev.skillwarden.claude;

import dev.skillwarden.text.Json;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A marketplace that a git repository serves: the plugins below [#PLUGINS], and the file that
/// lists them.
public final class PluginMarketplace {
  /// The list, from the top of the repository.
  public static final String FILE = ".claude-plugin/marketplace.json";

  /// Directory of the plugins.
  public static final String PLUGINS = "plugins";

  private PluginMarketplace() {}

  /// Where a client fetches a plugin, and nothing else than this.
  ///
  /// @param sha commit, 40 hex digits
  public record Pin(String url, String sha) {}

  /// Files of the plugins by their path below [#PLUGINS].
  public static Map<String, String> plugins(SkillPlugins plugins) {
    return plugins.files("", "/");
  }

  /// Every plugin as it is in the client's copy of the marketplace.
  static String relative(SkillPlugins plugins, String marketplace) {
    return list(plugins, marketplace, Map.of());
  }

  /// @param pins by team; a plugin without one comes with the marketplace itself
  public static String list(SkillPlugins plugins, String marketplace, Map<String, Pin> pins) {
    ObjectNode root = Json.object().put("name", marketplace);
    root.put("description", "Skills, made by Skillwarden.");
    root.putObject("owner").put("name", marketplace);
    ArrayNode list = root.putArray("plugins");
    for (String team : plugins.teams().keySet()) {
      ObjectNode entry = list.addObject().put("name", team);
      String path = PLUGINS + "/" + team;
      Pin pin = pins.get(team);
      if (pin == null) {
        entry.put("source", "./" + path);
      } else {
        entry
            .putObject("source")
            .put("source", "git-subdir")
            .put("url", pin.url())
            .put("path", path)
            .put("sha", pin.sha());
      }
      entry.put("description", SkillPlugins.description(team));
    }
    return SkillPlugins.text(root);
  }

  /// The pins of a list, by plugin; whatever else is in it is passed over.
  public static SortedMap<String, Pin> pins(JsonNode list) {
    SortedMap<String, Pin> pins = new TreeMap<>();
    for (JsonNode entry : list.path("plugins")) {
      JsonNode source = entry.path("source");
      String sha = source.path("sha").asString("");
      if (sha.matches("[0-9a-f]{40}")) {
        pins.put(entry.path("name").asString(""), new Pin(source.path("url").asString(""), sha));
      }
    }
    return pins;
  }
}
