package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import tools.jackson.databind.node.ObjectNode;

/// What anybody may do about elevations on the control socket: who may grant is a matter of
/// signatures.
public interface Grants {
  /// Takes a signed grant, for the account it names.
  Outcome<ObjectNode> apply(Caller caller, String grant);

  /// The grants held: the caller's own, all for an administrator.
  Outcome<ObjectNode> held(Caller caller);
}
