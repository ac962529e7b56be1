package dev.skillwarden.daemon;

import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.Pseudonyms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/// The journal's part of the configuration, as the journal wants it.
public final class JournalSettings {
  private JournalSettings() {}

  /// @throws IOException when the key of pseudonyms cannot be read or made, if they are wanted
  public static JournalConfig of(Home home, DaemonConfig.Journal config) throws IOException {
    JournalConfig.Sealing defaults = JournalConfig.Sealing.defaults(DeviceName.of(config.device()));
    String account = Daemon.serviceAccount();
    return new JournalConfig(
        home.journal(),
        (long) config.minFreeMib() << 20,
        config.syncInterval(),
        JournalConfig.DEFAULT_APPEND_TIMEOUT,
        JournalConfig.DEFAULT_MAX_WAITING,
        new JournalConfig.Sealing(
            defaults.device(),
            config.escrow(),
            defaults.everyRecords(),
            defaults.every(),
            config.heartbeat(),
            pseudonyms(home, config, name -> Path.of("/")).map(p -> p.of(account)).orElse(account)),
        config.space());
  }

  /// What stands for accounts, when they are not to be named; makes its key when it is missing.
  ///
  /// @param homes home directory of an account
  /// @throws IOException when the key cannot be read or made
  public static Optional<Pseudonyms> pseudonyms(
      Home home, DaemonConfig.Journal config, Function<String, Path> homes) throws IOException {
    return config.pseudonyms()
        ? Optional.of(Pseudonyms.open(pseudonymKey(home, config.pseudonymKey()), homes))
        : Optional.empty();
  }

  /// Where the key of pseudonyms lies.
  public static Path pseudonymKey(Home home, Optional<Path> configured) {
    return configured.orElse(home.journal().resolve(Pseudonyms.KEY_FILE));
  }
}
