package dev.skillwarden.cli;

import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.JournalSettings;
import dev.skillwarden.journal.Pseudonyms;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the journal may call somebody: entries made before pseudonyms were switched on, or after
/// they were switched off, have the login name.
final class OwnNames {
  private static final System.Logger LOG = System.getLogger(OwnNames.class.getName());

  private OwnNames() {}

  /// The login name and, if its key can be read, the pseudonym.
  static Set<String> of(Home home, String account) {
    try {
      return pseudonyms(home).map(p -> Set.of(account, p.of(account))).orElse(Set.of(account));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "entries under a pseudonym are not found: " + e.getMessage(), e);
      return Set.of(account);
    }
  }

  /// Pseudonyms of this home, when there is a key.
  ///
  /// @throws IOException when there is one that cannot be read
  static Optional<Pseudonyms> pseudonyms(Home home) throws IOException {
    return Pseudonyms.read(key(home));
  }

  /// Where the key is; the journal of a home whose configuration is refused is readable all the
  /// same.
  static Path key(Home home) throws IOException {
    Optional<Path> configured = Optional.empty();
    try {
      configured =
          DaemonConfig.from(ConfigLayers.read(home, System.getenv(), Map.of()))
              .journal()
              .pseudonymKey();
    } catch (InvalidTextException e) {
      LOG.log(Level.DEBUG, "the configuration is refused, the key is sought beside the journal", e);
    }
    return JournalSettings.pseudonymKey(home, configured);
  }
}
