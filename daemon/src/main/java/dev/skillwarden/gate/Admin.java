package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an administrator does to a running daemon. The endpoint has checked [Caller#admin].
public interface Admin {
  /// Fetches the pin now and waits for the result.
  Outcome<ObjectNode> sync(Caller caller);

  /// Grants an elevation without a signature, where none is required.
  ///
  /// @param request `{account, skill | team, reason, minutes}`
  Outcome<ObjectNode> elevate(Caller caller, JsonNode request);

  /// Sends the journal now and waits for the result.
  Outcome<ObjectNode> upload(Caller caller);

  /// Starts a graceful stop and returns. A reason is journaled and sent first, as far as that goes:
  /// it keeps nobody from stopping.
  ///
  /// @param reason at most 500 characters, may be empty
  Outcome<ObjectNode> stop(Caller caller, String reason);
}
