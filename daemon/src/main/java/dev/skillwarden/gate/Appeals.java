package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import tools.jackson.databind.node.ObjectNode;

/// Appeals: a person says that a denial was wrong.
public interface Appeals {
  /// Journals the appeal of an earlier decision.
  ///
  /// @param id short id of the decision
  /// @param text why it was wrong, at most 500 characters
  Outcome<ObjectNode> appeal(Caller caller, String id, String text);
}
