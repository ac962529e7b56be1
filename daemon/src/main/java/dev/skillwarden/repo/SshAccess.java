package dev.skillwarden.repo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.jspecify.annotations.Nullable;

/// SSH of one fetch: the given key and the given host keys, nothing of `~/.ssh` and no agent. A
/// server whose key is not known is refused, and the known-hosts file is never written.
final class SshAccess implements ServerKeyDatabase {
  private final String host;
  private final int port;
  private final Path knownHosts;
  private final Iterable<KeyPair> keys;
  private final List<KnownHostEntry> entries;

  /// Why the server's key was refused; empty if it was not.
  private volatile String refusal = "";

  SshAccess(URIish remote, Auth auth) throws FetchException {
    if (auth.sshKey().isEmpty() || auth.knownHosts().isEmpty()) {
      throw Secrets.config(
          "an ssh:// remote needs %s; set sync.auth.ssh-key to a private key and"
                  .formatted(auth.sshKey().isEmpty() ? "a key" : "known hosts")
              + " sync.auth.known-hosts to a file with the server's host keys");
    }
    this.host = remote.getHost();
    this.port = remote.getPort() > 0 ? remote.getPort() : 22;
    this.knownHosts = auth.knownHosts().get();
    this.keys = keys(auth.sshKey().get());
    this.entries = entries(knownHosts);
  }

  String refusal() {
    return refusal;
  }

  /// @param directory stands in for the home directory, so that no file of a user is looked at
  SshdSessionFactory sessions(Path directory) {
    return new SshdSessionFactoryBuilder()
        .setHomeDirectory(directory.toFile())
        .setSshDirectory(directory.toFile())
        .setConfigStoreFactory((home, config, user) -> null)
        .setDefaultKnownHostsFiles(d -> List.of())
        .setDefaultIdentities(d -> List.of())
        .setDefaultKeysProvider(d -> keys)
        .setServerKeyDatabase((home, ssh) -> this)
        .setPreferredAuthentications("publickey")
        .setConnectorFactory(null)
        .setProxyDataFactory(address -> null)
        .build(null);
  }

  private static Iterable<KeyPair> keys(Path file) throws FetchException {
    Secrets.requirePrivate("SSH key", file);
    byte[] content = Secrets.read("SSH key", file);
    try {
      Iterable<KeyPair> pairs =
          SecurityUtils.loadKeyPairIdentities(
              null,
              new PathResource(file),
              new ByteArrayInputStream(content),
              FilePasswordProvider.EMPTY);
      if (pairs != null && pairs.iterator().hasNext()) {
        return pairs;
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Said below: the library's text can quote the key.
    }
    throw Secrets.config(
        "the SSH key %s cannot be used; it must be a private key without passphrase in OpenSSH or"
                .formatted(file)
            + " PEM format");
  }

  private static List<KnownHostEntry> entries(Path file) throws FetchException {
    try {
      return KnownHostEntry.readKnownHostEntries(file);
    } catch (IOException e) {
      throw Secrets.unreadable("known-hosts file", file, e);
    } catch (RuntimeException e) {
      throw Secrets.config(
          "the known-hosts file %s has a line that cannot be read; make it with ssh-keyscan"
              .formatted(file));
    }
  }

  @Override
  public List<PublicKey> lookup(
      String connectAddress, InetSocketAddress remoteAddress, Configuration config) {
    return known(false);
  }

  @Override
  public boolean accept(
      String connectAddress,
      InetSocketAddress remoteAddress,
      PublicKey serverKey,
      Configuration config,
      @Nullable CredentialsProvider provider) {
    String problem = problem(serverKey);
    refusal =
        problem.isEmpty()
            ? ""
            : problem
                + (". File: %s. If the server's operator confirms the key, put it there; if not,"
                        + " someone may be posing as the server")
                    .formatted(knownHosts);
    return problem.isEmpty();
  }

  private String problem(PublicKey shown) {
    List<PublicKey> known = known(false);
    if (contains(known(true), shown)) {
      return "revoked: the key %s is marked so".formatted(fingerprint(shown));
    }
    if (contains(known, shown)) {
      return "";
    }
    if (known.isEmpty()) {
      return "unknown: it shows %s".formatted(fingerprint(shown));
    }
    List<String> wanted = known.stream().map(SshAccess::fingerprint).toList();
    return "changed: it shows %s, known is %s"
        .formatted(fingerprint(shown), String.join(" ", wanted));
  }

  /// Certificate authorities are not supported: their lines do not count.
  private List<PublicKey> known(boolean revoked) {
    List<PublicKey> result = new ArrayList<>();
    for (KnownHostEntry entry : entries) {
      String marker = entry.getMarker() == null ? "" : entry.getMarker();
      if (marker.equals(revoked ? "revoked" : "") && entry.isHostMatch(host, port)) {
        try {
          PublicKey key =
              entry.getKeyEntry().resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.IGNORING);
          if (key != null) {
            result.add(key);
          }
        } catch (IOException | GeneralSecurityException e) {
          // A line that is no key accepts no server.
        }
      }
    }
    return result;
  }

  private static boolean contains(List<PublicKey> keys, PublicKey key) {
    return keys.stream().anyMatch(k -> KeyUtils.compareKeys(k, key));
  }

  private static String fingerprint(PublicKey key) {
    return KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key);
  }
}
