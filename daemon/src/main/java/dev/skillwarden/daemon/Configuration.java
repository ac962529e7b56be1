package dev.skillwarden.daemon;

import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;

/// The configuration in force, and how to read it again.
final class Configuration {
  private static final System.Logger LOG = System.getLogger(Configuration.class.getName());

  private final Home home;
  private final Map<String, String> environment;
  private final Map<ConfigKey, String> flags;
  private volatile DaemonConfig current;

  Configuration(Home home, Map<String, String> environment, Map<ConfigKey, String> flags)
      throws InvalidTextException, IOException {
    this.home = home;
    this.environment = Map.copyOf(environment);
    this.flags = Map.copyOf(flags);
    this.current = DaemonConfig.from(ConfigLayers.read(java.util.List.of(), Map.of(), flags));
  }

  DaemonConfig current() {
    return current;
  }

  /// Reads the files again.
  ///
  /// @throws InvalidTextException with every problem; what was in force stays
  DaemonConfig read() throws InvalidTextException, IOException {
    current = DaemonConfig.from(ConfigLayers.read(home, environment, flags));
    return current;
  }

  /// Takes the last good copies.
  ///
  /// @return whether there were any that can be used
  boolean useLastGood(LastGood lastGood) {
    try {
      current = DaemonConfig.from(ConfigLayers.read(lastGood.configFiles(), environment, flags));
      LOG.log(
          Level.ERROR, "the starts before this one failed; the last good configuration is used");
      return true;
    } catch (InvalidTextException | IOException e) {
      LOG.log(Level.ERROR, "the last good configuration cannot be used", e);
      return false;
    }
  }
}
