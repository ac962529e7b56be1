package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skillwarden.daemon.DaemonConfig.Journal;
import dev.skillwarden.daemon.DaemonConfig.LogLevel;
import dev.skillwarden.daemon.DaemonConfig.Search;
import dev.skillwarden.daemon.DaemonConfig.Server;
import dev.skillwarden.daemon.DaemonConfig.Sync;
import dev.skillwarden.elevation.GrantKeys;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.repo.Auth;
import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.RemoteConfig;
import dev.skillwarden.repo.Signers;
import dev.skillwarden.sync.Pin;
import dev.skillwarden.sync.Source;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import dev.skillwarden.upload.UploadConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class DaemonConfigTest {
  private static final Path DOCUMENTED = Path.of("../config/skillwarden.yaml");
  private static final String SHA = "0123456789abcdef0123456789abcdef01234567";

  private static final String ELEVATION_KEY =
      """
      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
      -----END PUBLIC KEY-----
      """;

  private static final Auth NO_LOGIN = Auth.none();

  private static final DaemonConfig DEFAULTS =
      new DaemonConfig(
          new Server(
              7717,
              128,
              32,
              Duration.ofSeconds(10),
              Duration.ofSeconds(60),
              Optional.empty(),
              Optional.empty()),
          new Sync(List.of(), Duration.ofMinutes(15), Duration.ofSeconds(45)),
          new Journal(
              Duration.ofSeconds(1),
              64,
              "",
              Optional.empty(),
              Duration.ofHours(1),
              JournalConfig.Space.DEFAULT,
              false,
              Optional.empty()),
          Optional.empty(),
          new Search(true, Duration.ofMinutes(10)),
          Optional.of(Path.of("/run/skillwarden-resolve/resolve.sock")),
          Duration.ofMillis(1500),
          new DaemonConfig.Elevation(
              true, new GrantKeys("skillwarden-elevation", List.of()), Optional.empty()),
          Signing.NONE,
          LogLevel.INFO);

  @TempDir Path directory;

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private DaemonConfig config(String text) throws IOException, InvalidTextException {
    return DaemonConfig.from(ConfigLayers.read(List.of(file("c.yaml", text)), Map.of(), Map.of()));
  }

  private List<String> problems(String text) {
    return assertThrows(InvalidTextException.class, () -> config(text)).problems().stream()
        .map(Problem::toString)
        .map(p -> p.replace(directory + "/", ""))
        .toList();
  }

  @Test
  void hasDefaults() throws IOException, InvalidTextException {
    assertEquals(DEFAULTS, DaemonConfig.from(ConfigLayers.read(List.of(), Map.of(), Map.of())));
    assertEquals(DEFAULTS, config(""));
    assertEquals(DEFAULTS, config("server:\nsync: ~\nlog: {level: info}\n"));
  }

  @Test
  void readsTheDocumentedFileAsTheDefaults() throws IOException, InvalidTextException {
    assertEquals(
        DEFAULTS, DaemonConfig.from(ConfigLayers.read(List.of(DOCUMENTED), Map.of(), Map.of())));
  }

  /// Switched on, the documented lines say the same as the code.
  @Test
  void documentsEveryKeyWithItsDefault() throws IOException, InvalidTextException {
    String on =
        Files.readString(DOCUMENTED)
            .replaceAll("(?m)^( *)# ([a-z][a-z-]*: \\S+|command: \\[])$", "$1$2");
    ConfigLayers layers = ConfigLayers.read(List.of(file("on.yaml", on)), Map.of(), Map.of());
    assertEquals(
        List.of(),
        Arrays.stream(ConfigKey.values())
            .filter(k -> layers.source(k).equals("default"))
            .map(ConfigKey::key)
            .toList());
    for (ConfigKey key : ConfigKey.values()) {
      assertEquals(key.defaultValue(), layers.shown(key), key.key());
    }
  }

  @Test
  void hasASchemaThatFollowsTheKeys() throws IOException, InvalidTextException {
    List<String> found = new ArrayList<>();
    collect(
        "",
        Json.parse("schema", Files.readAllBytes(Path.of("../config/skillwarden.schema.json"))),
        found);
    assertEquals(
        Arrays.stream(ConfigKey.values())
            .map(k -> "%s = %s".formatted(k.key(), k.defaultValue()))
            .sorted()
            .toList(),
        found.stream().sorted().toList());
  }

  private static void collect(String path, JsonNode schema, List<String> found) {
    JsonNode properties = schema.path("properties");
    if (properties.isMissingNode()) {
      JsonNode value = schema.path("default");
      found.add("%s = %s".formatted(path, value.isArray() ? "" : value.asString("")));
      return;
    }
    assertEquals(false, schema.path("additionalProperties").asBoolean(true), path);
    for (String name : properties.propertyNames()) {
      if (!name.equals("sources")) { // entries of sync, which are looked at there
        collect(path.isEmpty() ? name : path + "." + name, properties.path(name), found);
      }
    }
  }

  @Test
  void readsEveryKey() throws IOException, InvalidTextException {
    String text =
        """
        server: {port: 0, max-connections: 4, max-requests: 2, extra-ca: /etc/company.pem, account: alice, read-timeout: 5m, idle-timeout: 1h}
        sync:
          remote: ssh://git@example.com:22/skills.git
          pin: {sha: %s}
          pointer-interval: 2m
          signers:
            ssh-allowed-signers: /allowed
            openpgp-keys: /keys.asc
            openpgp-fingerprints: ["0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"]
          interval: 24h
          timeout: 1h
          max-age: 24h
          limits: {fetch-mib: 1, store-mib: 2, objects: 1000}
          auth:
            ssh-key: /k
            known-hosts: /h
            username: u
            proxy: proxy.example.com:3128
            ca-bundle: /ca
        sources:
          - name: finance
            remote: file:///f
            pin: {ref: stable, ff-only: false}
        journal: {sync-interval: 10ms, min-free-mib: 1, device: asset-7, heartbeat: 1m, max-mib: 16, account-percent: 50,
          retain: 0s, pseudonyms: true, pseudonym-key: /pk}
        upload:
          endpoint: https://logs.example.com/otlp
          protocol: http/protobuf
          interval: 10s
          receipt: witness
          durable: true
          witness-url: https://witness.example.com
          witness-key: /w.pem
          client-certificate: /c.pem
          client-key: /c.key
          ca-bundle: /ca
          proxy: proxy.example.com:3128
          headers-file: /headers
          pause-on-battery: false
        search: {model: false, model-idle: 1h}
        guard: {resolver-socket: /rs}
        gate: {deadline: 100ms}
        elevation: {require-signed: false, keys: %s, name: acme/elevation}
        policy: {require-signed: true, keys: %s}
        log: {level: debug}
        """
            .formatted(
                SHA, file("elevation.pub", ELEVATION_KEY), file("policy.pub", ELEVATION_KEY));
    assertEquals(
        new DaemonConfig(
            new Server(
                0,
                4,
                2,
                Duration.ofMinutes(5),
                Duration.ofHours(1),
                Optional.of(Path.of("/etc/company.pem")),
                Optional.of("alice")),
            new Sync(
                List.of(
                    new Source(
                        "main",
                        new RemoteConfig(
                            "ssh://git@example.com:22/skills.git",
                            Duration.ofHours(1),
                            new Auth(
                                Optional.of(Path.of("/k")),
                                Optional.of(Path.of("/h")),
                                Optional.of("u"),
                                Optional.empty(),
                                List.of(),
                                Optional.of("proxy.example.com:3128"),
                                Optional.of(Path.of("/ca")))),
                        new Pin.Commit(SHA),
                        new Signers(
                            Optional.of(Path.of("/allowed")),
                            Optional.of(Path.of("/keys.asc")),
                            List.of("0123456789ABCDEF0123456789ABCDEF01234567")),
                        new FetchLimits(1 << 20, 2 << 20, 1_000),
                        Duration.ofHours(24)),
                    new Source(
                        "finance",
                        new RemoteConfig("file:///f", Duration.ofMinutes(5), NO_LOGIN),
                        new Pin.Branch("stable", false),
                        Signers.none(),
                        FetchLimits.DEFAULT,
                        Duration.ZERO)),
                Duration.ofHours(24),
                Duration.ofMinutes(2)),
            new Journal(
                Duration.ofMillis(10),
                1,
                "asset-7",
                Optional.empty(),
                Duration.ofMinutes(1),
                new JournalConfig.Space(16 << 20, 50, Duration.ZERO),
                true,
                Optional.of(Path.of("/pk"))),
            Optional.of(
                new UploadConfig(
                    URI.create("https://logs.example.com/otlp"),
                    UploadConfig.Protocol.PROTOBUF,
                    Duration.ofSeconds(10),
                    UploadConfig.Receipt.WITNESS,
                    Optional.of(
                        new UploadConfig.Witness(
                            URI.create("https://witness.example.com"), Path.of("/w.pem"))),
                    true,
                    Optional.of(Path.of("/c.pem")),
                    Optional.of(Path.of("/c.key")),
                    Optional.of(Path.of("/ca")),
                    Optional.of("proxy.example.com:3128"),
                    Optional.of(Path.of("/headers")),
                    false)),
            new Search(false, Duration.ofHours(1)),
            Optional.of(Path.of("/rs")),
            Duration.ofMillis(100),
            new DaemonConfig.Elevation(
                false,
                new GrantKeys("acme/elevation", Ed25519.publicKeys(ELEVATION_KEY)),
                Optional.of(directory.resolve("elevation.pub"))),
            new Signing(
                true,
                Ed25519.publicKeys(ELEVATION_KEY),
                Optional.of(directory.resolve("policy.pub"))),
            LogLevel.DEBUG),
        config(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "endpoint: 'http://logs.example.com'|upload.endpoint wants https://HOST[:PORT][/PATH]",
        "endpoint: 'https://u:p@logs.example.com'|upload.endpoint has a user or a password in it",
        "endpoint: 'https://h', protocol: grpc|upload.protocol wants one of [http/json, http/protobuf], found 'grpc'",
        "endpoint: 'https://h', interval: 10ms|upload.interval wants a time 1s..24h",
        "endpoint: 'https://h', receipt: witness|upload.receipt is witness; `witness`, upload.witness-url",
        "endpoint: 'https://h', receipt: maybe|upload.receipt wants one of [response, witness]",
        "endpoint: 'https://h', client-key: /k|upload.client-certificate and upload.client-key go together",
        "endpoint: 'https://h', ca-bundle: ca.pem|upload.ca-bundle wants an absolute path",
        "endpoint: 'https://h', proxy: 'http://p'|upload.proxy wants host:port"
      })
  void refusesUploads(String text, String problem) throws IOException {
    List<String> found = problems("upload: {" + text + "}");
    assertEquals(1, found.size(), found.toString());
    assertEquals(true, found.getFirst().contains(problem), found.getFirst());
    assertEquals(false, found.getFirst().contains("u:p@"), found.getFirst());
  }

  @Test
  void wantsKeysForWhatMustBeSigned() {
    assertEquals(
        List.of("c.yaml:1: policy.require-signed is true, so policy.keys is wanted too"),
        problems("policy: {require-signed: true}"));
  }

  @Test
  void keepsTheWordsOfACommand() throws IOException, InvalidTextException {
    assertEquals(
        List.of("/bin/token", "a b, c", "${HOME}"),
        config(
                "sync: {remote: 'https://h/r', pin: {sha: %s}, auth: {command: [/bin/token, 'a b, c', '${HOME}']}}"
                    .formatted(SHA))
            .sync()
            .sources()
            .getFirst()
            .remote()
            .auth()
            .command());
  }

  @Test
  void reportsEveryProblemAtOnce() {
    assertEquals(
        List.of(
            "c.yaml:2: server.port wants a whole number 0..65535, found '70000'",
            "c.yaml:3: server.read-timeout wants a time 1s..5m such as 500ms, 10s or 5m, found"
                + " '10'",
            "c.yaml:6: sync.pin.sha wants 40 lower-case hex digits, a full commit id, found 'main'",
            "c.yaml:7: journal.min-free-mib wants a whole number 1..1000000, found 'lots'",
            "c.yaml:8: search.model wants true or false, found 'yes'",
            "c.yaml:9: gate.deadline wants a time 100ms..5s such as 500ms, 10s or 5m, found '6s'",
            "c.yaml:10: log.level wants one of [debug, info, warning, error], found 'warn'"),
        problems(
            """
            server:
              port: 70000
              read-timeout: 10
            sync:
              remote: file:///r
              pin: {sha: main}
            journal: {min-free-mib: lots}
            search: {model: yes}
            gate: {deadline: 6s}
            log: {level: warn}
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server: {prot: 1}|c.yaml:1:10: unknown key 'server.prot' (did you mean 'server.port'?);"
            + " `skillwarden doctor` lists all keys",
        "servers: {}|c.yaml:1:1: unknown key 'servers'; `skillwarden doctor` lists all keys",
        "server: 5|c.yaml:1:1: server does not take text",
        "server: {port: {}}|c.yaml:1:10: server.port does not take a mapping",
        "server: {port: [1]}|c.yaml:1:10: server.port does not take a list",
        "sync: {auth: {command: a b}}|c.yaml:1:15: sync.auth.command does not take text",
        "sync: {auth: {command: [[a]]}}|c.yaml:1:25: sync.auth.command wants a list of text, found"
            + " a list",
        "[a]|c.yaml:1:1: wants 'key: value' lines, found a list",
        "log: {level: info};log: {level: info}|c.yaml:2:1: duplicate key 'log', first on line 1;"
            + " keep one",
        "sync: {remote: 'file:///r'}|default: sync.pin.sha is missing; sync.remote is set, so name"
            + " the commit to serve, or a branch with sync.pin.ref, or a pointer with"
            + " sync.pointer-url",
        "sync: {remote: 'file:///r', pin: {ref: stable}, pointer-url: 'https://h/p'}|default:"
            + " sync.pointer-keys is missing; a pointer is only followed when its signature can be"
            + " checked~default: sync.pin.sha set only one of sync.pin.sha, sync.pin.ref and"
            + " sync.pointer-url",
        "sources: [{remote: 'file:///r'}]|c.yaml:1:11: sources wants a list of mappings, each with"
            + " a name, found a mapping",
        "sources: [{name: x, remote: 'file:///r'}]|default: sources.x: sync.pin.sha is missing;"
            + " sync.remote is set, so name the commit to serve, or a branch with sync.pin.ref, or"
            + " a pointer with sync.pointer-url",
        "sources: [{name: main, remote: 'file:///r', pin: {ref: a}}]|c.yaml:1: sources.main:"
            + " sync.remote the name wants lower-case letters, digits and hyphens, each name once",
        "sync: {auth: {ssh-key: /k}}|default: sync.auth.known-hosts is missing; with ssh-key, name"
            + " a file with the server's host keys",
        "sync: {auth: {secret-file: /s, command: [c]}}|c.yaml:1: sync.auth.secret-file set only one"
            + " of sync.auth.ssh-key, secret-file and command",
        "sync: {auth: {ca-bundle: ca.pem}}|c.yaml:1: sync.auth.ca-bundle wants an absolute path,"
            + " found 'ca.pem'",
        "sync: {auth: {ca-bundle: \"/a\\0b\"}}|c.yaml:1: sync.auth.ca-bundle wants an absolute"
            + " path: Nul character not allowed",
        "sync: {auth: {proxy: 'http://p'}}|c.yaml:1: sync.auth.proxy wants host:port, found"
            + " 'http://p'",
        "sync: {remote: 'https://u:secret@h/r'}|c.yaml:1: sync.remote wants a file://, https:// or"
            + " ssh:// URL without user name or password; put the secret into sync.auth"
      })
  void refuses(String text, String problem) {
    assertEquals(List.of(problem.split("~", -1)), problems(text.replace(';', '\n')));
  }

  @Test
  void reportsTheProblemsOfAllFiles() throws IOException {
    List<Path> files = List.of(file("a.yaml", "x: 1\n"), file("b.yaml", "log: {level: a: b}\n"));
    InvalidTextException e =
        assertThrows(
            InvalidTextException.class, () -> ConfigLayers.read(files, Map.of(), Map.of()));
    assertEquals(
        List.of("a.yaml", "b.yaml"),
        e.problems().stream().map(p -> p.file().replace(directory + "/", "")).toList());
  }

  @Test
  void mergesFileThenDropInsByNameThenEnvironmentThenFlags()
      throws IOException, InvalidTextException {
    Home home = Home.user(directory);
    file(
        "config/skillwarden.yaml",
        "server: {port: 1, max-connections: 10}\nlog: {level: debug}\ngate: {deadline: 1s}\n");
    file("config/conf.d/20-b.yaml", "server:\n  port: 3\n");
    file("config/conf.d/10-a.yaml", "server: {port: 2, idle-timeout: 9s}\nlog: {level: error}\n");
    file("config/conf.d/30-c.yaml.off", "server: {port: 4}\n");
    file("config/conf.d/.40-editor.yaml", "server: {port: 5}\n");
    ConfigLayers layers =
        ConfigLayers.read(
            home,
            Map.of("SKILLWARDEN_GATE_DEADLINE", "2s", "SKILLWARDEN_SERVER_IDLE_TIMEOUT", "8s"),
            Map.of(ConfigKey.SERVER_IDLE_TIMEOUT, "7s"));
    List<String> shown = new ArrayList<>();
    for (ConfigKey key : ConfigKey.values()) {
      if (!layers.source(key).equals("default")) {
        shown.add(
            "%s=%s %s"
                .formatted(
                    key.key(),
                    layers.shown(key),
                    layers.source(key).replace(directory + "/config/", "")));
      }
    }
    assertEquals(
        List.of(
            "server.port=3 conf.d/20-b.yaml:2",
            "server.max-connections=10 skillwarden.yaml:1",
            "server.idle-timeout=7s command line",
            "gate.deadline=2s environment SKILLWARDEN_GATE_DEADLINE",
            "log.level=error conf.d/10-a.yaml:2"),
        shown);
  }
}
