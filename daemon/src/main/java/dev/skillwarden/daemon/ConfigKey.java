package dev.skillwarden.daemon;

import java.util.Locale;

/// Every key of `skillwarden.yaml`. The documented file, the JSON Schema and the environment names
/// follow this list; tests hold them to it.
public enum ConfigKey {
  SERVER_PORT("server.port", "7717", "loopback port for hooks and MCP, 0 for any free one"),
  SERVER_MAX_CONNECTIONS("server.max-connections", "256", "connections served at once"),
  SERVER_READ_TIMEOUT("server.read-timeout", "10s", "a request not fully sent by then is closed"),
  SERVER_IDLE_TIMEOUT("server.idle-timeout", "60s", "a silent connection is closed"),
  SYNC_REMOTE(
      "sync.remote", "", "skills repository: file://, https:// or ssh:// URL; empty serves none"),
  SYNC_PIN_SHA("sync.pin.sha", "", "commit to serve, 40 hex digits"),
  SYNC_INTERVAL("sync.interval", "60s", "time between looks at the remote"),
  SYNC_TIMEOUT("sync.timeout", "60s", "longest time one fetch may take"),
  SYNC_SSH_KEY("sync.auth.ssh-key", "", "private key file of an SSH deploy key"),
  SYNC_KNOWN_HOSTS("sync.auth.known-hosts", "", "known_hosts file, required with ssh-key"),
  SYNC_USERNAME("sync.auth.username", "", "user name for HTTPS"),
  SYNC_SECRET_FILE(
      "sync.auth.secret-file", "", "file with the HTTPS secret, readable by the daemon only"),
  SYNC_COMMAND("sync.auth.command", "", "list: a command that prints the HTTPS secret"),
  SYNC_PROXY("sync.auth.proxy", "", "HTTP proxy for HTTPS remotes, host:port"),
  SYNC_CA_BUNDLE(
      "sync.auth.ca-bundle", "", "PEM file of certificate authorities to trust for HTTPS"),
  JOURNAL_SYNC_INTERVAL("journal.sync-interval", "1s", "time between forced writes to the disk"),
  JOURNAL_MIN_FREE("journal.min-free-mib", "64", "free MiB below which the journal counts as full"),
  SEARCH_MODEL("search.model", "true", "whether search uses the embedding model"),
  GATE_DEADLINE("gate.deadline", "1500ms", "a decision not made by then is a denial"),
  LOG_LEVEL("log.level", "info", "debug, info, warning or error");

  private final String key;
  private final String defaultValue;
  private final String description;

  ConfigKey(String key, String defaultValue, String description) {
    this.key = key;
    this.defaultValue = defaultValue;
    this.description = description;
  }

  /// Dotted path in the file.
  public String key() {
    return key;
  }

  /// Value as written in a file; empty means not set.
  public String defaultValue() {
    return defaultValue;
  }

  public String description() {
    return description;
  }

  /// Environment variable that overrides the file, `SKILLWARDEN_SERVER_PORT`.
  public String environmentName() {
    return "SKILLWARDEN_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
