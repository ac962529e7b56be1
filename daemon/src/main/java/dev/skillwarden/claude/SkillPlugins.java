package dev.skillwarden.claude;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.gate.Invocation;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.AccessPolicy;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.text.Json;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// The skills of a catalog as plugins of Claude Code, one a team. Anybody can read the files of a
/// plugin: what a caller nobody knows may use is in them in full, of everything else there is a
/// stub without description or instructions, which names the tool that checks access.
///
/// Equal skills give equal files: no version, no commit and no time is in them. Without a version
/// the client takes each change as it comes; with one it would keep what it has until somebody
/// raises it.
///
/// @param teams files of each team's plugin, by path within it
/// @param full how many skills are there in full
/// @param stubs how many are not
public record SkillPlugins(
    SortedMap<String, SortedMap<String, String>> teams, int full, int stubs) {
  /// Where the client looks for the description of a plugin.
  static final String MANIFEST = ".claude-plugin/plugin.json";

  public SkillPlugins {
    SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
    teams.forEach(
        (team, files) -> copy.put(team, Collections.unmodifiableSortedMap(new TreeMap<>(files))));
    teams = Collections.unmodifiableSortedMap(copy);
  }

  /// @param organization may make a skill stricter than its file says
  public static SkillPlugins of(CatalogSnapshot snapshot, Organization organization) {
    SortedMap<String, SortedMap<String, String>> teams = new TreeMap<>();
    int full = 0;
    for (Skill skill : snapshot.skills()) {
      SortedMap<String, String> files =
          teams.computeIfAbsent(skill.id().team(), SkillPlugins::manifest);
      boolean open = isPublic(skill, snapshot, organization);
      Optional<String> text = open ? instructions(skill, snapshot) : Optional.empty();
      full += text.isPresent() ? 1 : 0;
      files.put(
          "skills/%s/SKILL.md".formatted(skill.id().name()),
          file(
              skill.id().name(),
              open ? skill.description() : closedDescription(skill),
              text.orElseGet(() -> stub(skill))));
    }
    return new SkillPlugins(teams, full, snapshot.skills().size() - full);
  }

  /// Open with everything it needs to a caller without name, team and role; to such a caller no
  /// grant applies, so the instant does not matter.
  private static boolean isPublic(
      Skill skill, CatalogSnapshot snapshot, Organization organization) {
    return AccessPolicy.permits(Caller.UNKNOWN, skill, snapshot, organization, Instant.EPOCH);
  }

  private static SortedMap<String, String> manifest(String team) {
    SortedMap<String, String> files = new TreeMap<>();
    files.put(
        MANIFEST, text(Json.object().put("name", team).put("description", description(team))));
    return files;
  }

  static String description(String team) {
    return "Skills of team %s, made by Skillwarden.".formatted(team);
  }

  static String text(tools.jackson.databind.JsonNode node) {
    return Json.pretty(node).replace("\r\n", "\n") + "\n";
  }

  /// As an invocation gives them; empty when the client would change them.
  private static Optional<String> instructions(Skill skill, CatalogSnapshot snapshot) {
    List<String> warnings =
        skill.deprecated().map(d -> "DEPRECATED: " + d.text()).stream().toList();
    return ClientMarkup.literal(
        new Invocation(skill, snapshot.dependencies(skill), "", warnings, "").text());
  }

  private static String closedDescription(Skill skill) {
    return "Skill %s. Skillwarden gives its instructions to those who may use it."
        .formatted(skill.id());
  }

  private static String stub(Skill skill) {
    String range =
        skill.version().isPrerelease()
            ? skill.version().toString()
            : skill.version().major() + ".x";
    String call =
        Json.write(
            Json.object().put("name", skill.id().toString()).put("version_constraint", range));
    return """

    The instructions of this skill are not in this file. To use it, call the tool `invoke_skill` of the MCP server
    `skillwarden` with these arguments; the tool checks access and returns the instructions:

        %s

    When it refuses, tell the user its reason and where to ask for access. When there is no such tool, say that the
    skill cannot be used here. Do not guess the instructions.
    """
        .formatted(call);
  }

  /// A JSON string is a YAML string as well.
  private static String file(String name, String description, String text) {
    return "---\nname: %s\ndescription: %s\n---\n%s"
        .formatted(name, Json.write(JsonNodeFactory.instance.stringNode(description)), text);
  }

  /// All files, each plugin below the directory of its team.
  ///
  /// @param below put between team and path, such as `/unknown/`
  Map<String, String> files(String above, String below) {
    Map<String, String> all = new TreeMap<>();
    teams.forEach((team, files) ->
        files.forEach((path, content) -> all.put(above + team + below + path, content)));
    return all;
  }
}
