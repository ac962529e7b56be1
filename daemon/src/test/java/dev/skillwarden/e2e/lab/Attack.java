package dev.skillwarden.e2e.lab;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/// One attack.
///
/// @param id stable
/// @param group heading in the table
/// @param what it does, for the table
/// @param scene prepares it
/// @param open where it is known to reach its goal, with the reason and what to do
/// @param inert why it does not even reach it on a machine without managed settings; empty when it
///   does, as it must: else that it is denied would say nothing
record Attack(
    String id,
    String group,
    String what,
    Preparation scene,
    Map<Profile, String> open,
    String inert) {
  Attack {
    open = Map.copyOf(open);
  }

  /// Settings it is tried with.
  enum Profile {
    /// No managed settings: shows that the attack is one.
    NONE,
    /// Our hooks without anything that protects them.
    MONITOR,
    STANDARD,
    STRICT
  }

  /// Sets a scene.
  interface Preparation {
    void prepare(Scene scene) throws IOException, InterruptedException;
  }

  static Attack of(String id, String group, String what, Preparation scene) {
    return new Attack(id, group, what, scene, Map.of(), "");
  }

  /// Known to reach its goal.
  ///
  /// @param remedy why nothing here closes it, and what to do
  Attack open(Profile profile, String remedy) {
    Map<Profile, String> more = new EnumMap<>(Profile.class);
    more.putAll(open);
    more.put(profile, remedy);
    return new Attack(id, group, what, scene, more, inert);
  }

  /// Does nothing by itself, in the clients that were tried.
  Attack inert(String reason) {
    return new Attack(id, group, what, scene, open, reason);
  }
}
