package dev.skillwarden.gate;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// A use of one of our two tools over MCP, as far as it decides what may be shown: the same for the
/// client's question whether it may call the tool, and for the call itself.
///
/// @param name `search_skills` or `invoke_skill`
/// @param skill the skill asked for as written, empty for a search
record SkillTool(String name, String skill) {
  /// The server's name is the administrator's or a plugin's, but has ours in it.
  private static final Pattern TOOL =
      Pattern.compile(
          "mcp__(?:[A-Za-z0-9_-]*[_-])?skillwarden(?:[_-][A-Za-z0-9_-]*)?__(search_skills|invoke_skill)");

  static SkillTool search() {
    return new SkillTool("search_skills", "");
  }

  static SkillTool invoke(String skill) {
    return new SkillTool("invoke_skill", skill);
  }

  /// What a tool call of the client is of this; empty when it is another tool.
  static Optional<SkillTool> of(String tool, JsonNode input) {
    Matcher matcher = TOOL.matcher(tool);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        matcher.group(1).equals("invoke_skill")
            ? invoke(input.path("name").asString(""))
            : search());
  }
}
