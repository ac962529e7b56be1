package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// What the journal tells people: of their own account's calls, and administrators of everybody's.
public interface Records {
  /// @return `{entries, next?}`: entries newest first, and what to ask for as `before` when there
  ///   may be older ones; a page may be empty and have a next one
  Outcome<ObjectNode> entries(Caller caller, RecordQuery query);

  /// @param id short id of a decision; empty for the caller's last denial
  /// @return `{entry, result?}`: the decision, and what came of the call
  Outcome<ObjectNode> entry(Caller caller, Optional<String> id);
}
