package dev.skillwarden.http;

import dev.skillwarden.gate.Invocation;
import dev.skillwarden.skill.Skill;

/// A skill as text for an agent: dependencies first, each with its name, then the skill and the
/// payload.
final class SkillText {
  private SkillText() {}

  static String of(Invocation invocation) {
    StringBuilder text = new StringBuilder();
    for (String warning : invocation.warnings()) {
      text.append("> ").append(warning).append('\n');
    }
    for (Skill dependency : invocation.dependencies()) {
      part(text, dependency);
    }
    part(text, invocation.skill());
    return text.append(invocation.payload()).toString();
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
