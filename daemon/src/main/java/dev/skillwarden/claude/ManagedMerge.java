package dev.skillwarden.claude;

import dev.skillwarden.claude.ManagedSettings.Documents;
import dev.skillwarden.claude.ManagedSettings.Profile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts an administrator's own managed settings together with ours. The client takes one source
/// only, so both must be in it. What would weaken a key of ours is refused by its name.
public final class ManagedMerge {
  /// Off switches of the policy as a whole, whatever the profile.
  private static final Set<String> REFUSED = Set.of("policyHelper", "disableAllHooks");

  private final String file;
  private final Profile profile;
  private final List<Problem> problems = new ArrayList<>();

  private ManagedMerge(String file, Profile profile) {
    this.file = file;
    this.profile = profile;
  }

  /// Adds the administrator's settings.
  ///
  /// @param documents ours; they are changed
  /// @param file name of the administrator's file, for messages
  /// @throws InvalidTextException with every conflict: key, value found, what to do
  public static void into(Documents documents, Profile profile, String file, JsonNode admin)
      throws InvalidTextException {
    ManagedMerge merge = new ManagedMerge(file, profile);
    if (!admin.isObject()) {
      merge.problem("the settings want a JSON object, found " + admin.getNodeType());
    }
    admin.properties().forEach(entry -> merge.top(documents, entry.getKey(), entry.getValue()));
    if (!merge.problems.isEmpty()) {
      throw new InvalidTextException(merge.problems);
    }
    if (profile != Profile.MONITOR) {
      updateByItself(documents.settings().path("extraKnownMarketplaces"));
    }
    if (profile == Profile.STRICT) {
      knowSources(documents.settings());
    }
  }

  private void top(Documents documents, String key, JsonNode value) {
    ObjectNode ours = documents.settings();
    if (REFUSED.contains(key)) {
      problem("'%s' would switch the policy off; take it out".formatted(key));
      return;
    }
    switch (key) {
      case "env" -> environment((ObjectNode) ours.path("env"), value);
      case "mcpServers" -> servers(documents, value);
      case "requiredMinimumVersion" -> version(ours, value);
      case "permissions" -> {
        if (profile != Profile.MONITOR
            && value.path("defaultMode").asString("").equals("bypassPermissions")) {
          problem("'permissions.defaultMode' cannot be bypassPermissions in this profile");
        } else {
          add(ours, key, value, key);
        }
      }
      default -> {
        if (ManagedSettings.COMMANDS.contains(key) && value.isString()) {
          ours.set(key, value.deepCopy()); // the company's own, which nobody else can change
        } else {
          add(ours, key, value, key);
        }
      }
    }
  }

  private void environment(ObjectNode ours, JsonNode theirs) {
    if (!theirs.isObject()) {
      problem("'env' wants an object");
      return;
    }
    for (Map.Entry<String, JsonNode> variable : theirs.properties()) {
      String name = variable.getKey();
      if (!variable.getValue().isString()) {
        problem("'env.%s' wants text, found %s".formatted(name, variable.getValue()));
      } else if (name.equalsIgnoreCase("NO_PROXY")) {
        // Clients read the one or the other spelling.
        ManagedSettings.NO_PROXY.forEach(
            n -> ours.put(n, joined(ours.path(n).asString(""), variable.getValue().stringValue())));
      } else if (name.equals("NODE_EXTRA_CA_CERTS")) {
        if (!variable.getValue().equals(ours.path(name))) {
          problem(
              "'env.NODE_EXTRA_CA_CERTS' is taken: name the company's authorities in"
                  + " server.extra-ca of skillwarden.yaml, and they are in %s"
                      .formatted(ours.path(name).asString("")));
        }
      } else {
        add(ours, name, variable.getValue(), "env." + name);
      }
    }
  }

  private static String joined(String ours, String theirs) {
    Set<String> hosts = new LinkedHashSet<>();
    Stream.of(ours, theirs)
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .map(String::strip)
        .filter(host -> !host.isEmpty())
        .forEach(hosts::add);
    return String.join(",", hosts);
  }

  private void servers(Documents documents, JsonNode value) {
    if (documents.mcp().isEmpty()) {
      problem(
          "'mcpServers' counts in managed-mcp.json only, which excludes all other servers: take it"
              + " out, or use the profile strict");
      return;
    }
    add(documents.mcp().get(), "mcpServers", value, "mcpServers");
  }

  private void version(ObjectNode ours, JsonNode value) {
    String key = "requiredMinimumVersion";
    String wanted = value.asString("");
    if (!wanted.matches("[0-9]{1,6}(\\.[0-9]{1,6}){2}")) {
      problem("'%s' wants a version such as 2.1.300, found %s".formatted(key, value));
    } else if (!ours.has(key) || ClientVersion.compare(wanted, ours.path(key).asString("")) > 0) {
      ours.put(key, wanted);
    }
  }

  /// Objects are put together, lists joined; a single value of ours stands.
  private void add(ObjectNode ours, String key, JsonNode theirs, String path) {
    JsonNode present = ours.get(key);
    if (present == null) {
      ours.set(key, theirs.deepCopy());
    } else if (present instanceof ObjectNode object && theirs.isObject()) {
      theirs
          .properties()
          .forEach(e -> add(object, e.getKey(), e.getValue(), path + "." + e.getKey()));
    } else if (present instanceof ArrayNode array && theirs.isArray()) {
      Set<JsonNode> known = new LinkedHashSet<>(array.valueStream().toList());
      theirs.valueStream().filter(known::add).forEach(array::add);
    } else if (!present.equals(theirs)) {
      problem(
          "'%s' is %s in the profile %s and cannot be %s; take it out"
              .formatted(path, present, profile.name().toLowerCase(java.util.Locale.ROOT), theirs));
    }
  }

  private static void updateByItself(JsonNode marketplaces) {
    for (JsonNode marketplace : marketplaces) {
      if (marketplace instanceof ObjectNode object && !object.has("autoUpdate")) {
        object.put("autoUpdate", true);
      }
    }
  }

  /// The administrator's marketplaces are the ones that may be used.
  private static void knowSources(ObjectNode settings) {
    ArrayNode known = (ArrayNode) settings.path("strictKnownMarketplaces");
    Set<JsonNode> present = new LinkedHashSet<>(known.valueStream().toList());
    for (JsonNode marketplace : settings.path("extraKnownMarketplaces")) {
      JsonNode source = marketplace.path("source");
      if (source.isObject() && present.add(source)) {
        known.add(source.deepCopy());
      }
    }
  }

  private void problem(String message) {
    problems.add(new Problem(file, 0, 0, message));
  }
}
