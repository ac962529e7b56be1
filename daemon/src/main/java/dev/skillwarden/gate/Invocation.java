package dev.skillwarden.gate;

import dev.skillwarden.skill.Skill;
import java.util.List;

/// A skill handed to a caller who may use it.
///
/// @param dependencies skills it needs, each before what needs it
/// @param payload the payload as a fenced JSON block to append to the instructions, empty when none
/// @param warnings for the agent, such as `UNPINNED`, with what to do
public record Invocation(
    Skill skill, List<Skill> dependencies, String payload, List<String> warnings, String id) {
  public Invocation {
    dependencies = List.copyOf(dependencies);
    warnings = List.copyOf(warnings);
  }

  /// As text for an agent: the warnings, the dependencies each with its name, the skill, the
  /// payload.
  public String text() {
    StringBuilder text = new StringBuilder();
    for (String warning : warnings) {
      text.append("> ").append(warning).append('\n');
    }
    for (Skill dependency : dependencies) {
      part(text, dependency);
    }
    part(text, skill);
    return text.append(payload).toString();
  }

  private static void part(StringBuilder text, Skill skill) {
    text.append("\n<!-- skill ")
        .append(skill.id())
        .append('@')
        .append(skill.version())
        .append(" -->\n\n");
    text.append(skill.body());
  }
}
