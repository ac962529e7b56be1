package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.JournalConfig.Sealing;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleJournalTest {
  private static final long PLENTY = 1L << 40;

  @TempDir Path directory;

  private JournalConfig config() {
    return new JournalConfig(
        directory.resolve("journal"),
        1 << 20,
        Duration.ofMillis(20),
        Duration.ofSeconds(5),
        64,
        Sealing.defaults("d"),
        JournalConfig.Space.DEFAULT);
  }

  private ReadReport read(List<StoredEntry> into) throws IOException {
    List<Long> numbers = new ArrayList<>();
    ReadReport report =
        JournalReader.open(config().directory())
            .forEach(
                JournalFilter.ALL,
                stored -> {
                  numbers.add(stored.seq());
                  if (Entries.ofCaller(stored)) {
                    into.add(stored);
                  }
                });
    assertEquals(numbers.stream().sorted().toList(), numbers);
    return report;
  }

  private List<JournalEntry> entries() throws IOException {
    List<StoredEntry> entries = new ArrayList<>();
    ReadReport report = read(entries);
    assertTrue(report.clean(), report.toString());
    return entries.stream().map(StoredEntry::entry).toList();
  }

  private List<String> ids() throws IOException {
    return entries().stream().map(JournalEntry::id).toList();
  }

  @Test
  void readsBackWhatWasAppendedWhileOpenAndAfter() throws IOException {
    List<JournalEntry> expected = List.of(Entries.full("a"), Entries.small("b"));
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      assertEquals(2, journal.append(Entries.full("a")));
      assertTrue(journal.append(Entries.small("b")) > 2);
      assertEquals(expected, entries());
    }
    assertEquals(expected, entries());
  }

  @Test
  void goesOnCountingAfterARestart() throws IOException {
    for (int start = 0; start < 3; start++) {
      try (ChronicleJournal journal = ChronicleJournal.open(config())) {
        long last = journal.lastSeq();
        assertEquals(last + 1, journal.append(Entries.small("a")));
        assertTrue(journal.append(Entries.small("b")) > last + 1);
      }
    }
    assertEquals(List.of("a", "b", "a", "b", "a", "b"), ids());
  }

  @Test
  void numbersConcurrentAppendsWithoutGaps() throws Exception {
    try (ChronicleJournal journal = ChronicleJournal.open(config());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> appended = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        String id = "e" + i;
        appended.add(threads.submit(() -> journal.append(Entries.full(id))));
      }
      Set<Long> seqs = new HashSet<>();
      for (Future<Long> one : appended) {
        seqs.add(one.get());
      }
      assertEquals(500, seqs.size());
    }
    assertEquals(500, Set.copyOf(ids()).size());
  }

  @Test
  void storesNoSecret() throws IOException {
    String secret = "hunter2hunter2";
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      journal.append(
          JournalEntry.of(Entries.NOON, "x", JournalEntry.Kind.TOOL, "a")
              .command("curl -u bob:" + secret + " https://example.org", List.of())
              .build());
    }
    for (Path file : JournalReader.files(config().directory())) {
      String raw = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      assertTrue(raw.contains("[redacted:password]"), "entry is there");
      assertFalse(raw.contains(secret), "secret is not");
    }
  }

  @Test
  void keepsFilesSmall() throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      journal.append(Entries.full("a"));
      List<Path> files = JournalReader.files(config().directory());
      assertEquals(1, files.size());
      assertTrue(Files.size(files.getFirst()) < 1 << 20, "size " + Files.size(files.getFirst()));
    }
  }

  @Test
  void aSecondOpenSaysWhoHasIt() throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      IOException e = assertThrows(IOException.class, () -> ChronicleJournal.open(config()));
      assertTrue(String.valueOf(e.getMessage()).contains("open in this process"), e.getMessage());
      assertEquals(2, journal.append(Entries.small("still works")));
    }
    ChronicleJournal.open(config()).close();
  }

  @Test
  void bringsEntriesToTheDiskWithinTheInterval() throws Exception {
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      journal.append(Entries.small("a"));
      long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      while (journal.syncedSeq() < 1 && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
      assertTrue(journal.syncedSeq() >= 1);
    }
  }

  @Test
  void withoutAnIntervalAnEntryIsOnTheDiskBeforeItIsAcknowledged() throws IOException {
    JournalConfig each =
        new JournalConfig(
            config().directory(),
            1 << 20,
            Duration.ZERO,
            Duration.ofSeconds(5),
            64,
            Sealing.defaults("d"),
            JournalConfig.Space.DEFAULT);
    try (ChronicleJournal journal = ChronicleJournal.open(each)) {
      for (int i = 0; i < 20; i++) {
        long seq = journal.append(Entries.small("e" + i));
        assertTrue(journal.syncedSeq() >= seq, journal.syncedSeq() + " of " + seq);
      }
    }
  }

  @Test
  void refusesWhileTheDiskIsFullAndRecovers() throws IOException {
    AtomicLong free = new AtomicLong(PLENTY);
    try (ChronicleJournal journal =
        ChronicleJournal.open(
            config(), path -> free.get(), ChronicleStore::open, InstantSource.system())) {
      assertEquals(2, journal.append(Entries.small("a")));
      free.set(0);
      IOException e = assertThrows(IOException.class, () -> journal.append(Entries.small("b")));
      assertTrue(String.valueOf(e.getMessage()).contains("0 MiB free"), e.getMessage());
      assertEquals(Optional.of(String.valueOf(e.getMessage())), journal.failure());
      free.set(PLENTY);
      journal.append(Entries.small("c"));
      assertEquals(Optional.empty(), journal.failure());
    }
    List<StoredEntry> entries = new ArrayList<>();
    assertEquals(1, read(entries).missing());
    assertEquals(List.of("a", "c"), entries.stream().map(e -> e.entry().id()).toList());
  }

  @Test
  void opensOnAFullDiskAndAppendsOnceThereIsSpace() throws IOException {
    ChronicleJournal.open(config()).close();
    AtomicLong free = new AtomicLong(0);
    try (ChronicleJournal journal =
        ChronicleJournal.open(
            config(), path -> free.get(), ChronicleStore::open, InstantSource.system())) {
      assertThrows(IOException.class, () -> journal.append(Entries.small("a")));
      free.set(PLENTY);
      journal.append(Entries.small("b"));
    }
    List<StoredEntry> entries = new ArrayList<>();
    assertEquals(1, read(entries).missing());
    assertEquals(List.of("b"), entries.stream().map(e -> e.entry().id()).toList());
  }

  /// The fault comes after the bytes are in the file: the number must not be used again.
  @Test
  void aFaultInMappedMemoryFailsTheAppendAndIsOverAfterReopening() throws Exception {
    AtomicBoolean fault = new AtomicBoolean();
    EntryStore.Opener faulty =
        (path, time) -> {
          EntryStore real = ChronicleStore.open(path, time);
          return new EntryStore() {
            @Override
            public void write(byte[] line) {
              real.write(line);
              boolean wanted = new String(line, StandardCharsets.UTF_8).contains("\"id\":\"b\"");
              if (wanted && fault.getAndSet(false)) {
                throw new InternalError("a fault occurred in an unsafe memory access");
              }
            }

            @Override
            public void close() {
              real.close();
            }
          };
        };
    try (ChronicleJournal journal =
        ChronicleJournal.open(config(), path -> PLENTY, faulty, InstantSource.system())) {
      assertEquals(2, journal.append(Entries.small("a")));
      fault.set(true);
      IOException e = assertThrows(IOException.class, () -> journal.append(Entries.small("b")));
      assertTrue(String.valueOf(e.getMessage()).contains("disk may be full"), e.getMessage());
      assertTrue(journal.failure().isPresent());
      Thread.sleep(250);
      journal.append(Entries.small("c"));
    }
    List<StoredEntry> entries = new ArrayList<>();
    read(entries);
    assertEquals(List.of("a", "b", "c"), entries.stream().map(e -> e.entry().id()).toList());
  }

  @Test
  void aWriterThatHangsTimesOutAndTheGivenUpEntryIsNotWritten() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    EntryStore.Opener hanging =
        (path, time) -> {
          EntryStore real = ChronicleStore.open(path, time);
          return new EntryStore() {
            @Override
            public void write(byte[] line) {
              try {
                if (new String(line, StandardCharsets.UTF_8).contains("hangs")) {
                  release.await();
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              real.write(line);
            }

            @Override
            public void close() {
              real.close();
            }
          };
        };
    JournalConfig quick =
        new JournalConfig(
            config().directory(),
            1 << 20,
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            1,
            Sealing.defaults("d"),
            JournalConfig.Space.DEFAULT);
    try (ChronicleJournal journal =
        ChronicleJournal.open(quick, path -> PLENTY, hanging, InstantSource.system())) {
      IOException first =
          assertThrows(IOException.class, () -> journal.append(Entries.small("hangs")));
      assertTrue(String.valueOf(first.getMessage()).contains("unknown"), first.getMessage());
      IOException second =
          assertThrows(IOException.class, () -> journal.append(Entries.small("waits")));
      assertTrue(
          String.valueOf(second.getMessage()).contains("nothing was appended"),
          second.getMessage());
      IOException third =
          assertThrows(IOException.class, () -> journal.append(Entries.small("no room")));
      assertTrue(String.valueOf(third.getMessage()).contains("did not take"), third.getMessage());
      release.countDown();
    }
    List<StoredEntry> entries = new ArrayList<>();
    assertEquals(2, read(entries).missing());
    assertEquals(List.of("hangs"), entries.stream().map(e -> e.entry().id()).toList());
  }

  @Test
  void anInterruptedCallerStaysInterrupted() throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> journal.append(Entries.small("a")));
      assertTrue(Thread.interrupted());
      journal.append(Entries.small("b"));
    }
    assertEquals(1, read(new ArrayList<>()).missing());
  }

  @Test
  void refusesEntriesAfterClosing() throws IOException {
    ChronicleJournal journal = ChronicleJournal.open(config());
    journal.close();
    IOException e = assertThrows(IOException.class, () -> journal.append(Entries.small("a")));
    assertTrue(String.valueOf(e.getMessage()).contains("closed"), e.getMessage());
  }

  /// The library's analytics reach out to the network and write to the user's home.
  @Test
  void analyticsAreNotThere() {
    assertThrows(
        ClassNotFoundException.class,
        () -> Class.forName("net.openhft.chronicle.analytics.Analytics"));
  }
}
