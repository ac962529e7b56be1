package dev.skillwarden.registry;

import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The index of a checkout for other tools: one entry a skill, in the order of names, without any
/// time, so that equal skills are equal bytes.
public final class IndexFile {
  private IndexFile() {}

  /// @param commit of the checkout, empty outside git
  public static String write(List<Skill> skills, String commit) {
    Map<SkillId, Skill> byId = new TreeMap<>();
    skills.forEach(s -> byId.put(s.id(), s));
    ArrayNode root = JsonNodeFactory.instance.arrayNode();
    byId.values().forEach(s -> root.add(entry(s, byId, commit)));
    return Json.pretty(root).replace("\r\n", "\n") + "\n";
  }

  private static ObjectNode entry(Skill skill, Map<SkillId, Skill> all, String commit) {
    ObjectNode node =
        Json.object()
            .put("name", skill.id().toString())
            .put("version", skill.version().toString())
            .put("description", skill.description());
    list(node, "tags", skill.tags());
    node.put("access_level", skill.accessLevel().text());
    list(node, "allowed_roles", skill.allowedRoles().stream().sorted().toList());
    list(node, "depends_on", skill.dependsOn().stream().map(Dependency::toString).toList());
    list(node, "owners", skill.owners());
    skill
        .deprecated()
        .ifPresent(
            d -> node.set("deprecated", d.json().put("archive_on", d.archiveOn().toString())));
    String embedded = skill.description() + " " + String.join(" ", skill.tags());
    node.put("body_hash", Sha256.of(skill.body()).substring(0, 12))
        .put("content_sha256", skill.sha256())
        .put("embed_sha256", Sha256.of(embedded))
        .put("path", skill.path());
    ArrayNode resolved = node.putArray("resolved_deps");
    for (Dependency dependency : skill.dependsOn()) {
      Skill target = all.get(dependency.skill());
      if (target != null && dependency.range().selects(target.version())) {
        resolved.add(target.release());
      }
    }
    node.putObject("source").put("commit", commit).put("path", skill.path());
    return node;
  }

  private static void list(ObjectNode node, String key, List<String> values) {
    ArrayNode array = node.putArray(key);
    values.forEach(array::add);
  }

  /// How many entries differ between two index files; entries of a file that is no index count all.
  public static int changed(JsonNode before, JsonNode after) {
    Map<String, JsonNode> old = new HashMap<>();
    before.forEach(n -> old.put(n.path("name").asString(""), n.path("content_sha256")));
    int changed = 0;
    for (JsonNode node : after) {
      JsonNode was = old.remove(node.path("name").asString(""));
      if (was == null || !was.equals(node.path("content_sha256"))) {
        changed++;
      }
    }
    return changed + old.size();
  }
}
