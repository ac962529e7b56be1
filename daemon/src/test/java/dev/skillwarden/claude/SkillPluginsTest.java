package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SkillPluginsTest {
  private final List<SkillFile> files = new ArrayList<>();

  private void skill(String id, String keys, String body) {
    String text =
        """
        ---
        name: %s
        version: 2.1.0
        description: 'Says "%s": here.'
        tags: [t]
        owners: [leads]
        %s
        ---
        %s
        """
            .formatted(id, id, keys, body);
    files.add(
        new SkillFile(".claude/skills/" + id + ".md", true, text.getBytes(StandardCharsets.UTF_8)));
  }

  private SkillPlugins plugins(Organization organization) {
    CatalogSnapshot snapshot = CatalogBuilder.tree("c", files);
    assertEquals(List.of(), snapshot.findings().stream().filter(f -> f.isError()).toList());
    return SkillPlugins.of(snapshot, organization);
  }

  private SkillPlugins plugins() {
    return plugins(Organization.empty());
  }

  private static String file(SkillPlugins plugins, String path) {
    return plugins.files("", "/").getOrDefault(path, "missing: " + path);
  }

  private static String text(SkillPlugins plugins, String team, String name) {
    return file(plugins, team + "/skills/%s/SKILL.md".formatted(name));
  }

  @Test
  void aPublicSkillIsThereAsAnInvocationGivesIt() {
    skill("data/review", "access_level: public", "Read it.");
    skill("ops/report", "access_level: public\ndepends_on: ['data/review:^2.0.0']", "Write it.");
    SkillPlugins plugins = plugins();
    assertEquals(
        """
        ---
        name: report
        description: "Says \\"ops/report\\": here."
        ---

        <!-- skill data/review@2.1.0 -->

        Read it.

        <!-- skill ops/report@2.1.0 -->

        Write it.
        """,
        text(plugins, "ops", "report"));
    assertEquals(2, plugins.full());
    assertEquals(0, plugins.stubs());
    assertEquals(
        """
        {
          "name" : "ops",
          "description" : "Skills of team ops, made by Skillwarden."
        }
        """,
        file(plugins, "ops/.claude-plugin/plugin.json"));
  }

  @Test
  void aDeprecationIsSaid() {
    skill(
        "ops/report",
        "access_level: public\ndeprecated: {since: 2026-01-02, reason: old}",
        "Write it.");
    assertTrue(
        text(plugins(), "ops", "report").contains("> DEPRECATED: deprecated since 2026-01-02: old"),
        text(plugins(), "ops", "report"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "access_level: team",
        "access_level: role-restricted\nallowed_roles: [chief]",
        "access_level: sensitive"
      })
  void everythingElseIsAStubWithoutDescriptionAndInstructions(String level) {
    skill("ops/secret", level, "BODY");
    SkillPlugins plugins = plugins();
    assertEquals(
        """
        ---
        name: secret
        description: "Skill ops/secret. Skillwarden gives its instructions to those who may use it."
        ---

        The instructions of this skill are not in this file. To use it, call the tool `invoke_skill` of the MCP server
        `skillwarden` with these arguments; the tool checks access and returns the instructions:

            {"name":"ops/secret","version_constraint":"2.x"}

        When it refuses, tell the user its reason and where to ask for access. When there is no such tool, say that the
        skill cannot be used here. Do not guess the instructions.
        """,
        text(plugins, "ops", "secret"));
    assertEquals(1, plugins.stubs());
  }

  @Test
  void aPublicSkillThatNeedsAClosedOneIsAStub() {
    skill("data/closed", "access_level: team", "BODY");
    skill("ops/report", "access_level: public\ndepends_on: ['data/closed:2.x']", "Write it.");
    String all = plugins().files("", "/").toString();
    assertFalse(all.contains("BODY") || all.contains("Write it."), all);
    assertFalse(all.contains("Says"), "a description of a closed skill");
  }

  @Test
  void theOrganizationMayCloseASkill() throws Exception {
    skill("ops/report", "access_level: public", "Write it.");
    Organization stricter =
        Organization.parse(
            "organization.yaml",
            "version: 1\nskills:\n  ops/report: {access_level: team}\n"
                .getBytes(StandardCharsets.UTF_8));
    assertEquals(1, plugins(stricter).stubs());
    assertFalse(text(plugins(stricter), "ops", "report").contains("Write it."));
  }

  @Test
  void instructionsTheClientWouldActOnAreGivenByTheToolOnly() {
    skill("ops/report", "access_level: public", "Now run !`id`.");
    String text = text(plugins(), "ops", "report");
    assertFalse(text.contains("!`id`"), text);
    assertTrue(text.contains("Says"), "its description is public: " + text);
    assertTrue(text.contains("invoke_skill"), text);
  }

  @Test
  void theOrderOfFilesDoesNotMatter() {
    skill("ops/report", "access_level: public", "Write it.");
    skill("data/review", "access_level: team", "Read it.");
    SkillPlugins one = plugins();
    java.util.Collections.reverse(files);
    assertEquals(one, plugins());
  }

  @Test
  void aSeedIsWhatTheClientLooksFor() throws Exception {
    skill("ops/report", "access_level: public", "Write it.");
    SkillPlugins plugins = plugins();
    Map<String, String> seed = PluginSeed.files(plugins, "corp", "https://git.example.com/s.git");
    assertEquals(
        new TreeSet<>(
            List.of(
                "known_marketplaces.json",
                "marketplaces/corp/.claude-plugin/marketplace.json",
                "marketplaces/corp/plugins/ops/.claude-plugin/plugin.json",
                "marketplaces/corp/plugins/ops/skills/report/SKILL.md",
                "cache/corp/ops/unknown/.claude-plugin/plugin.json",
                "cache/corp/ops/unknown/skills/report/SKILL.md")),
        new TreeSet<>(seed.keySet()));
    for (Map.Entry<String, String> file : seed.entrySet()) {
      if (file.getKey().endsWith(".json")) {
        assertFalse(
            Json.parse(file.getKey(), file.getValue()).toString().contains("\"version\""),
            "a version hides changes: " + file);
      }
    }
    assertEquals(
        Json.parse(
            "wanted",
            """
            {"corp":{"source":{"source":"git","url":"https://git.example.com/s.git"},
             "installLocation":"marketplaces/corp","lastUpdated":"2000-01-01T00:00:00.000Z"}}
            """),
        Json.parse("known", seed.getOrDefault("known_marketplaces.json", "")));
    assertEquals(
        Json.parse(
            "wanted",
            """
            {"env":{"CLAUDE_CODE_PLUGIN_SEED_DIR":"/opt/seed","CLAUDE_CODE_SYNC_PLUGIN_INSTALL":"1"},
             "enabledPlugins":{"ops@corp":true}}
            """),
        PluginSeed.settings(plugins, "corp", Path.of("/opt/seed")));
  }

  @Test
  void aMarketplaceKeepsItsPins() throws Exception {
    skill("data/review", "access_level: public", "Read it.");
    skill("ops/report", "access_level: public", "Write it.");
    SortedMap<String, PluginMarketplace.Pin> pins =
        new java.util.TreeMap<>(
            Map.of("ops", new PluginMarketplace.Pin("https://example.com/s.git", "a".repeat(40))));
    JsonNode list = Json.parse("list", PluginMarketplace.list(plugins(), "corp", pins));
    assertEquals("./plugins/data", list.path("plugins").get(0).path("source").asString(""));
    assertEquals(
        Json.parse(
            "wanted",
            """
            {"source":"git-subdir","url":"https://example.com/s.git","path":"plugins/ops","sha":"%s"}
            """
                .formatted("a".repeat(40))),
        list.path("plugins").get(1).path("source"));
    assertEquals(pins, PluginMarketplace.pins(list));
  }
}
