package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import tools.jackson.databind.node.ObjectNode;

/// How the daemon is doing.
public interface Health {
  /// Whether decisions can be served.
  boolean ready();

  /// For anybody on the machine: no skill, account or path names.
  ObjectNode summary();

  /// For the control socket: paths, last sync, findings, policy in force.
  ObjectNode details(Caller caller);

  /// Prometheus text exposition.
  String metrics();
}
