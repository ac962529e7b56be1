package dev.skillwarden.daemon;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.repo.Auth;
import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.RemoteConfig;
import dev.skillwarden.repo.Signers;
import dev.skillwarden.sync.Pin;
import dev.skillwarden.sync.Source;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The repositories of a configuration: the one under `sync`, then those of `sources`.
final class SourceReader {
  /// Name of the one under `sync`.
  static final String MAIN = "main";

  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern REMOTE =
      Pattern.compile(
          "file:///\\S+|https://[^@\\s/]+/\\S*|ssh://([A-Za-z0-9._-]+@)?[^@:\\s/]+(:\\d{1,5})?/\\S+|http://(127\\.0\\.0\\.1|localhost)(:\\d{1,5})?/\\S*");
  private static final Pattern PROXY = Pattern.compile("[A-Za-z0-9.-]+:\\d{1,5}");
  private static final Pattern BRANCH = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}");
  private static final Pattern URL =
      Pattern.compile("https://[^@\\s/]+/\\S*|http://127\\.0\\.0\\.1(:\\d{1,5})?/\\S*");
  private static final Pattern POINTER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");
  private static final Pattern SOURCE_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final Pattern FINGERPRINT = Pattern.compile("([0-9A-F]{40}|[0-9A-F]{64})");
  private static final Duration TEN_YEARS = Duration.ofDays(3_650);

  private final ConfigReader read;

  private SourceReader(ConfigReader read) {
    this.read = read;
  }

  /// @param problems receives everything that is wrong
  static List<Source> read(ConfigLayers layers, List<Problem> problems) {
    List<Source> sources = new ArrayList<>();
    ConfigReader main = new ConfigReader(layers, "");
    new SourceReader(main).source(MAIN).ifPresent(sources::add);
    problems.addAll(main.problems());
    Set<String> names = new HashSet<>(Set.of(MAIN));
    for (ConfigLayers.NamedSource named : layers.sources()) {
      ConfigReader read = new ConfigReader(named.layers(), "sources." + named.name() + ": ");
      if (!SOURCE_NAME.matcher(named.name()).matches() || !names.add(named.name())) {
        read.problem(
            ConfigKey.SYNC_REMOTE,
            "the name wants lower-case letters, digits and hyphens, each name once");
      } else {
        Optional<Source> source = new SourceReader(read).source(named.name());
        if (source.isEmpty() && read.problems().isEmpty()) {
          read.problem(ConfigKey.SYNC_REMOTE, "is missing; name the repository");
        }
        source.ifPresent(sources::add);
      }
      problems.addAll(read.problems());
    }
    return sources;
  }

  private Optional<Source> source(String name) {
    Optional<String> remote =
        read.matching(
            ConfigKey.SYNC_REMOTE,
            REMOTE,
            "a file://, https:// or ssh:// URL without user name or password");
    Optional<Pin> pin = pin(remote.isPresent());
    Signers signers = signers();
    Auth auth = auth(read);
    Duration timeout =
        read.duration(ConfigKey.SYNC_TIMEOUT, Duration.ofSeconds(1), Duration.ofHours(1));
    Duration maxAge = read.duration(ConfigKey.SYNC_MAX_AGE, Duration.ZERO, TEN_YEARS);
    FetchLimits limits =
        new FetchLimits(
            (long) read.integer(ConfigKey.SYNC_MAX_FETCH, 1, 1_000_000) << 20,
            (long) read.integer(ConfigKey.SYNC_MAX_STORE, 1, 1_000_000) << 20,
            read.integer(ConfigKey.SYNC_MAX_OBJECTS, 1_000, Integer.MAX_VALUE));
    return remote.isEmpty() || pin.isEmpty() || !read.problems().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Source(
                name,
                new RemoteConfig(remote.get(), timeout, auth),
                pin.get(),
                signers,
                limits,
                maxAge));
  }

  private Optional<Pin> pin(boolean wanted) {
    Optional<String> sha =
        read.matching(ConfigKey.SYNC_PIN_SHA, SHA, "40 lower-case hex digits, a full commit id");
    Optional<String> ref =
        read.matching(ConfigKey.SYNC_PIN_REF, BRANCH, "the name of a branch, such as stable");
    Optional<String> url =
        read.matching(ConfigKey.SYNC_POINTER_URL, URL, "an https:// address without a login");
    boolean ffOnly = read.bool(ConfigKey.SYNC_PIN_FF_ONLY);
    List<Ed25519.Verifier> keys = pointerKeys(url.isPresent());
    Optional<String> name =
        read.matching(ConfigKey.SYNC_POINTER_NAME, POINTER_NAME, "a name such as acme/stable");
    int given = (sha.isPresent() ? 1 : 0) + (ref.isPresent() ? 1 : 0) + (url.isPresent() ? 1 : 0);
    if (given > 1) {
      read.problem(
          ConfigKey.SYNC_PIN_SHA,
          "set only one of sync.pin.sha, sync.pin.ref and sync.pointer-url");
    } else if (given == 0 && wanted && read.text(ConfigKey.SYNC_PIN_SHA).isEmpty()) {
      read.problem(
          ConfigKey.SYNC_PIN_SHA,
          "is missing; sync.remote is set, so name the commit to serve, or a branch with"
              + " sync.pin.ref, or a pointer with sync.pointer-url");
    }
    if (sha.isPresent()) {
      return sha.map(Pin.Commit::new);
    }
    return ref.isPresent()
        ? ref.map(r -> new Pin.Branch(r, ffOnly))
        : url.map(u -> new Pin.ByPointer(u, keys, name, ffOnly));
  }

  private List<Ed25519.Verifier> pointerKeys(boolean wanted) {
    Optional<Path> file = read.path(ConfigKey.SYNC_POINTER_KEYS);
    if (file.isEmpty()) {
      if (wanted) {
        read.problem(
            ConfigKey.SYNC_POINTER_KEYS,
            "is missing; a pointer is only followed when its signature can be checked");
      }
      return List.of();
    }
    try {
      return Ed25519.publicKeys(Files.readString(file.get()));
    } catch (IOException e) {
      read.problem(
          ConfigKey.SYNC_POINTER_KEYS,
          "%s cannot be used: %s".formatted(file.get(), e.getMessage()));
      return List.of();
    }
  }

  private Signers signers() {
    Optional<Path> ssh = read.path(ConfigKey.SYNC_SSH_SIGNERS);
    Optional<Path> pgp = read.path(ConfigKey.SYNC_PGP_KEYS);
    List<String> fingerprints =
        read.list(ConfigKey.SYNC_PGP_FINGERPRINTS).stream()
            .map(f -> f.replace(" ", "").toUpperCase(Locale.ROOT))
            .toList();
    if (pgp.isPresent() && fingerprints.isEmpty()) {
      read.problem(
          ConfigKey.SYNC_PGP_FINGERPRINTS,
          "is missing; list the fingerprints of the keys that may sign");
    }
    for (String fingerprint : fingerprints) {
      if (!FINGERPRINT.matcher(fingerprint).matches()) {
        read.problem(
            ConfigKey.SYNC_PGP_FINGERPRINTS,
            "wants whole fingerprints of 40 or 64 hex digits, found '%s'".formatted(fingerprint));
      }
    }
    if (!fingerprints.isEmpty() && pgp.isEmpty()) {
      read.problem(ConfigKey.SYNC_PGP_KEYS, "is missing; name the file with the keys themselves");
    }
    return new Signers(ssh, pgp, fingerprints);
  }

  private static Auth auth(ConfigReader read) {
    Auth auth =
        new Auth(
            read.path(ConfigKey.SYNC_SSH_KEY),
            read.path(ConfigKey.SYNC_KNOWN_HOSTS),
            read.optional(ConfigKey.SYNC_USERNAME),
            read.path(ConfigKey.SYNC_SECRET_FILE),
            read.list(ConfigKey.SYNC_COMMAND),
            read.matching(ConfigKey.SYNC_PROXY, PROXY, "host:port"),
            read.path(ConfigKey.SYNC_CA_BUNDLE));
    if (auth.sshKey().isPresent() && auth.knownHosts().isEmpty()) {
      read.problem(
          ConfigKey.SYNC_KNOWN_HOSTS,
          "is missing; with ssh-key, name a file with the server's host keys");
    }
    int secrets =
        (auth.sshKey().isPresent() ? 1 : 0)
            + (auth.secretFile().isPresent() ? 1 : 0)
            + (auth.command().isEmpty() ? 0 : 1);
    if (secrets > 1) {
      read.problem(
          ConfigKey.SYNC_SECRET_FILE, "set only one of sync.auth.ssh-key, secret-file and command");
    }
    return auth;
  }
}
