package dev.skillwarden.daemon;

import java.util.Locale;

/// Every key of `skillwarden.yaml`. The documented file, the JSON Schema and the environment names
/// follow this list; tests hold them to it.
public enum ConfigKey {
  SERVER_PORT("server.port", "7717", "loopback port for hooks and MCP, 0 for any free one"),
  SERVER_MAX_CONNECTIONS("server.max-connections", "128", "connections of one account at once"),
  SERVER_MAX_REQUESTS("server.max-requests", "32", "requests of one account served at once"),
  SERVER_EXTRA_CA(
      "server.extra-ca", "", "PEM file of the company's authorities, for the bundle of clients"),
  SERVER_ACCOUNT(
      "server.account",
      "",
      "account that the port serves where the operating system cannot say who calls"),
  SERVER_READ_TIMEOUT("server.read-timeout", "10s", "a request not fully sent by then is closed"),
  SERVER_IDLE_TIMEOUT("server.idle-timeout", "60s", "a silent connection is closed"),
  SYNC_REMOTE(
      "sync.remote", "", "skills repository: file://, https:// or ssh:// URL; empty serves none"),
  SYNC_PIN_SHA("sync.pin.sha", "", "commit to serve, 40 hex digits"),
  SYNC_PIN_REF("sync.pin.ref", "", "branch to follow instead of a fixed commit, such as stable"),
  SYNC_PIN_FF_ONLY(
      "sync.pin.ff-only", "true", "whether a new commit must descend from the last accepted one"),
  SYNC_POINTER_URL("sync.pointer-url", "", "signed pointer to follow instead of a branch"),
  SYNC_POINTER_KEYS("sync.pointer-keys", "", "PEM file of Ed25519 keys that may sign the pointer"),
  SYNC_POINTER_NAME(
      "sync.pointer-name", "", "what the pointer must be for; empty trusts the first"),
  SYNC_POINTER_INTERVAL("sync.pointer-interval", "45s", "time between looks at the pointer"),
  SYNC_SSH_SIGNERS(
      "sync.signers.ssh-allowed-signers", "", "OpenSSH allowed signers who must sign the commit"),
  SYNC_PGP_KEYS("sync.signers.openpgp-keys", "", "file of OpenPGP public keys"),
  SYNC_PGP_FINGERPRINTS(
      "sync.signers.openpgp-fingerprints", "", "list: primary keys among them that may sign"),
  SYNC_INTERVAL("sync.interval", "15m", "time between looks at the git remote"),
  SYNC_TIMEOUT("sync.timeout", "5m", "longest time one fetch may take"),
  SYNC_MAX_AGE("sync.max-age", "0s", "age of the served commit that raises an alarm; 0s for never"),
  SYNC_MAX_FETCH("sync.limits.fetch-mib", "1024", "most MiB one fetch may bring"),
  SYNC_MAX_STORE("sync.limits.store-mib", "4096", "most MiB the git store may have"),
  SYNC_MAX_OBJECTS("sync.limits.objects", "2000000", "most git objects one fetch may bring"),
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
  JOURNAL_DEVICE(
      "journal.device", "", "name of this machine in the journal; empty: a hash of the machine id"),
  JOURNAL_ESCROW_KEY(
      "journal.escrow-key",
      "",
      "PEM file of the X25519 public key the first ratchet key is sealed to"),
  JOURNAL_MAX("journal.max-mib", "256", "MiB the journal may take"),
  JOURNAL_ACCOUNT_PERCENT(
      "journal.account-percent", "80", "part of them that one account may take"),
  JOURNAL_RETAIN(
      "journal.retain", "2160h", "age at which a file of the journal goes; 0s for never"),
  JOURNAL_HEARTBEAT(
      "journal.heartbeat", "1h", "time after which an idle journal gets a signed checkpoint"),
  JOURNAL_PSEUDONYMS(
      "journal.pseudonyms", "false", "whether accounts stand in the journal under pseudonyms"),
  JOURNAL_PSEUDONYM_KEY(
      "journal.pseudonym-key",
      "",
      "file of the key that pseudonyms are made with; empty: pseudonym.key beside the journal"),
  UPLOAD_ENDPOINT(
      "upload.endpoint", "", "OTLP/HTTP receiver of the journal, https://; empty sends nothing"),
  UPLOAD_PROTOCOL("upload.protocol", "http/json", "http/json or http/protobuf"),
  UPLOAD_INTERVAL("upload.interval", "5m", "longest time an entry waits; denials do not"),
  UPLOAD_RECEIPT("upload.receipt", "response", "what proves arrival: response or witness"),
  UPLOAD_DURABLE(
      "upload.durable", "false", "whether the endpoint says 200 only when its disks have it"),
  UPLOAD_WITNESS_URL("upload.witness-url", "", "witness that signs what it has seen"),
  UPLOAD_WITNESS_KEY("upload.witness-key", "", "PEM file of the witness's Ed25519 public key"),
  UPLOAD_CLIENT_CERTIFICATE(
      "upload.client-certificate", "", "PEM file of this machine's certificate and its chain"),
  UPLOAD_CLIENT_KEY("upload.client-key", "", "its private key, PKCS #8 in PEM or OpenSSH"),
  UPLOAD_CA_BUNDLE("upload.ca-bundle", "", "PEM file of certificate authorities to trust"),
  UPLOAD_PROXY("upload.proxy", "", "HTTP proxy for https://, host:port"),
  UPLOAD_HEADERS_FILE(
      "upload.headers-file", "", "file of headers with secrets, readable by the daemon only"),
  UPLOAD_PAUSE_ON_BATTERY(
      "upload.pause-on-battery", "true", "whether a low battery lets all but denials wait"),
  SEARCH_MODEL("search.model", "true", "whether search uses the embedding model"),
  SEARCH_MODEL_IDLE(
      "search.model-idle", "10m", "the embedding model is closed when no search needed it so long"),
  GUARD_RESOLVER_SOCKET(
      "guard.resolver-socket",
      "/run/skillwarden-resolve/resolve.sock",
      "socket of the path resolver, which looks into closed homes; empty: none"),
  GATE_DEADLINE("gate.deadline", "1500ms", "a decision not made by then is a denial"),
  ELEVATION_REQUIRE_SIGNED(
      "elevation.require-signed", "true", "whether only signed grants open sensitive skills"),
  ELEVATION_KEYS(
      "elevation.keys", "", "PEM file of Ed25519 keys that may sign grants; empty: nobody may"),
  ELEVATION_NAME(
      "elevation.name", "skillwarden-elevation", "name under which these keys sign grants"),
  POLICY_REQUIRE_SIGNED(
      "policy.require-signed",
      "false",
      "whether policy.yaml and organization.yaml hold only when they are signed"),
  POLICY_KEYS("policy.keys", "", "PEM file of Ed25519 keys that may sign them"),
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
