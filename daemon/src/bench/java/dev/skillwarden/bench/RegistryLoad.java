package dev.skillwarden.bench;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.lint.Checkout;
import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.lint.Linter;
import dev.skillwarden.lint.Report;
import dev.skillwarden.repo.Auth;
import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.HttpGitServer;
import dev.skillwarden.repo.RemoteConfig;
import dev.skillwarden.repo.RemoteRepository;
import dev.skillwarden.repo.Signers;
import dev.skillwarden.search.EmbeddingModel;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.VectorCache;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.Version;
import dev.skillwarden.sync.Pin;
import dev.skillwarden.sync.Pointer;
import dev.skillwarden.sync.Source;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.sync.SyncService;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/// Registry figures at full size: lint of 5,000 skills; first sync and index of 5,000 skills with
/// two releases each over smart HTTP; a steady poll; one changed skill of 500. Everything is made
/// up here and lies in a temporary directory; the server is on loopback.
public final class RegistryLoad {
  private static final int TEAMS = 100;
  private static final PersonIdent ADA =
      new PersonIdent("Ada", "ada@example.com", Instant.EPOCH, java.time.ZoneOffset.UTC);
  private static final String[] WORDS =
      ("order refund customer invoice ship check report deploy review data metric query budget plan"
              + " team account payment release incident rollback design test service price contract"
              + " brief campaign answer letter case fact approve limit record sheet step result")
          .split(" ");

  private final Path temp;

  private RegistryLoad(Path temp) {
    this.temp = temp;
  }

