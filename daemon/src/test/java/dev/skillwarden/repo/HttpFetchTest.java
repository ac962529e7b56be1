package dev.skillwarden.repo;

import static dev.skillwarden.repo.RemoteRepository.Entry.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.repo.FetchException.Code;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFetchTest {
  private static final String SECRET = "s3cr3t-Tok&n";
  private static final String LOGIN = Secrets.basic("x-access-token", SECRET);

  @TempDir private Path temp;
  private RemoteRepository remote;
  private GitStore store;
  private String sha;

  @BeforeEach
  void open() throws IOException {
    remote = RemoteRepository.create(temp.resolve("remote.git"));
    sha = remote.commit(file("a.md", "hello"));
    remote.commit(file("a.md", "later"));
    store = GitStore.open(temp.resolve("repo.git"));
  }

  private static RemoteConfig config(String url, Auth auth) {
    return new RemoteConfig(url, Duration.ofSeconds(20), auth);
  }

  private Auth secretFile(String content, String mode) throws IOException {
    Path file = Files.writeString(temp.resolve("secret"), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return new Auth(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(file),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static Auth command(String... command) {
    return new Auth(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(command),
        Optional.empty(),
        Optional.empty());
  }

  private static Auth tls(Optional<Path> caBundle, Optional<String> proxy) {
    return new Auth(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        proxy,
        caBundle);
  }

  private FetchException refused(RemoteConfig config) {
    return assertThrows(
        FetchException.class, () -> store.fetch(config, sha, Signers.none(), FetchLimits.DEFAULT));
  }

  private static void assertSilentAboutTheSecret(FetchException e) {
    String told = e + " " + e.getCause() + " " + List.of(e.getSuppressed());
    assertFalse(told.contains(SECRET), told);
    assertFalse(told.contains(LOGIN), told);
  }

  @Test
  void fetchesFromAnOpenServer() throws Exception {
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.empty())) {
      store.fetch(config(server.url(), Auth.none()), sha, Signers.none(), FetchLimits.DEFAULT);
      assertTrue(store.has(sha));
      assertFalse(server.requests.stream().anyMatch(r -> r.containsKey("Authorization")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SECRET, SECRET + "\n", SECRET + "\r\nsecond line"})
  void logsInWithTheFirstLineOfTheSecretFile(String content) throws Exception {
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.of(LOGIN))) {
      store.fetch(
          config(server.url(), secretFile(content, "rw-------")),
          sha,
          Signers.none(),
          FetchLimits.DEFAULT);
      assertTrue(store.has(sha));
    }
  }

  @Test
  void logsInWithWhatTheCommandPrints() throws Exception {
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.of(LOGIN))) {
      store.fetch(
          config(server.url(), command("printf", "%s\\nmore\\n", SECRET)),
          sha,
          Signers.none(),
          FetchLimits.DEFAULT);
      assertTrue(store.has(sha));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void saysThatTheServerRefusesTheSecret(int status) throws Exception {
    String other = Secrets.basic("x-access-token", "another");
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.of(other))) {
      server.refusal = status;
      FetchException e = refused(config(server.url(), secretFile(SECRET, "rw-------")));
      assertEquals(Code.UNAUTHORIZED, e.code(), e.getMessage());
      assertSilentAboutTheSecret(e);
      assertFalse(store.has(sha));
    }
  }

  @Test
  void saysThatTheServerWantsALogin() throws Exception {
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.of(LOGIN))) {
      assertEquals(Code.UNAUTHORIZED, refused(config(server.url(), Auth.none())).code());
    }
  }

  @ParameterizedTest
  @CsvSource({"rw-r--r--, 0644", "rw-r-----, 0640", "rw--w----, 0620", "rw----r--, 0604"})
  void refusesASecretFileOthersCanUse(String mode, String shown) throws Exception {
    FetchException e = refused(config("https://127.0.0.1:1/x.git", secretFile(SECRET, mode)));
    assertEquals(Code.AUTH_CONFIG, e.code());
    assertTrue(String.valueOf(e.getMessage()).contains(shown), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("chmod 600"), e.getMessage());
    assertSilentAboutTheSecret(e);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "   \nsecond"})
  void refusesAnEmptySecret(String content) throws Exception {
    FetchException e =
        refused(config("https://127.0.0.1:1/x.git", secretFile(content, "rw-------")));
    assertEquals(Code.AUTH_CONFIG, e.code());
  }

  @Test
  void refusesACommandThatFailsWithoutShowingItsOutput() {
    for (Auth auth :
        List.of(
            command("sh", "-c", "echo " + SECRET + "; echo " + SECRET + " >&2; exit 3"),
            command("true"),
            command("/no/such/program"))) {
      FetchException e = refused(config("https://127.0.0.1:1/x.git", auth));
      assertEquals(Code.AUTH_CONFIG, e.code());
      assertSilentAboutTheSecret(e);
    }
  }

  @Test
  void doesNotFollowARedirectOrCarryTheSecretThere() throws Exception {
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.of(LOGIN));
        HttpGitServer thief = HttpGitServer.start(remote, Optional.empty())) {
      server.redirect = thief.url().replace("/skills.git", "");
      FetchException e = refused(config(server.url(), secretFile(SECRET, "rw-------")));
      assertEquals(Code.UNREACHABLE, e.code());
      assertTrue(String.valueOf(e.getMessage()).contains("redirect"), e.getMessage());
      assertEquals(List.of(), thief.requests);
      assertSilentAboutTheSecret(e);
    }
  }

  @Test
  void quotesAServerWithoutTheSecretItEchoes() {
    assertEquals(
        "got *** and Basic *** from you",
        Secrets.quote(
            "got " + SECRET + "\n and\tBasic " + LOGIN + " from you",
            "x-access-token",
            Optional.of(SECRET)));
    assertEquals(301, Secrets.quote("x".repeat(5_000), "git", Optional.empty()).length());
  }

  @Test
  void saysThatTheServerHasNoSuchCommit() throws Exception {
    sha = "0123456789012345678901234567890123456789";
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.empty())) {
      FetchException e = refused(config(server.url(), Auth.none()));
      assertEquals(Code.UNKNOWN_COMMIT, e.code(), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("allowReachableSHA1InWant"));
    }
  }

  /// The first fetch is plain JGit, to see that the configuration would have an effect.
  @Test
  void doesNotReadTheUsersGitConfiguration() throws Exception {
    File home = FS.DETECTED.userHome();
    try (HttpGitServer server = HttpGitServer.start(remote, Optional.empty())) {
      Files.writeString(
          temp.resolve(".gitconfig"),
          """
          [http]
            extraHeader = X-Hostile: yes
          [url "https://thief.example/"]
            insteadOf = http://127.0.0.1
          """);
      FS.DETECTED.setUserHome(temp.toFile());
      SystemReader neutral = SystemReader.getInstance();
      SystemReader.setInstance(null);
      SystemReader.setInstance(new SystemReader.Delegate(SystemReader.getInstance()));
      fetchPlainly(server.url());
      assertTrue(server.requests.stream().anyMatch(r -> r.containsKey("X-hostile")));
      server.requests.clear();

      SystemReader.setInstance(neutral);
      store = GitStore.open(temp.resolve("fresh.git"));
      store.fetch(config(server.url(), Auth.none()), sha, Signers.none(), FetchLimits.DEFAULT);
      assertFalse(server.requests.isEmpty());
      assertFalse(server.requests.stream().anyMatch(r -> r.containsKey("X-hostile")));
    } finally {
      FS.DETECTED.setUserHome(home);
      GitEnvironment.install();
    }
  }

  private void fetchPlainly(String url) throws Exception {
    try (Repository plain =
        new FileRepositoryBuilder().setBare().setGitDir(temp.resolve("p.git").toFile()).build()) {
      plain.create(true);
      try (Transport transport = Transport.open(plain, new URIish(url))) {
        transport.fetch(NullProgressMonitor.INSTANCE, List.of(new RefSpec(sha)));
      }
    }
  }

  @Test
  void trustsTheCertificatesOfTheBundleAndNoOthers() throws Exception {
    Path bundle = temp.resolve("ca.pem");
    try (HttpGitServer server = HttpGitServer.startTls(remote, certificate(bundle))) {
      FetchException e = refused(config(server.url(), Auth.none()));
      assertEquals(Code.UNREACHABLE, e.code(), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("ca-bundle"), e.getMessage());

      store.fetch(
          config(server.url(), tls(Optional.of(bundle), Optional.empty())),
          sha,
          Signers.none(),
          FetchLimits.DEFAULT);
      assertTrue(store.has(sha));
    }
  }

  @Test
  void goesThroughTheProxy() throws Exception {
    Path bundle = temp.resolve("ca.pem");
    try (HttpGitServer server = HttpGitServer.startTls(remote, certificate(bundle));
        ConnectProxy proxy = ConnectProxy.start()) {
      store.fetch(
          config(server.url(), tls(Optional.of(bundle), Optional.of(proxy.address()))),
          sha,
          Signers.none(),
          FetchLimits.DEFAULT);
      assertTrue(store.has(sha));
      assertFalse(proxy.targets.isEmpty());
      assertTrue(proxy.targets.stream().allMatch(t -> server.url().contains(t)));
    }
  }

  @Test
  void refusesABundleWithoutCertificates() throws Exception {
    Path bundle = Files.writeString(temp.resolve("ca.pem"), "not a certificate");
    FetchException e =
        refused(config("https://127.0.0.1:1/x.git", tls(Optional.of(bundle), Optional.empty())));
    assertEquals(Code.AUTH_CONFIG, e.code());
  }

  /// A fresh key pair with a self-signed certificate, which is also written to the bundle.
  private SSLContext certificate(Path bundle) throws Exception {
    Path keys = temp.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "server",
                "-dname",
                "CN=test",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                keys.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, keytool.waitFor(), () -> "keytool failed");
    KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    Files.writeString(
        bundle,
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder(64, new byte[] {'\n'})
                    .encodeToString(store.getCertificate("server").getEncoded())));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "changeit".toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    return tls;
  }
}
