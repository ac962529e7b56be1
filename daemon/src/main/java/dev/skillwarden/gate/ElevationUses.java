package dev.skillwarden.gate;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import java.util.List;
import java.util.Optional;

/// Counts what elevations open.
@FunctionalInterface
public interface ElevationUses {
  /// Takes one use of each, all or none, on record when it returns.
  ///
  /// @param decision id of the decision that rests on them
  /// @return why not, in words for the agent; empty when taken
  Optional<String> use(Caller caller, List<Elevation> elevations, String decision);
}
