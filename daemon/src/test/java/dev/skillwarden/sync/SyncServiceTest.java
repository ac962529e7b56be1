package dev.skillwarden.sync;

import static dev.skillwarden.repo.RemoteRepository.Entry.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.RemoteRepository;
import dev.skillwarden.repo.Signers;
import dev.skillwarden.sync.SyncResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncServiceTest {
  private static final String DAEMON = "skillwarden";
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final String UNKNOWN = "0123456789012345678901234567890123456789";

  @TempDir private Path temp;
  private RemoteRepository remote;
  private final List<CatalogSnapshot> published = new ArrayList<>();
  private final List<JournalEntry> journal = new ArrayList<>();
  private boolean journalFull;
  private SyncService service;

  @BeforeEach
  void open() throws IOException {
    remote = RemoteRepository.create(temp.resolve("remote.git"));
    service = service();
  }

  private SyncService service() throws IOException {
    return new SyncService(
        GitStore.open(temp.resolve("repo.git")),
        temp.resolve("sync"),
        this::append,
        InstantSource.fixed(NOON),
        () -> "id-" + journal.size(),
        published::add,
        DAEMON);
  }

  private long append(JournalEntry entry) throws IOException {
    if (journalFull) {
      throw new IOException("disk full");
    }
    journal.add(entry);
    return journal.size();
  }

  private List<Source> target(String sha) {
    return List.of(
        new Source(
            "main",
            remote.config(),
            new Pin.Commit(sha),
            Signers.none(),
            FetchLimits.DEFAULT,
            Duration.ZERO));
  }

  private static RemoteRepository.Entry skill(String id) {
    return file(
        ".claude/skills/" + id + ".md",
        """
        ---
        name: %s
        version: 1.0.0
        description: Refunds a customer after checking the order.
        tags: [refund]
        access_level: public
        ---
        Check the order first.
        """
            .formatted(id));
  }

  private List<String> journalled() {
    return journal.stream()
        .map(e -> String.join(" ", e.account(), e.decision(), e.outcome(), e.catalogCommit()))
        .toList();
  }

  private static List<String> names(CatalogSnapshot snapshot) {
    return snapshot.skills().stream().map(s -> s.id().toString()).toList();
  }

  @Test
  void startsWithNothing() {
    assertEquals(Status.NEVER, service.last().status());
  }

  @Test
  void servesThePinnedCommitAndThenTheNext() throws Exception {
    String first = remote.commit(skill("billing/refund"));
    String second = remote.commit(skill("billing/refund"), skill("billing/invoice"));
    SyncResult result = service.sync(target(first), "");
    assertEquals(
        new SyncResult(
            Status.OK,
            "",
            "1 skills served, 0 findings",
            first,
            NOON,
            Duration.ZERO,
            1,
            0,
            List.of(
                new SyncResult.SourceStatus(
                    "main",
                    "commit " + first,
                    first,
                    Instant.EPOCH,
                    NOON,
                    "",
                    "",
                    0,
                    Instant.MAX,
                    Duration.ZERO,
                    1,
                    0))),
        result);
    assertSame(result, service.last());
    service.sync(target(second), "");
    assertEquals(
        List.of(List.of("billing/refund"), List.of("billing/invoice", "billing/refund")),
        published.stream().map(SyncServiceTest::names).toList());
    assertEquals(
        List.of(DAEMON + " allow changed " + first, DAEMON + " allow changed " + second),
        journalled());
    assertEquals(JournalEntry.Kind.SYNC, journal.getFirst().kind());
    assertEquals("id-0", journal.getFirst().id());
  }

  @Test
  void goesBackToAnEarlierCommitWithoutTheNetwork() throws Exception {
    String first = remote.commit(skill("billing/refund"));
    String second = remote.commit(skill("billing/invoice"));
    service.sync(target(first), "");
    service.sync(target(second), "");
    Files.move(temp.resolve("remote.git"), temp.resolve("gone.git"));
    assertEquals(Status.OK, service.sync(target(first), "").status());
    assertEquals(first, published.getLast().commit());
  }

  @Test
  void publishesAgainAfterARestartWithoutTheNetwork() throws Exception {
    String sha = remote.commit(skill("billing/refund"));
    service.sync(target(sha), "");
    Files.move(temp.resolve("remote.git"), temp.resolve("gone.git"));
    assertEquals(Status.OK, service().sync(target(sha), "").status());
    assertEquals(2, published.size());
  }

  @Test
  void publishesAnUnchangedCommitOnceButJournalsWhoAsked() throws Exception {
    String sha = remote.commit(skill("billing/refund"));
    service.sync(target(sha), "");
    service.sync(target(sha), "");
    assertEquals(1, journal.size());
    SyncResult result = service.sync(target(sha), "ada");
    assertEquals(1, published.size());
    assertEquals("already served", result.message());
    assertEquals("ada allow unchanged " + sha, journalled().getLast());
  }

  @Test
  void keepsWhatIsServedWhenTheFetchFailsAndJournalsTheFirstFailure() throws Exception {
    String sha = remote.commit(skill("billing/refund"));
    service.sync(target(sha), "");
    for (int i = 0; i < 3; i++) {
      SyncResult failed = service.sync(target(UNKNOWN), "");
      assertEquals(Status.FAILED, failed.status());
      assertEquals("UNKNOWN_COMMIT", failed.code());
      assertEquals(sha, failed.commit());
      assertEquals(1, failed.skills());
      assertTrue(failed.message().contains(UNKNOWN), failed.message());
    }
    service.sync(target(UNKNOWN), "ada");
    service.sync(target(sha), "");
    assertEquals(1, published.size());
    assertEquals(
        List.of(
            DAEMON + " allow changed " + sha,
            DAEMON + " deny failed UNKNOWN_COMMIT " + sha,
            "ada deny failed UNKNOWN_COMMIT " + sha,
            DAEMON + " allow unchanged " + sha),
        journalled());
  }

  @Test
  void leavesOutABadSkillAndServesTheGoodOnes() throws Exception {
    String sha =
        remote.commit(
            skill("billing/refund"),
            file(".claude/skills/billing/broken.md", "---\nname: other/name\n---\n"),
            RemoteRepository.Entry.symlink(".claude/skills/billing/link.md", "/etc/passwd"),
            file(".claude/skills/billing/huge.md", "x".repeat(300 << 10)),
            file("README.md", "not a skill"));
    SyncResult result = service.sync(target(sha), "");
    assertEquals(Status.OK, result.status());
    assertEquals(List.of("billing/refund"), names(published.getFirst()));
    assertTrue(result.findings() >= 3, () -> String.valueOf(published.getFirst().findings()));
    for (String bad : List.of("broken", "link", "huge")) {
      assertTrue(
          published.getFirst().findings().stream().anyMatch(f -> f.at().file().contains(bad)), bad);
    }
  }

  @Test
  void doesNotServeWhatCannotBeJournalled() throws Exception {
    String first = remote.commit(skill("billing/refund"));
    String second = remote.commit(skill("billing/invoice"));
    service.sync(target(first), "");
    journalFull = true;
    SyncResult result = service.sync(target(second), "");
    assertEquals("JOURNAL", result.code());
    assertEquals(first, result.commit());
    assertEquals(1, published.size());
    journalFull = false;
    assertEquals(Status.OK, service.sync(target(second), "").status());
    assertEquals(List.of("billing/invoice"), names(published.getLast()));
  }

  @Test
  void fetchesAgainWhenTheStoreLostItsObjects() throws Exception {
    String sha = remote.commit(skill("billing/refund"));
    service.sync(target(sha), "");
    try (Stream<Path> objects = Files.walk(temp.resolve("repo.git/objects"))) {
      for (Path object : objects.filter(Files::isRegularFile).toList()) {
        Files.delete(object);
      }
    }
    service = service();
    assertEquals(Status.OK, service.sync(target(sha), "").status());
    assertEquals(sha, published.getLast().commit());
  }
}
