package dev.skillwarden.repo;

import static dev.skillwarden.repo.RemoteRepository.Entry.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.repo.FetchException.Code;
import dev.skillwarden.repo.RemoteRepository.Entry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitStoreTest {
  private static final String NO_COMMIT = "0123456789012345678901234567890123456789";

  @TempDir private Path temp;
  private RemoteRepository remote;
  private GitStore store;

  @BeforeEach
  void open() throws IOException {
    remote = RemoteRepository.create(temp.resolve("remote.git"));
    store = GitStore.open(path());
  }

  private Path path() {
    return temp.resolve("state/repo.git");
  }

  private Repository inside() throws IOException {
    return new FileRepositoryBuilder().setBare().setGitDir(path().toFile()).build();
  }

  private FetchException refused(RemoteConfig config, String sha) {
    return assertThrows(
        FetchException.class, () -> store.fetch(config, sha, Signers.none(), FetchLimits.DEFAULT));
  }

  @Test
  void fetchesTheTip() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    assertFalse(store.has(sha));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertTrue(store.has(sha));
    assertEquals(
        List.of(new GitStore.Blob("a.md", true, "hello".getBytes(StandardCharsets.UTF_8))),
        store.files(sha, "", 100));
  }

  @Test
  void fetchesAnOlderCommitWithoutItsHistoryOrBranchesAndTags() throws Exception {
    String first = remote.commit(file("one.md", "1"));
    String second = remote.commit(file("two.md", "2"));
    String third = remote.commit(file("three.md", "3"));
    store.fetch(remote.config(), second, Signers.none(), FetchLimits.DEFAULT);
    assertEquals(List.of("two.md"), RemoteRepository.paths(store, second));
    try (Repository inside = inside()) {
      assertEquals(
          List.of("refs/skillwarden/" + second),
          inside.getRefDatabase().getRefsByPrefix("refs/").stream().map(r -> r.getName()).toList());
      assertFalse(inside.getObjectDatabase().has(ObjectId.fromString(first)));
      assertFalse(inside.getObjectDatabase().has(ObjectId.fromString(third)));
    }
  }

  @Test
  void keepsEarlierCommitsWhenTheNextIsFetched() throws Exception {
    String first = remote.commit(file("one.md", "1"), file("same.md", "s"));
    store.fetch(remote.config(), first, Signers.none(), FetchLimits.DEFAULT);
    String second = remote.commit(file("two.md", "2"), file("same.md", "s"));
    store.fetch(remote.config(), second, Signers.none(), FetchLimits.DEFAULT);
    assertEquals(List.of("one.md", "same.md"), RemoteRepository.paths(store, first));
    assertEquals(List.of("same.md", "two.md"), RemoteRepository.paths(store, second));
  }

  @Test
  void knowsItsCommitsWhenOpenedAgain() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertTrue(GitStore.open(path()).has(sha));
  }

  @Test
  void fetchesAgainWhatWasDamaged() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    try (Stream<Path> objects = Files.walk(path().resolve("objects"))) {
      for (Path object : objects.filter(Files::isRegularFile).toList()) {
        Files.delete(object);
      }
    }
    GitStore damaged = GitStore.open(path());
    assertFalse(damaged.has(sha));
    damaged.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertTrue(damaged.has(sha));
    assertEquals(List.of("a.md"), RemoteRepository.paths(damaged, sha));
  }

  @Test
  void removesLocksOfAKilledProcess() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    Files.createFile(path().resolve("shallow.lock"));
    Files.createDirectories(path().resolve("refs/skillwarden"));
    Files.createFile(path().resolve("refs/skillwarden/" + sha + ".lock"));
    GitStore again = GitStore.open(path());
    again.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertTrue(again.has(sha));
  }

  @Test
  void refusesADirectoryThatHoldsSomethingElse() throws Exception {
    Path other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("letter.txt"), "dear");
    assertThrows(IOException.class, () -> GitStore.open(other));
    assertEquals("dear", Files.readString(other.resolve("letter.txt")));
  }

  @Test
  void saysThatTheRemoteDoesNotHaveTheCommit() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    FetchException e = refused(remote.config(), NO_COMMIT);
    assertEquals(Code.UNKNOWN_COMMIT, e.code(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(NO_COMMIT), e.getMessage());
    assertTrue(store.has(sha));
  }

  @Test
  void refusesATag() throws Exception {
    String sha = remote.commit(file("a.md", "hello"));
    String tag;
    try (ObjectInserter inserter = remote.repository.newObjectInserter()) {
      TagBuilder builder = new TagBuilder();
      builder.setTag("v1");
      builder.setObjectId(ObjectId.fromString(sha), Constants.OBJ_COMMIT);
      ObjectId id = inserter.insert(builder);
      inserter.flush();
      org.eclipse.jgit.lib.RefUpdate update = remote.repository.updateRef("refs/tags/v1");
      update.setNewObjectId(id);
      update.update();
      tag = id.name();
    }
    FetchException e = refused(remote.config(), tag);
    assertEquals(Code.UNKNOWN_COMMIT, e.code(), e.getMessage());
    assertFalse(store.has(tag));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "main", "0123", "../../etc/passwd", "+refs/heads/*:refs/heads/*"})
  void refusesWhatIsNoCommitId(String sha) {
    assertEquals(Code.UNKNOWN_COMMIT, refused(remote.config(), sha).code());
    assertFalse(store.has(sha));
  }

  @Test
  void saysThatThereIsNoRepository() {
    RemoteConfig config =
        new RemoteConfig(
            temp.resolve("nothing").toUri().toString(), Duration.ofSeconds(5), Auth.none());
    assertEquals(Code.UNREACHABLE, refused(config, NO_COMMIT).code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:%d/x.git", "https://127.0.0.1:%d/x.git"})
  void givesUpOnASilentServer(String url) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      RemoteConfig config =
          new RemoteConfig(
              url.formatted(silent.getLocalPort()), Duration.ofMillis(400), Auth.none());
      long start = System.nanoTime();
      assertEquals(Code.TIMEOUT, refused(config, NO_COMMIT).code());
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(3).toNanos());
    }
  }

  @Test
  void marksWhatIsNotARegularFile() throws Exception {
    String sha =
        remote.commit(
            file("d/a.md", "text"),
            Entry.symlink("d/link.md", "/etc/passwd"),
            new Entry("d/run.md", FileMode.EXECUTABLE_FILE, "x"),
            new Entry("d/sub", FileMode.GITLINK, "module"),
            file("d2/other.md", "outside"));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertEquals(
        List.of("d/a.md true", "d/link.md false", "d/run.md false", "d/sub false"),
        store.files(sha, "d/", 100).stream().map(b -> b.path() + " " + b.regular()).toList());
    assertEquals(List.of(), store.files(sha, "nowhere/", 100));
  }

  @Test
  void cutsALongFileOneByteAfterTheLimit() throws Exception {
    String sha = remote.commit(file("big.md", "x".repeat(5_000)), file("fits.md", "y".repeat(10)));
    store.fetch(remote.config(), sha, Signers.none(), FetchLimits.DEFAULT);
    assertEquals(
        List.of(11, 10), store.files(sha, "", 10).stream().map(b -> b.content().length).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://ada:hunter2@example.com/x.git",
        "ssh://ada:hunter2@example.com/x.git",
        "http://example.com/x.git",
        "http://localhost.example.com/x.git",
        "git://example.com/x.git",
        "ftp://example.com/x.git",
        "/some/path",
        "ext::sh -c hunter2"
      })
  void refusesOtherRemotesWithoutRepeatingASecret(String url) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new RemoteConfig(url, Duration.ofSeconds(1), Auth.none()));
    assertFalse(
        url.contains("@") && String.valueOf(e.getMessage()).contains("hunter2"), e.getMessage());
  }
}
