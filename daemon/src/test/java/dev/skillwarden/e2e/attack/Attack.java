package dev.skillwarden.e2e.attack;

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
record Attack(String id, String group, String what, Preparation scene, Map<Profile, String> open) {
  Attack {
    open = Map.copyOf(open);
  }

  /// Settings it is tried with.
  enum Profile {
    /// Our hooks without anything that protects them: shows that an attack is one.
    MONITOR,
    STANDARD,
    STRICT
  }

  /// Sets a scene.
  interface Preparation {
    void prepare(Scene scene) throws IOException, InterruptedException;
  }

  static Attack of(String id, String group, String what, Preparation scene) {
    return new Attack(id, group, what, scene, Map.of());
  }

  /// Known to reach its goal.
  ///
  /// @param remedy why nothing here closes it, and what to do
  Attack open(Profile profile, String remedy) {
    Map<Profile, String> more = new EnumMap<>(Profile.class);
    more.putAll(open);
    more.put(profile, remedy);
    return new Attack(id, group, what, scene, more);
  }
}
