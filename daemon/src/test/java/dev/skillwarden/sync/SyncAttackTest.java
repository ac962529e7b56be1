package dev.skillwarden.sync;

import static dev.skillwarden.repo.RemoteRepository.Entry.file;
import static dev.skillwarden.repo.RemoteRepository.Entry.symlink;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.catalog.Resolution;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.repo.Auth;
import dev.skillwarden.repo.CommitSigner;
import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.HttpGitServer;
import dev.skillwarden.repo.HttpGitServer.Fault;
import dev.skillwarden.repo.RemoteConfig;
import dev.skillwarden.repo.RemoteRepository;
import dev.skillwarden.repo.RemoteRepository.Entry;
import dev.skillwarden.repo.Signers;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import dev.skillwarden.sync.SyncResult.Status;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A remote, and whoever sits between it and us, is hostile: nothing old, foreign, unsigned or
/// damaged gets into service, and what was served stays in service.
class SyncAttackTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final SkillId REFUND = SkillId.parse("billing/refund");

  @TempDir private Path temp;
  private RemoteRepository remote;
  private final List<CatalogSnapshot> published = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Instant now = NOON;
  private SyncService service;

  @BeforeEach
  void start() throws IOException {
    remote = RemoteRepository.create(temp.resolve("remote.git"));
    service = service();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : open) {
      part.close();
    }
  }

  /// As after a restart of the daemon.
  private SyncService service() throws IOException {
    InstantSource clock = () -> now;
    return new SyncService(
        GitStore.open(temp.resolve("repo.git")),
        temp.resolve("sync"),
        entry -> {
          journal.add(entry);
          return journal.size();
        },
        clock,
        () -> "id-" + journal.size(),
        published::add,
        "skillwarden");
  }

  private Source follows(RemoteConfig config, Pin pin, Signers signers, FetchLimits limits) {
    return new Source("main", config, pin, signers, limits, Duration.ofDays(30));
  }

  private List<Source> stable() {
    return List.of(
        follows(
            remote.config(), new Pin.Branch("stable", true), Signers.none(), FetchLimits.DEFAULT));
  }

  private static Entry skill(String id, String version, String body) {
    return file(".claude/skills/" + id + ".md", text(id, version, body));
  }

  private static String text(String id, String version, String body) {
    return """
    ---
    name: %s
    version: %s
    description: Refunds a customer after checking the order.
    tags: [refund]
    access_level: public
    ---
    %s
    """
        .formatted(id, version, body);
  }

  private String commit(Entry... files) throws IOException {
    return remote.commit("stable", remote.head("stable"), CommitSigner.NONE, files);
  }

  private String accept(Entry... files) throws IOException {
    String sha = commit(files);
    SyncResult result = service.sync(stable(), "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(sha, served());
    return sha;
  }

  private String served() {
    return published.isEmpty() ? "" : published.getLast().commit();
  }

  private void refused(String code, String stillServed, SyncResult result) {
    assertEquals(code, result.code(), result.message());
    assertEquals(Status.FAILED, result.status());
    assertEquals(stillServed, result.commit());
    assertEquals(stillServed, served());
    if (journal.stream().noneMatch(e -> e.outcome().equals("failed " + code))) {
      throw new AssertionError("the refusal is not on record: " + journal);
    }
  }

  @Test
  void aBranchThatGoesBackIsRefused() throws Exception {
    String first = accept(skill("billing/refund", "1.0.0", "a"));
    String second = accept(skill("billing/refund", "1.1.0", "b"));
    remote.move("refs/heads/stable", first);
    refused("NOT_A_DESCENDANT", second, service.sync(stable(), ""));
    refused("NOT_A_DESCENDANT", second, service.sync(stable(), ""));
    String third =
        remote.commit(
            "stable",
            Optional.of(second),
            CommitSigner.NONE,
            skill("billing/refund", "1.2.0", "c"));
    assertEquals(Status.OK, service.sync(stable(), "").status());
    assertEquals(third, served());
  }

  @Test
  void aRestartDoesNotForgetWhatWasAccepted() throws Exception {
    String first = accept(skill("billing/refund", "1.0.0", "a"));
    String second = accept(skill("billing/refund", "1.1.0", "b"));
    remote.move("refs/heads/stable", first);
    service = service();
    assertEquals(Status.OK, service.restore(stable()).status());
    refused("NOT_A_DESCENDANT", second, service.sync(stable(), ""));
  }

  @Test
  void aDamagedStateAcceptsNothing() throws Exception {
    accept(skill("billing/refund", "1.0.0", "a"));
    Files.writeString(temp.resolve("sync/main.json"), "{}x");
    service = service();
    SyncResult result = service.sync(stable(), "");
    assertEquals("LOCAL", result.code());
    assertTrue(result.message().contains("main.json is damaged"), result.message());
  }

  @Test
  void anOldCatalogUnderANewHistoryIsRefused() throws Exception {
    String old = accept(skill("billing/refund", "1.0.0", "a"));
    remote.commit(
        "stable", Optional.empty(), CommitSigner.NONE, skill("billing/refund", "1.0.0", "replay"));
    refused("NOT_A_DESCENDANT", old, service.sync(stable(), ""));
  }

  @Test
  void aRevertIsANewDescendantAndWorks() throws Exception {
    accept(skill("billing/refund", "1.0.0", "good"));
    accept(skill("billing/refund", "1.1.0", "bad"));
    accept(skill("billing/refund", "1.0.0", "good"));
    assertEquals("good\n", published.getLast().skills().getFirst().body());
  }

  @Test
  void onlyCommitsOfAllowedSshSignersAreServed() throws Exception {
    Path mine = temp.resolve("mine");
    CommitSigner trusted = CommitSigner.ssh(mine);
    CommitSigner stranger = CommitSigner.ssh(temp.resolve("stranger"));
    Path allowed = temp.resolve("allowed");
    Files.writeString(allowed, CommitSigner.allowed(mine));
    signatures(trusted, stranger, new Signers(Optional.of(allowed), Optional.empty(), List.of()));
  }

  @Test
  void onlyCommitsOfListedOpenPgpKeysAreServed() throws Exception {
    CommitSigner.OpenPgp mine = CommitSigner.OpenPgp.generate();
    CommitSigner.OpenPgp stranger = CommitSigner.OpenPgp.generate();
    Path keys = temp.resolve("keys.asc");
    Files.writeString(keys, mine.publicKey() + stranger.publicKey());
    signatures(
        mine,
        stranger,
        new Signers(Optional.empty(), Optional.of(keys), List.of(mine.fingerprint())));
  }

  private void signatures(CommitSigner trusted, CommitSigner stranger, Signers signers)
      throws IOException {
    List<Source> sources =
        List.of(
            follows(remote.config(), new Pin.Branch("stable", true), signers, FetchLimits.DEFAULT));
    String unsigned = commit(skill("billing/refund", "1.0.0", "never signed"));
    refused("SIGNATURE", "", service.sync(sources, ""));
    Optional<String> none = Optional.empty();
    String good = remote.commit("stable", none, trusted, skill("billing/refund", "1.0.0", "a"));
    SyncResult result = service.sync(sources, "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(good, served());
    remote.commit(
        "stable", Optional.of(good), CommitSigner.NONE, skill("billing/refund", "1.1.0", "b"));
    refused("SIGNATURE", good, service.sync(sources, ""));
    remote.commit("stable", Optional.of(good), stranger, skill("billing/refund", "1.1.0", "c"));
    refused("SIGNATURE", good, service.sync(sources, ""));
    remote.commit(
        "stable",
        Optional.of(good),
        (repository, commit) -> {
          trusted.sign(repository, commit);
          commit.setMessage("changed after it was signed");
        },
        skill("billing/refund", "1.1.0", "d"));
    refused("SIGNATURE", good, service.sync(sources, ""));
    refused(
        "SIGNATURE",
        good,
        service.sync(
            List.of(
                follows(remote.config(), new Pin.Commit(unsigned), signers, FetchLimits.DEFAULT)),
            ""));
    String next =
        remote.commit("stable", Optional.of(good), trusted, skill("billing/refund", "1.2.0", "e"));
    assertEquals(Status.OK, service.sync(sources, "").status());
    assertEquals(next, served());
  }

  /// Releases of a catalog: version to the commit that holds it.
  private Entry catalog(Map<String, String> versions, Map<String, String> bodies) {
    CatalogFile catalog = CatalogFile.empty("stable");
    for (Map.Entry<String, String> release : versions.entrySet()) {
      String body = bodies.getOrDefault(release.getKey(), "");
      String content = text("billing/refund", release.getKey(), body);
      catalog =
          catalog.with(
              new CatalogFile.Entry(
                  REFUND,
                  Version.parse(release.getKey()),
                  release.getValue(),
                  Sha256.of(content.getBytes(StandardCharsets.UTF_8)),
                  NOON,
                  Optional.empty(),
                  Optional.empty()));
    }
    return file(CatalogFile.PATH, catalog.write());
  }

  private String release(String version, String body) throws IOException {
    String sha = remote.commit(skill("billing/refund", version, body));
    remote.move("refs/tags/billing/refund@" + version, sha);
    return sha;
  }

  private static String versions(CatalogSnapshot snapshot) {
    return snapshot.versions(REFUND).stream()
        .map(Version::toString)
        .collect(Collectors.joining(" "));
  }

  private static List<String> rules(CatalogSnapshot snapshot) {
    return snapshot.findings().stream().map(Finding::rule).map(r -> r.id()).toList();
  }

  @Test
  void anOldMajorIsServedWhileMainHoldsANewOneAndAHotfixFromABranchToo() throws Exception {
    String one = release("1.4.0", "one");
    String two = release("2.0.0", "two");
    accept(catalog(Map.of("1.4.0", one, "2.0.0", two), Map.of("1.4.0", "one", "2.0.0", "two")));
    assertEquals("2.0.0 1.4.0", versions(published.getLast()));
    String hotfix =
        remote.commit(
            "billing/refund/1.x",
            Optional.of(one),
            CommitSigner.NONE,
            skill("billing/refund", "1.4.1", "hotfix"));
    accept(
        catalog(
            Map.of("1.4.0", one, "1.4.1", hotfix, "2.0.0", two),
            Map.of("1.4.0", "one", "1.4.1", "hotfix", "2.0.0", "two")));
    Resolution found = published.getLast().resolve(REFUND, VersionRange.parse("1.x"));
    assertTrue(found instanceof Resolution.Found(var s) && s.body().equals("hotfix\n"));
  }

  @Test
  void aMovedTagChangesNothing() throws Exception {
    String one = release("1.0.0", "one");
    String sha = accept(catalog(Map.of("1.0.0", one), Map.of("1.0.0", "one")));
    String evil = remote.commit(skill("billing/refund", "1.0.0", "evil"));
    remote.move("refs/tags/billing/refund@1.0.0", evil);
    assertEquals(Status.OK, service.sync(stable(), "").status());
    assertEquals(sha, served());
    assertEquals("one\n", published.getLast().skills().getFirst().body());
  }

  @Test
  void aChangedBlobBehindAReleaseQuarantinesThatReleaseOnly() throws Exception {
    String one = release("1.0.0", "one");
    String evil = release("1.1.0", "evil");
    accept(catalog(Map.of("1.0.0", one, "1.1.0", evil), Map.of("1.0.0", "one", "1.1.0", "true")));
    assertEquals("1.0.0", versions(published.getLast()));
    assertEquals(List.of("SK071"), rules(published.getLast()));
  }

  @Test
  void aReleaseThatNamesAnotherVersionIsQuarantined() throws Exception {
    String one = release("1.0.0", "one");
    String content = text("billing/refund", "1.0.0", "one");
    CatalogFile wrong =
        CatalogFile.empty("stable")
            .with(
                new CatalogFile.Entry(
                    REFUND,
                    Version.parse("1.2.0"),
                    one,
                    Sha256.of(content.getBytes(StandardCharsets.UTF_8)),
                    NOON,
                    Optional.empty(),
                    Optional.empty()));
    accept(file(CatalogFile.PATH, wrong.write()));
    assertEquals(List.of("SK073"), rules(published.getLast()));
  }

  @Test
  void aSymbolicLinkInAReleaseIsQuarantined() throws Exception {
    String one = release("1.0.0", "one");
    String link = remote.commit(symlink(".claude/skills/billing/refund.md", "/etc/passwd"));
    accept(catalog(Map.of("1.0.0", one, "1.1.0", link), Map.of("1.0.0", "one", "1.1.0", "x")));
    assertEquals("1.0.0", versions(published.getLast()));
    assertEquals(List.of("SK009"), rules(published.getLast()));
  }

  @Test
  void aPathOutOfTheRepositoryInTheCatalogIsQuarantined() throws Exception {
    String one = release("1.0.0", "one");
    Entry good = catalog(Map.of("1.0.0", one), Map.of("1.0.0", "one"));
    String evil =
        good.text()
            .replace("\"name\" : \"billing/refund\"", "\"name\" : \"../../etc\"")
            .replace(".claude/skills/billing/refund.md", ".claude/skills/../../etc/passwd");
    accept(file(CatalogFile.PATH, evil));
    assertEquals(List.of(), published.getLast().skills());
    assertEquals(List.of("SK070"), rules(published.getLast()));
    String other = good.text().replace("refund.md", "../../../../etc/passwd");
    accept(file(CatalogFile.PATH, other));
    assertEquals(List.of("SK070"), rules(published.getLast()));
  }

  @Test
  void aFileThatIsNoCatalogIsRefused() throws Exception {
    String one = release("1.0.0", "one");
    String sha = accept(catalog(Map.of("1.0.0", one), Map.of("1.0.0", "one")));
    commit(file(CatalogFile.PATH, "{\"schema\": 1, \"schema\": 1}"));
    refused("CATALOG", sha, service.sync(stable(), ""));
    commit(symlink(CatalogFile.PATH, "/etc/passwd"));
    refused("CATALOG", sha, service.sync(stable(), ""));
  }

  @Test
  void aReleaseNobodyHandsOutIsQuarantinedUntilItComes() throws Exception {
    String one = release("1.0.0", "one");
    String missing = "0123456789012345678901234567890123456789";
    accept(catalog(Map.of("1.0.0", one, "1.1.0", missing), Map.of("1.0.0", "one", "1.1.0", "b")));
    assertEquals("1.0.0", versions(published.getLast()));
    assertEquals(List.of("SK072"), rules(published.getLast()));
  }

  @Test
  void aReleaseThatWasMissingIsAskedForAgainAfterAWhile() throws Exception {
    String one = release("1.0.0", "one");
    RemoteRepository other = RemoteRepository.create(temp.resolve("other.git"));
    String two = other.commit(skill("billing/refund", "1.1.0", "two"));
    accept(catalog(Map.of("1.0.0", one, "1.1.0", two), Map.of("1.0.0", "one", "1.1.0", "two")));
    assertEquals("1.0.0", versions(published.getLast()));
    assertEquals(
        two,
        remote.commit(
            "late", Optional.empty(), CommitSigner.NONE, skill("billing/refund", "1.1.0", "two")));
    service.sync(stable(), "");
    assertEquals(1, published.size());
    now = NOON.plus(Duration.ofMinutes(15));
    service.sync(stable(), "");
    assertEquals("1.1.0 1.0.0", versions(published.getLast()));
    assertEquals(List.of(), rules(published.getLast()));
  }

  @Test
  void oneReleaseThatIsGoneDoesNotKeepBackTheOthers() throws Exception {
    Map<String, String> commits = new HashMap<>();
    Map<String, String> bodies = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      String version = "1.%d.0".formatted(i);
      commits.put(version, release(version, "body " + i));
      bodies.put(version, "body " + i);
    }
    commits.put("1.20.0", "0123456789012345678901234567890123456789");
    commits.put("1.21.0", "abcdefabcdefabcdefabcdefabcdefabcdefabcd");
    commit(catalog(commits, bodies));
    HttpGitServer server = http();
    SyncResult result = service.sync(over(server, Duration.ofSeconds(20), FetchLimits.DEFAULT), "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(20, published.getLast().versions(REFUND).size());
    assertEquals(List.of("SK072", "SK072"), rules(published.getLast()));
  }

  private HttpGitServer http() throws IOException {
    HttpGitServer server = HttpGitServer.start(remote, Optional.empty());
    open.add(server);
    return server;
  }

  private List<Source> over(HttpGitServer server, Duration timeout, FetchLimits limits) {
    return List.of(
        follows(
            new RemoteConfig(server.url(), timeout, Auth.none()),
            new Pin.Branch("stable", true),
            Signers.none(),
            limits));
  }

  @Test
  void aHundredThousandRefsAreNoBurden() throws Exception {
    String first = remote.commit(skill("billing/refund", "1.0.0", "a"));
    remote.refs("refs/tags/t", 100_000, first);
    remote.move("refs/heads/stable", first);
    HttpGitServer server = http();
    List<Source> sources = over(server, Duration.ofSeconds(30), FetchLimits.DEFAULT);
    assertEquals(Status.OK, service.sync(sources, "").status());
    server.sent.set(0);
    assertEquals(Status.OK, service.sync(sources, "").status());
    assertTrue(server.sent.get() < 2_000, "an unchanged poll took " + server.sent.get());
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFaultyDownloadLeavesWhatWasServed(Fault fault) throws Exception {
    String first = commit(skill("billing/refund", "1.0.0", "a"));
    HttpGitServer server = http();
    List<Source> sources =
        over(server, Duration.ofSeconds(4), new FetchLimits(4 << 20, 8 << 20, 10_000));
    assertEquals(Status.OK, service.sync(sources, "").status());
    String second = commit(skill("billing/refund", "1.1.0", "x".repeat(10_000)));
    server.fault = fault;
    SyncResult result = service.sync(sources, "");
    assertEquals(Status.FAILED, result.status());
    assertEquals(first, served());
    server.fault = Fault.NONE;
    result = service.sync(sources, "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(second, served());
  }

  @Test
  void moreObjectsOrBytesThanAllowedAreRefused() throws Exception {
    String first = accept(skill("billing/refund", "1.0.0", "a"));
    Entry[] many = new Entry[3_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = skill("billing/s" + i, "1.0.0", "body " + i);
    }
    commit(many);
    List<Source> few =
        List.of(
            follows(
                remote.config(),
                new Pin.Branch("stable", true),
                Signers.none(),
                new FetchLimits(1 << 30, 1L << 30, 1_000)));
    refused("TOO_LARGE", first, service.sync(few, ""));
    List<Source> small =
        List.of(
            follows(
                remote.config(),
                new Pin.Branch("stable", true),
                Signers.none(),
                new FetchLimits(1 << 20, 1, 1_000_000)));
    refused("TOO_LARGE", first, service.sync(small, ""));
  }

  @Test
  void anOldCommitRaisesAnAlarm() throws Exception {
    CommitSigner onNewYear =
        (repository, commit) ->
            commit.setCommitter(
                new PersonIdent(
                    "Ada",
                    "ada@example.com",
                    Instant.parse("2026-01-01T00:00:00Z"),
                    ZoneOffset.UTC));
    remote.commit("stable", Optional.empty(), onNewYear, skill("billing/refund", "1.0.0", "a"));
    SyncResult result = service.sync(stable(), "");
    assertEquals(Status.OK, result.status());
    SyncResult.SourceStatus source = result.sources().getFirst();
    assertEquals(List.of(), source.alarms(Instant.parse("2026-01-30T00:00:00Z")));
    assertEquals(
        List.of(
            "source main: its commit is of 2026-01-01T00:00:00Z, older than sync.max-age; either"
                + " nothing was released or somebody holds it back"),
        source.alarms(Instant.parse("2026-02-01T00:00:00Z")));
  }

  @Test
  void releasesAreFetchedByTheirTagsWhenTheServerRefusesIds() throws Exception {
    String one = release("1.0.0", "one");
    String two = release("1.1.0", "two");
    remote.move("refs/heads/main", one); // 1.1.0 is reached by its tag only
    commit(catalog(Map.of("1.0.0", one, "1.1.0", two), Map.of("1.0.0", "one", "1.1.0", "two")));
    HttpGitServer server = http();
    server.advertisedOnly = true;
    SyncResult result = service.sync(over(server, Duration.ofSeconds(20), FetchLimits.DEFAULT), "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals("1.1.0 1.0.0", versions(published.getLast()));
  }

  @Test
  void manyPacksAreJoinedAndNothingIsLost() throws Exception {
    String first = accept(skill("billing/refund", "1.0.0", "a"));
    for (int i = 1; i <= 60; i++) {
      accept(skill("billing/refund", "1.0." + i, "b"));
    }
    try (Stream<Path> packs = Files.list(temp.resolve("repo.git/objects/pack"))) {
      long count = packs.filter(p -> p.toString().endsWith(".pack")).count();
      assertTrue(count < 30, "packs: " + count);
    }
    assertTrue(GitStore.open(temp.resolve("repo.git")).has(first));
    service = service();
    assertEquals(served(), service.restore(stable()).commit());
  }

  // Pointers.

  private record Keys(PrivateKey key, Ed25519.Verifier verifier) {
    static Keys generate() {
      try {
        List<String> pair = Ed25519.generate();
        return new Keys(
            Ed25519.privateKey(pair.getFirst()), Ed25519.publicKeys(pair.getLast()).getFirst());
      } catch (IOException | GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Keys keys = Keys.generate();
  private String document = "";
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger unchanged = new AtomicInteger();
  private volatile boolean endless;

  private String pointerServer() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          String etag = "\"" + document.hashCode() + "\"";
          answered.incrementAndGet();
          if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            unchanged.incrementAndGet();
            exchange.sendResponseHeaders(304, -1);
          } else {
            byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("ETag", etag);
            exchange.sendResponseHeaders(200, endless ? 0 : bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
              out.write(bytes);
              while (endless) {
                out.write(bytes);
              }
            }
          }
          exchange.close();
        });
    server.start();
    open.add(() -> server.stop(0));
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/pointer";
  }

  private void point(long seq, String commit, Instant expires) throws GeneralSecurityException {
    document =
        new Pointer("acme/stable", seq, commit, expires, Optional.empty())
            .sign(keys.key(), keys.verifier());
  }

  private List<Source> pointed(String url) {
    return List.of(
        follows(
            remote.config(),
            new Pin.ByPointer(url, List.of(keys.verifier()), Optional.empty(), true),
            Signers.none(),
            FetchLimits.DEFAULT));
  }

  private record Pointed(String url, String first, String second) {}

  private Pointed pointedAtSecond() throws Exception {
    keys = Keys.generate();
    String url = pointerServer();
    String first = commit(skill("billing/refund", "1.0.0", "a"));
    String second = commit(skill("billing/refund", "1.1.0", "b"));
    point(1, first, NOON.plusSeconds(3_600));
    assertEquals(Status.OK, service.sync(pointed(url), "").status());
    point(2, second, NOON.plusSeconds(3_600));
    assertEquals(Status.OK, service.sync(pointed(url), "").status());
    assertEquals(second, served());
    return new Pointed(url, first, second);
  }

  @Test
  void anUnchangedPointerCostsOneSmallAnswer() throws Exception {
    Pointed at = pointedAtSecond();
    int before = answered.get();
    Files.move(temp.resolve("remote.git"), temp.resolve("unreachable.git"));
    assertEquals(Status.OK, service.sync(pointed(at.url()), "").status());
    assertEquals(1, answered.get() - before);
    assertEquals(1, unchanged.get());
  }

  @Test
  void aPointerRolledBackIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    point(1, at.first(), NOON.plusSeconds(3_600));
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
    service = service();
    assertEquals(at.second(), service.restore(pointed(at.url())).commit());
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
  }

  @Test
  void aPointerWithAHigherNumberCannotGoBackInHistory() throws Exception {
    Pointed at = pointedAtSecond();
    point(3, at.first(), NOON.plusSeconds(3_600));
    refused("NOT_A_DESCENDANT", at.second(), service.sync(pointed(at.url()), ""));
  }

  @Test
  void aFrozenPointerRaisesAnAlarmAndStopsNothing() throws Exception {
    Pointed at = pointedAtSecond();
    now = NOON.plusSeconds(7_200);
    SyncResult result = service.sync(pointed(at.url()), "");
    assertEquals(Status.OK, result.status());
    assertEquals(at.second(), result.commit());
    List<String> alarms = result.sources().getFirst().alarms(now);
    assertEquals(1, alarms.size());
    assertTrue(alarms.getFirst().contains("its pointer expired"), alarms.getFirst());
    assertEquals(List.of(), result.sources().getFirst().alarms(NOON));
  }

  @Test
  void aThiefWhoJumpsAheadIsOutrunByANewKey() throws Exception {
    Pointed at = pointedAtSecond();
    String evil =
        remote.commit(
            "evil",
            Optional.of(at.second()),
            CommitSigner.NONE,
            skill("billing/refund", "9.0.0", "e"));
    point(Pointer.MAX_SEQ, evil, NOON.plusSeconds(3_600));
    assertEquals(Status.OK, service.sync(pointed(at.url()), "").status());
    keys = Keys.generate();
    String third = commit(skill("billing/refund", "1.2.0", "c"));
    point(3, third, NOON.plusSeconds(3_600));
    SyncResult result = service.sync(pointed(at.url()), "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(third, served());
  }

  @Test
  void aPointerOfAnotherKeyIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    List<Source> sources = pointed(at.url());
    keys = Keys.generate();
    point(3, at.first(), NOON.plusSeconds(3_600));
    refused("POINTER", at.second(), service.sync(sources, ""));
  }

  @Test
  void aTamperedPointerIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    document = document.replace(at.second(), at.first()).replace("\"seq\":2", "\"seq\":3");
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
    document = "nonsense";
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
  }

  @Test
  void twoPointersOfOneNumberAreRefused() throws Exception {
    Pointed at = pointedAtSecond();
    point(2, commit(skill("billing/refund", "1.2.0", "c")), NOON.plusSeconds(3_600));
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
  }

  @Test
  void anEndlessPointerIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    document = document + " ";
    endless = true;
    refused("TOO_LARGE", at.second(), service.sync(pointed(at.url()), ""));
    endless = false;
  }

  @Test
  void aPointerForAnotherChannelIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    document =
        new Pointer("acme/latest", 3, at.second(), NOON.plusSeconds(9), Optional.empty())
            .sign(keys.key(), keys.verifier());
    refused("POINTER", at.second(), service.sync(pointed(at.url()), ""));
  }

  @Test
  void aPointerMixedWithAnotherRepositorysCommitIsRefused() throws Exception {
    Pointed at = pointedAtSecond();
    RemoteRepository other = RemoteRepository.create(temp.resolve("other.git"));
    String foreign = other.commit(skill("billing/refund", "5.0.0", "foreign"));
    point(3, foreign, NOON.plusSeconds(3_600));
    refused("UNKNOWN_COMMIT", at.second(), service.sync(pointed(at.url()), ""));
  }

  private void pointToBundle(long seq, String commit, Path bundle, String url, String digest)
      throws Exception {
    document =
        new Pointer(
                "acme/stable",
                seq,
                commit,
                NOON.plusSeconds(3_600),
                Optional.of(new Pointer.Bundle(url, digest, Files.size(bundle))))
            .sign(keys.key(), keys.verifier());
  }

  @Test
  void aBundleNamedByItsDigestReplacesGit() throws Exception {
    Pointed at = pointedAtSecond();
    String third = commit(skill("billing/refund", "1.2.0", "c"));
    Path file = temp.resolve("third.bundle");
    remote.bundle(file, third, at.second());
    byte[] bytes = Files.readAllBytes(file);
    HttpServer cdn =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cdn.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    cdn.start();
    open.add(() -> cdn.stop(0));
    String url = "http://127.0.0.1:" + cdn.getAddress().getPort() + "/b";
    Files.move(temp.resolve("remote.git"), temp.resolve("unreachable.git"));
    pointToBundle(3, third, file, url, "0".repeat(64));
    refused("UNREACHABLE", at.second(), service.sync(pointed(at.url()), ""));
    pointToBundle(4, third, file, url, Sha256.of(bytes));
    SyncResult result = service.sync(pointed(at.url()), "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(third, served());
    try (Stream<Path> left = Files.list(temp.resolve("sync"))) {
      assertEquals(1, left.count(), "the bundle was left behind");
    }
  }

  @Test
  void severalSourcesJoinAndOneThatFailsDoesNotStopTheOthers() throws Exception {
    RemoteRepository other = RemoteRepository.create(temp.resolve("other.git"));
    commit(skill("billing/refund", "1.0.0", "a"));
    other.commit(skill("finance/report", "1.0.0", "f"), skill("billing/refund", "3.0.0", "mine"));
    List<Source> both =
        List.of(
            stable().getFirst(),
            new Source(
                "finance",
                other.config(),
                new Pin.Branch("main", true),
                Signers.none(),
                FetchLimits.DEFAULT,
                Duration.ZERO));
    SyncResult result = service.sync(both, "");
    assertEquals(Status.OK, result.status(), result.message());
    assertEquals(
        List.of("billing/refund@1.0.0", "finance/report@1.0.0"),
        published.getLast().skills().stream().map(s -> s.release()).toList());
    assertEquals(List.of("SK014"), rules(published.getLast()));
    // A name stays with the first source, even when its skill there has errors.
    commit(skill("billing/refund", "broken", "a"));
    assertEquals(Status.OK, service.sync(both, "").status());
    assertEquals(
        List.of("finance/report@1.0.0"),
        published.getLast().skills().stream().map(s -> s.release()).toList());
    Files.move(temp.resolve("other.git"), temp.resolve("gone.git"));
    commit(skill("billing/refund", "1.1.0", "b"));
    result = service.sync(both, "");
    assertEquals(Status.FAILED, result.status());
    assertEquals(
        List.of("billing/refund@1.1.0", "finance/report@1.0.0"),
        published.getLast().skills().stream().map(s -> s.release()).toList());
  }
}
