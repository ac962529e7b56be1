package dev.skillwarden.repo;

import static dev.skillwarden.repo.RemoteRepository.Entry.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.repo.FetchException.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.eclipse.jgit.transport.UploadPack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshFetchTest {
  private static KeyPair hostKey;
  private static KeyPair otherHostKey;
  private static KeyPair deployKey;
  private static KeyPair strangersKey;

  @TempDir private Path temp;
  private RemoteRepository remote;
  private GitStore store;
  private String sha;
  private SshServer server;
  private final List<String> users = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeKeys() throws GeneralSecurityException {
    hostKey = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
    otherHostKey = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
    deployKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
    strangersKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
  }

  @BeforeEach
  void start() throws IOException {
    remote = RemoteRepository.create(temp.resolve("remote.git"));
    sha = remote.commit(file("a.md", "hello"));
    remote.commit(file("a.md", "later"));
    store = GitStore.open(temp.resolve("repo.git"));
    server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setPublickeyAuthenticator((user, key, session) -> {
      users.add(user);
      return KeyUtils.compareKeys(key, deployKey.getPublic());
    });
    server.setCommandFactory((channel, command) -> new Upload(command, remote));
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(true);
  }

  /// Answers `git-upload-pack '/skills.git'`.
  private static final class Upload extends AbstractCommandSupport {
    private final RemoteRepository remote;

    Upload(String command, RemoteRepository remote) {
      super(command, null);
      this.remote = remote;
    }

    @Override
    public void run() {
      if (!getCommand().equals("git-upload-pack '/skills.git'")) {
        onExit(1, "unknown command " + getCommand());
        return;
      }
      try (UploadPack pack = new UploadPack(remote.repository)) {
        pack.upload(getInputStream(), getOutputStream(), getErrorStream());
        onExit(0);
      } catch (IOException e) {
        onExit(1, String.valueOf(e.getMessage()));
      }
    }
  }

  private Path key(KeyPair pair, Optional<String> passphrase) throws Exception {
    Path file = temp.resolve("key");
    OpenSSHKeyEncryptionContext encryption = new OpenSSHKeyEncryptionContext();
    encryption.setCipherType("256");
    passphrase.ifPresent(encryption::setPassword);
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(
          pair, "test", passphrase.isPresent() ? encryption : null, out);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private Path knownHosts(String marker, PublicKey... keys) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (PublicKey known : keys) {
      lines
          .append("%s[127.0.0.1]:%d ".formatted(marker, server.getPort()))
          .append(PublicKeyEntry.toString(known))
          .append('\n');
    }
    return Files.writeString(temp.resolve("known_hosts"), lines);
  }

  private RemoteConfig config(String user, Optional<Path> key, Optional<Path> knownHosts) {
    Auth auth =
        new Auth(
            key,
            knownHosts,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty());
    return new RemoteConfig(
        "ssh://%s127.0.0.1:%d/skills.git".formatted(user, server.getPort()),
        Duration.ofSeconds(20),
        auth);
  }

  private RemoteConfig config(Path key, Path knownHosts) {
    return config("", Optional.of(key), Optional.of(knownHosts));
  }

  private FetchException refused(RemoteConfig config) {
    FetchException e =
        assertThrows(
            FetchException.class,
            () -> store.fetch(config, sha, Signers.none(), FetchLimits.DEFAULT));
    assertFalse(store.has(sha));
    return e;
  }

  @Test
  void fetchesWithTheDeployKeyFromAKnownHost() throws Exception {
    store.fetch(
        config(key(deployKey, Optional.empty()), knownHosts("", hostKey.getPublic())),
        sha,
        Signers.none(),
        FetchLimits.DEFAULT);
    assertTrue(store.has(sha));
    assertTrue(users.stream().allMatch("git"::equals), () -> String.valueOf(users));
  }

  @Test
  void logsInAsTheUserOfTheUrl() throws Exception {
    store.fetch(
        config(
            "deploy@",
            Optional.of(key(deployKey, Optional.empty())),
            Optional.of(knownHosts("", otherHostKey.getPublic(), hostKey.getPublic()))),
        sha,
        Signers.none(),
        FetchLimits.DEFAULT);
    assertTrue(users.contains("deploy"), () -> String.valueOf(users));
  }

  @Test
  void saysThatTheServerRefusesTheKey() throws Exception {
    FetchException e =
        refused(config(key(strangersKey, Optional.empty()), knownHosts("", hostKey.getPublic())));
    assertEquals(Code.UNAUTHORIZED, e.code(), e.getMessage());
  }

  @Test
  void saysThatTheHostKeyChanged() throws Exception {
    FetchException e =
        refused(config(key(deployKey, Optional.empty()), knownHosts("", otherHostKey.getPublic())));
    assertEquals(Code.HOST_KEY, e.code(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("changed"), e.getMessage());
    assertEquals(List.of(), users);
  }

  @Test
  void refusesAnUnknownHostAndDoesNotLearnItsKey() throws Exception {
    Path known = knownHosts("");
    FetchException e = refused(config(key(deployKey, Optional.empty()), known));
    assertEquals(Code.HOST_KEY, e.code(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("unknown"), e.getMessage());
    assertEquals("", Files.readString(known));
    assertEquals(List.of(), users);
  }

  @ParameterizedTest
  @ValueSource(strings = {"@revoked ", "@cert-authority "})
  void doesNotTakeAMarkedKeyForAKnownOne(String marker) throws Exception {
    FetchException e =
        refused(config(key(deployKey, Optional.empty()), knownHosts(marker, hostKey.getPublic())));
    assertEquals(Code.HOST_KEY, e.code(), e.getMessage());
  }

  @Test
  void needsAKeyAndKnownHosts() throws Exception {
    Path key = key(deployKey, Optional.empty());
    Path known = knownHosts("", hostKey.getPublic());
    assertEquals(
        Code.AUTH_CONFIG, refused(config("", Optional.empty(), Optional.of(known))).code());
    assertEquals(Code.AUTH_CONFIG, refused(config("", Optional.of(key), Optional.empty())).code());
    assertEquals(Code.AUTH_CONFIG, refused(config(key, temp.resolve("missing"))).code());
    assertEquals(Code.AUTH_CONFIG, refused(config(temp.resolve("missing"), known)).code());
  }

  @Test
  void refusesAKeyWithAPassphraseOrOpenToOthers() throws Exception {
    Path known = knownHosts("", hostKey.getPublic());
    FetchException locked = refused(config(key(deployKey, Optional.of("pass phrase")), known));
    assertEquals(Code.AUTH_CONFIG, locked.code(), locked.getMessage());
    Path open = key(deployKey, Optional.empty());
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    FetchException e = refused(config(open, known));
    assertEquals(Code.AUTH_CONFIG, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("chmod 600"), e.getMessage());
  }
}
