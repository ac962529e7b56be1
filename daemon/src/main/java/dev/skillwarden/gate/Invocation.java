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
}
