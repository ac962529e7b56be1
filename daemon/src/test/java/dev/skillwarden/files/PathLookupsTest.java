package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A file system made up here, on which everything below `/hung` hangs until the test is over.
@Timeout(30)
class PathLookupsTest {
  private static final Entry DIRECTORY = new Entry(Entry.Kind.DIRECTORY, Optional.empty(), 1, 1, 1);

  private final CountDownLatch mended = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger hanging = new AtomicInteger();
  private final Map<Path, Entry> entries =
      new ConcurrentHashMap<>(
          Map.of(
              Path.of("/home"),
              DIRECTORY,
              Path.of("/home/ana"),
              DIRECTORY,
              Path.of("/home/ana/key"),
              Entry.link(Path.of("../ana/.ssh/id")),
              Path.of("/home/closed"),
              Entry.CLOSED,
              Path.of("/hung"),
              DIRECTORY,
              Path.of("/a"),
              file(7, 2),
              Path.of("/b"),
              file(7, 2),
              Path.of("/single"),
              file(8, 1)));

  private final PathLookups lookups = new PathLookups(account -> looker(account.equals("own")));

  private static Entry file(long inode, long links) {
    return new Entry(Entry.Kind.REGULAR, Optional.empty(), 1, inode, links);
  }

  private Looker looker(boolean own) {
    return new Looker(
        this::at, new Resolver(Optional.empty()).connection(), own, OptionalInt.empty());
  }

  private Entry at(Path path) {
    asked.incrementAndGet();
    if (path.startsWith("/hung") && path.getNameCount() > 1) {
      hanging.incrementAndGet();
      try {
        mended.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts a lookup", e);
      }
    }
    return entries.getOrDefault(path, Entry.NOTHING);
  }

  @AfterEach
  void mend() {
    mended.countDown();
  }

  private static String resolved(FileView view, String path) {
    return Paths.resolve(path, Path.of("/"), Path.of("/home/ana"), view);
  }

