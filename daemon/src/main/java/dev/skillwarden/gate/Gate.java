package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.Skill;
import java.util.List;

/// Every request passes here: policy, journal, answer. No method throws for anything a request can
/// hold; what goes wrong inside is a denial.
public interface Gate {
  /// A tool call is about to run (PreToolUse), the `Skill` tool included.
  GateAnswer tool(Caller caller, ToolRequest request);

  /// A tool call has run or failed.
  void toolResult(Caller caller, ToolResult result);

  /// The user typed `/name` (UserPromptExpansion).
  ///
  /// @param commandName name as the client delivers it
  GateAnswer expansion(Caller caller, Place place, String commandName);

  /// A settings file changed while a session runs.
  ///
  /// @param source which settings, as the client names it (`user_settings`, `project_settings`, …)
  /// @param path the changed file, empty when the client did not say
  GateAnswer configChange(Caller caller, String session, String source, String path);

  /// A session starts.
  ///
  /// @return text for the session's context, empty when there is nothing to say
  String sessionStart(Caller caller, String session, String source);

  /// A request that could not be read.
  ///
  /// @param event what it was meant to be, as far as could be told
  /// @param problem what is wrong with it
  GateAnswer malformed(Caller caller, String event, String problem);

  /// @param toolUseId the client's id of the call, empty when it sent none
  Outcome<SearchResult> search(Caller caller, SearchQuery query, String toolUseId);

  Outcome<Invocation> invoke(Caller caller, InvokeRequest request);

  /// The skills open to the caller, by name.
  Outcome<List<Skill>> list(Caller caller);

  /// Which release a range means, without handing it out.
  Outcome<Skill> resolve(Caller caller, String name, String versionConstraint);

  /// Asks without using.
  ///
  /// @param skill `team/name` as the caller wrote it
  Outcome<Access> access(Caller caller, String skill);
}
