package dev.skillwarden.daemon;

import dev.skillwarden.journal.JournalConfig;
import java.io.IOException;

/// The journal's part of the configuration, as the journal wants it.
public final class JournalSettings {
  private JournalSettings() {}

  public static JournalConfig of(Home home, DaemonConfig.Journal config) throws IOException {
    JournalConfig.Sealing defaults = JournalConfig.Sealing.defaults(DeviceName.of(config.device()));
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
            Daemon.serviceAccount()),
        config.space());
  }
}