  public static void main(String[] args) throws Exception {
    Path temp = Files.createTempDirectory("registry-load");
    try {
      RegistryLoad load = new RegistryLoad(temp);
      load.lint(5_000);
      load.firstSync(5_000);
      load.changed(500);
    } finally {
      try (Stream<Path> files = Files.walk(temp)) {
        for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static SkillId id(int number) {
    return new SkillId("team-" + number % TEAMS, "skill-" + number);
  }

  /// About 7 KB, as the median of public skills.
  private static String text(int number, String version) {
    Random random = new Random(number);
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 1_100; i++) {
      body.append(WORDS[random.nextInt(WORDS.length)]).append(i % 12 == 11 ? "\n" : " ");
    }
    String depends =
        number % 5 == 0 && number >= TEAMS
            ? "depends_on: ['%s:1.x']\n".formatted(id(number - TEAMS))
            : "";
    return """
    ---
    name: %s
    version: %s
    description: %s the %s of a %s and %s it for %s number %d.
    tags: [%s, %s]
    access_level: team
    owners: [leads]
    %s---
    # Skill %d at %s

    %s
    """
        .formatted(
            id(number),
            version,
            WORDS[random.nextInt(WORDS.length)],
            WORDS[random.nextInt(WORDS.length)],
            WORDS[random.nextInt(WORDS.length)],
            WORDS[random.nextInt(WORDS.length)],
            WORDS[random.nextInt(WORDS.length)],
            number,
            WORDS[number % WORDS.length],
            WORDS[(number + 7) % WORDS.length],
            depends,
            number,
            version,
            body);
  }

  private static void say(String what, long start) {
    System.out.printf(Locale.ROOT, "%-68s %8.2f s%n", what, (System.nanoTime() - start) / 1e9);
  }

  private void lint(int skills) throws Exception {
    Path top = temp.resolve("checkout");
    for (int i = 0; i < skills; i++) {
      Path file = top.resolve(SkillParser.ROOT + id(i) + ".md");
      Files.createDirectories(file.getParent());
      Files.writeString(file, text(i, "1.0.0"));
    }
    for (int run = 1; run <= 3; run++) {
      long start = System.nanoTime();
      Checkout checkout = new CheckoutReader(top).read(Optional.empty(), Optional.empty());
      Report report = Linter.lint(checkout);
      say(
          "lint of %,d skills, %d findings, run %d"
              .formatted(report.skills(), report.findings().size(), run),
          start);
    }
  }

  /// Every release is a commit of its own, with a tag.
  private final class Remote {
    private final RemoteRepository repository;
    private final Path directory;
    private final ObjectId[] blobs;
    private final StringBuilder packed =
        new StringBuilder("# pack-refs with: peeled fully-peeled sorted \n");
    private CatalogFile catalog = CatalogFile.empty("stable");
    private ObjectId parent;

    Remote(String name, int skills) throws IOException {
      directory = temp.resolve(name);
      repository = RemoteRepository.create(directory);
      blobs = new ObjectId[skills];
    }

    void release(String version, int from, int to) throws IOException {
      List<String> tags = new ArrayList<>();
      List<CatalogFile.Entry> entries = new ArrayList<>();
      try (FileRepository files =
              (FileRepository)
                  new FileRepositoryBuilder().setBare().setGitDir(directory.toFile()).build();
          ObjectInserter inserter = files.getObjectDatabase().newPackInserter()) {
        for (int i = from; i < to; i++) {
          byte[] bytes = text(i, version).getBytes(StandardCharsets.UTF_8);
          blobs[i] = inserter.insert(Constants.OBJ_BLOB, bytes);
          CommitBuilder commit = new CommitBuilder();
          commit.setTreeId(tree(inserter));
          if (parent != null) {
            commit.setParentId(parent);
          }
          commit.setAuthor(ADA);
          commit.setCommitter(ADA);
          commit.setMessage("release");
          parent = inserter.insert(commit);
          tags.add("%s refs/tags/%s@%s".formatted(parent.name(), id(i), version));
          entries.add(
              new CatalogFile.Entry(
                  id(i),
                  Version.parse(version),
                  parent.name(),
                  Sha256.of(bytes),
                  Instant.EPOCH,
                  Optional.empty(),
                  Optional.empty()));
        }
        inserter.flush();
      }
      List<CatalogFile.Entry> all = new ArrayList<>(catalog.entries().toList());
      all.addAll(entries);
      java.util.Map<SkillId, List<CatalogFile.Entry>> byId = new java.util.TreeMap<>();
      all.forEach(e -> byId.computeIfAbsent(e.skill(), k -> new ArrayList<>()).add(e));
      catalog = new CatalogFile("stable", byId, java.util.Map.of());
      tags.forEach(t -> packed.append(t).append('\n'));
      repository.move("refs/heads/main", parent.name());
    }

    void writeTags() throws IOException {
      String[] lines = packed.toString().split("\n");
      java.util.Arrays.sort(
          lines, 1, lines.length, Comparator.comparing((String l) -> l.substring(41)));
      Files.writeString(directory.resolve("packed-refs"), String.join("\n", lines) + "\n");
      repository.move("refs/heads/main", parent.name());
    }

    String publish() throws IOException {
      return repository.commit(
          "stable",
          repository.head("stable"),
          dev.skillwarden.repo.CommitSigner.NONE,
          RemoteRepository.Entry.file(CatalogFile.PATH, catalog.write()));
    }

    private ObjectId tree(ObjectInserter inserter) throws IOException {
      TreeFormatter[] teams = new TreeFormatter[TEAMS];
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < blobs.length; i++) {
        if (blobs[i] != null) {
          numbers.add(i);
        }
      }
      numbers.sort(Comparator.comparing((Integer i) -> "skill-" + i + ".md"));
      for (int i : numbers) {
        int team = i % TEAMS;
        teams[team] = teams[team] == null ? new TreeFormatter() : teams[team];
        teams[team].append("skill-" + i + ".md", FileMode.REGULAR_FILE, blobs[i]);
      }
      List<Integer> order = new ArrayList<>();
      for (int t = 0; t < TEAMS; t++) {
        if (teams[t] != null) {
          order.add(t);
        }
      }
      order.sort(Comparator.comparing((Integer t) -> "team-" + t + "/"));
      TreeFormatter skills = new TreeFormatter();
      for (int t : order) {
        skills.append("team-" + t, FileMode.TREE, inserter.insert(teams[t]));
      }
      TreeFormatter claude = new TreeFormatter();
      claude.append("skills", FileMode.TREE, inserter.insert(skills));
      TreeFormatter root = new TreeFormatter();
      root.append(".claude", FileMode.TREE, inserter.insert(claude));
      return inserter.insert(root);
    }
  }

  private SyncService service(String store, AtomicReference<CatalogSnapshot> served)
      throws IOException {
    return new SyncService(
        GitStore.open(temp.resolve(store)),
        temp.resolve(store + "-state"),
        entry -> 1,
        InstantSource.system(),
        () -> "id",
        served::set,
        "bench");
  }

  private static Source follows(String url, Pin pin) {
    return new Source(
        "main",
        new RemoteConfig(url, Duration.ofMinutes(10), Auth.none()),
        pin,
        Signers.none(),
        FetchLimits.DEFAULT,
        Duration.ZERO);
  }

  private static void require(SyncResult result) {
    if (!result.ok()) {
      throw new IllegalStateException(result.toString());
    }
  }

  private void firstSync(int skills) throws Exception {
    Remote remote = new Remote("big.git", skills);
    long start = System.nanoTime();
    remote.release("1.0.0", 0, skills);
    remote.release("1.1.0", 0, skills);
    remote.writeTags();
    remote.publish();
    say("(made %,d skills with two releases, a commit and tag each)".formatted(skills), start);
    AtomicReference<CatalogSnapshot> served = new AtomicReference<>(CatalogSnapshot.EMPTY);
    try (HttpGitServer server = HttpGitServer.start(remote.repository, Optional.empty())) {
      SyncService service = service("big-store", served);
      List<Source> sources = List.of(follows(server.url(), new Pin.Branch("stable", true)));
      start = System.nanoTime();
      require(service.sync(sources, ""));
      say("first sync, %,d releases served".formatted(served.get().releases().count()), start);
      long whole = start;
      start = System.nanoTime();
      VectorCache cache = VectorCache.in(temp.resolve("vectors"));
      SearchIndex words = SearchIndex.build(served.get(), Optional.empty(), cache);
      say("index by words", start);
      say("first sync and index by words together", whole);
      words.close();
      start = System.nanoTime();
      try (MiniLm model = MiniLm.open(temp.resolve("native"))) {
        SearchIndex.build(served.get(), Optional.of((EmbeddingModel) model), cache).close();
      }
      say("index by meaning, from nothing, in the background", start);
      say("everything together", whole);
      for (int poll = 1; poll <= 3; poll++) {
        server.sent.set(0);
        int requests = server.requests.size();
        start = System.nanoTime();
        require(service.sync(sources, ""));
        say(
            "steady poll %d: %,d bytes in %d answers"
                .formatted(poll, server.sent.get(), server.requests.size() - requests),
            start);
      }
    }
    SyncService restarted = service("big-store", served);
    start = System.nanoTime();
    require(
        restarted.restore(
            List.of(follows("https://127.0.0.1:1/x", new Pin.Branch("stable", true)))));
    say("restart: %,d releases from the store".formatted(served.get().releases().count()), start);
  }

  private void changed(int skills) throws Exception {
    Remote remote = new Remote("small.git", skills);
    remote.release("1.0.0", 0, skills);
    remote.writeTags();
    String first = remote.publish();
    AtomicReference<CatalogSnapshot> served = new AtomicReference<>(CatalogSnapshot.EMPTY);
    SyncService service = service("small-store", served);
    List<String> pair = Ed25519.generate();
    Ed25519.Verifier key = Ed25519.publicKeys(pair.getLast()).getFirst();
    AtomicReference<String> pointer = new AtomicReference<>("");
    com.sun.net.httpserver.HttpServer http =
        com.sun.net.httpserver.HttpServer.create(
            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          byte[] bytes = pointer.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    http.start();
    try (MiniLm model = MiniLm.open(temp.resolve("native"))) {
      VectorCache cache = VectorCache.in(temp.resolve("vectors-small"));
      List<Source> sources =
          List.of(
              follows(
                  remote.repository.url(),
                  new Pin.ByPointer(
                      "http://127.0.0.1:" + http.getAddress().getPort() + "/",
                      List.of(key),
                      Optional.empty(),
                      true)));
      point(pointer, pair, key, 1, first);
      require(service.sync(sources, ""));
      SearchIndex.build(served.get(), Optional.of((EmbeddingModel) model), cache).close();
      for (int round = 1; round <= 5; round++) {
        remote.release("1.1." + round, round, round + 1);
        String commit = remote.publish();
        point(pointer, pair, key, round + 1, commit);
        long start = System.nanoTime();
        require(service.sync(sources, ""));
        SearchIndex words = SearchIndex.build(served.get(), Optional.empty(), cache);
        words.search(SearchQuery.of("order of a customer", 5), s -> true);
        say("one changed skill of %,d, searchable by words".formatted(skills), start);
        SearchIndex all =
            SearchIndex.build(served.get(), Optional.of((EmbeddingModel) model), cache);
        all.search(SearchQuery.of("order of a customer", 5), s -> true);
        say("one changed skill of %,d, searchable by meaning too".formatted(skills), start);
        words.close();
        all.close();
      }
    } finally {
      http.stop(0);
    }
  }

  private static void point(
      AtomicReference<String> pointer,
      List<String> pair,
      Ed25519.Verifier key,
      long seq,
      String commit)
      throws Exception {
    pointer.set(
        new Pointer("bench", seq, commit, Instant.now().plusSeconds(3_600), Optional.empty())
            .sign(Ed25519.privateKey(pair.getFirst()), key));
  }
}