  private static Duration timeOf(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /// Fills all threads of an account.
  private void hangAll(String account) {
    for (int i = 0; i < PathLookups.PER_ACCOUNT; i++) {
      FileView view = lookups.view(account);
      assertEquals(Optional.empty(), view.link(Path.of("/hung/" + i)));
      assertTrue(view.overrun());
    }
  }

  private void waitForAlarm(boolean wanted) throws InterruptedException {
    while (lookups.alarms().isEmpty() == wanted) {
      Thread.sleep(5);
    }
  }

  @Test
  void followsALinkAndAsksEachPathOnce() {
    FileView view = lookups.view("ana");
    assertEquals("/home/ana/.ssh/id", resolved(view, "/home/ana/key"));
    int first = asked.get();
    assertEquals("/home/ana/.ssh/id", resolved(view, "/home/ana/key"));
    assertEquals(first, asked.get());
    assertFalse(view.overrun());
  }

  @Test
  void nothingLiesBelowAFileOrWhatIsNotThere() {
    FileView view = lookups.view("ana");
    assertEquals("/single/x/y", resolved(view, "/single/x/y"));
    assertEquals("/none/x/y", resolved(view, "/none/x/y"));
    assertEquals(2, asked.get());
    assertFalse(view.overrun());
  }

  @Test
  void aHardLinkIsKnownByItsInode() {
    FileView view = lookups.view("ana");
    List<Path> candidates = List.of(Path.of("/none"), Path.of("/single"), Path.of("/b"));
    assertEquals(Optional.of(Path.of("/b")), view.sameFile(Path.of("/a"), () -> candidates));
    assertEquals(Optional.empty(), view.sameFile(Path.of("/single"), () -> candidates));
    assertTrue(view.exists(Path.of("/a")));
    assertFalse(view.exists(Path.of("/none")));
    assertFalse(view.overrun());
  }

  @Test
  void aLookupThatHangsIsGivenUpAtTheEndOfTheBudget() {
    FileView view = lookups.view("ana");
    Duration waited = timeOf(() -> assertEquals("/hung/x", resolved(view, "/hung/x")));
    assertTrue(view.overrun());
    assertTrue(waited.compareTo(PathLookups.BUDGET) >= 0, waited.toString());
    assertTrue(waited.compareTo(Duration.ofSeconds(1)) < 0, waited.toString());
    resolved(view, "/home/ana/key");
    assertEquals(1, lookups.threads(), "nothing more is asked for that decision");
  }

  @Test
  void whatHangsAlreadyIsNotAskedAgainAndTheRestIs() {
    assertEquals("/hung/x", resolved(lookups.view("ana"), "/hung/x"));
    for (int i = 0; i < 20; i++) {
      FileView again = lookups.view("ana");
      assertEquals("/hung/x/y", resolved(again, "/hung/x/y"));
      assertTrue(again.overrun());
    }
    FileView elsewhere = lookups.view("ana");
    assertEquals("/home/ana/.ssh/id", resolved(elsewhere, "/home/ana/key"));
    assertFalse(elsewhere.overrun());
    assertEquals(1, hanging.get());
  }

  /// Calls that come together are as one: the account keeps threads for its other work.
  @Test
  void oneThingThatHangsTakesOneThread() throws InterruptedException {
    List<Thread> callers =
        java.util.stream.IntStream.range(0, 16)
            .mapToObj(
                i -> Thread.ofVirtual().start(() -> resolved(lookups.view("ana"), "/hung/x/" + i)))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    FileView elsewhere = lookups.view("ana");
    assertEquals("/home/ana/.ssh/id", resolved(elsewhere, "/home/ana/key"));
    assertFalse(elsewhere.overrun());
  }

  @Test
  void anAccountWhoseThreadsAllHangIsToldAtOnceAndNobodyElseIs() throws InterruptedException {
    hangAll("ana");
    FileView view = lookups.view("ana");
    Duration waited = timeOf(() -> resolved(view, "/home/ana/key"));
    assertTrue(view.overrun());
    assertTrue(waited.compareTo(PathLookups.BUDGET) < 0, waited.toString());
    assertEquals(PathLookups.PER_ACCOUNT, lookups.threads());

    FileView other = lookups.view("ben");
    assertEquals("/home/ana/.ssh/id", resolved(other, "/home/ana/key"));
    assertFalse(other.overrun());
    waitForAlarm(true);
    assertEquals(
        List.of(
            "path lookups of 1 account hang: a mount does not answer; calls that name paths on it"
                + " are asked about"),
        lookups.alarms());
  }

  @Test
  void whenTheMountAnswersAgainSoDoWe() throws InterruptedException {
    hangAll("ana");
    waitForAlarm(true);
    mended.countDown();
    waitForAlarm(false);
    FileView view = lookups.view("ana");
    assertEquals("/home/ana/.ssh/id", resolved(view, "/home/ana/key"));
    assertFalse(view.overrun());
  }

  @Test
  void threadsAreBoundedOverAllAccounts() throws InterruptedException {
    List<Thread> callers =
        java.util.stream.IntStream.range(0, PathLookups.TOTAL + 8)
            .mapToObj(i ->
                Thread.ofVirtual()
                    .start(() -> {
                      for (int k = 0; k < PathLookups.PER_ACCOUNT; k++) {
                        resolved(lookups.view("user" + i), "/hung/" + k);
                      }
                    }))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(PathLookups.TOTAL, lookups.threads());
    FileView late = lookups.view("late");
    assertTrue(timeOf(() -> resolved(late, "/home")).compareTo(PathLookups.BUDGET) < 0);
    assertTrue(late.overrun());
  }

  @Test
  void whatIsClosedToAnotherAccountStaysOpenAndToOnesOwnIsAsWritten() {
    FileView other = lookups.view("ana");
    assertEquals("/home/closed/x", resolved(other, "/home/closed/x"));
    assertTrue(other.overrun());
    FileView own = lookups.view("own");
    assertEquals("/home/closed/x", resolved(own, "/home/closed/x"));
    assertFalse(own.overrun());
  }

  @Test
  void aLookerThatFailsLeavesTheQuestionOpen() {
    PathLookups broken =
        new PathLookups(account ->
            new Looker(
                p -> {
                  throw new IllegalStateException("a defect, on purpose");
                },
                new Resolver(Optional.empty()).connection(),
                true,
                OptionalInt.empty()));
    for (int i = 0; i <= PathLookups.PER_ACCOUNT; i++) {
      FileView view = broken.view("ana");
      assertEquals("/x", resolved(view, "/x"));
      assertTrue(view.overrun());
    }
    assertTrue(broken.threads() <= PathLookups.PER_ACCOUNT, "a failure ends no thread");
  }
}
