package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleJournalTest {
  private static final long PLENTY = 1L << 40;

  @TempDir Path directory;

  private JournalConfig config() {
    return new JournalConfig(
        directory.resolve("journal"), 1 << 20, Duration.ofMillis(20), Duration.ofSeconds(5), 64);
  }

  private ReadReport read(List<StoredEntry> into) throws IOException {
    return JournalReader.open(config().directory()).forEach(JournalFilter.ALL, into::add);
  }

  private List<Long> numbers() throws IOException {
    List<StoredEntry> entries = new ArrayList<>();
    ReadReport report = read(entries);
    assertTrue(report.clean(), report.toString());
    return entries.stream().map(StoredEntry::seq).toList();
  }

  @Test
  void readsBackWhatWasAppendedWhileOpenAndAfter() throws IOException {
    List<StoredEntry> expected =
        List.of(new StoredEntry(1, Entries.full("a")), new StoredEntry(2, Entries.small("b")));
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      assertEquals(1, journal.append(Entries.full("a")));
      assertEquals(2, journal.append(Entries.small("b")));
      List<StoredEntry> open = new ArrayList<>();
      assertEquals(new ReadReport(2, 0, 0, List.of()), read(open));
      assertEquals(expected, open);
    }
    List<StoredEntry> closed = new ArrayList<>();
    assertTrue(read(closed).clean());
    assertEquals(expected, closed);
  }

  @Test
  void goesOnCountingAfterARestart() throws IOException {
    for (int start = 0; start < 3; start++) {
      try (ChronicleJournal journal = ChronicleJournal.open(config())) {
        assertEquals(2L * start, journal.lastSeq());
        assertEquals(2L * start + 1, journal.append(Entries.small("a")));
        assertEquals(2L * start + 2, journal.append(Entries.small("b")));
      }
    }
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), numbers());
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
      List<Long> seqs = new ArrayList<>();
      for (Future<Long> one : appended) {
        seqs.add(one.get());
      }
      assertEquals(
          LongStream.rangeClosed(1, 500).boxed().toList(), seqs.stream().sorted().toList());
    }
    assertEquals(LongStream.rangeClosed(1, 500).boxed().toList(), numbers());
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
      String raw =
          new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
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
      assertEquals(1, journal.append(Entries.small("still works")));
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
      assertEquals(1, journal.syncedSeq());
    }
  }

  @Test
  void refusesWhileTheDiskIsFullAndRecovers() throws IOException {
    AtomicLong free = new AtomicLong(PLENTY);
    try (ChronicleJournal journal =
        ChronicleJournal.open(config(), path -> free.get(), ChronicleStore::open)) {
      assertEquals(1, journal.append(Entries.small("a")));
      free.set(0);
      IOException e = assertThrows(IOException.class, () -> journal.append(Entries.small("b")));
      assertTrue(String.valueOf(e.getMessage()).contains("0 MiB free"), e.getMessage());
      assertEquals(Optional.of(String.valueOf(e.getMessage())), journal.failure());
      free.set(PLENTY);
      assertEquals(2, journal.append(Entries.small("c")));
      assertEquals(Optional.empty(), journal.failure());
    }
    assertEquals(List.of(1L, 2L), numbers());
  }

  @Test
  void opensOnAFullDiskAndAppendsOnceThereIsSpace() throws IOException {
    ChronicleJournal.open(config()).close();
    AtomicLong free = new AtomicLong(0);
    try (ChronicleJournal journal =
        ChronicleJournal.open(config(), path -> free.get(), ChronicleStore::open)) {
      assertThrows(IOException.class, () -> journal.append(Entries.small("a")));
      free.set(PLENTY);
      assertEquals(1, journal.append(Entries.small("b")));
    }
  }

  /// The fault comes after the bytes are in the file: the number must not be used again.
  @Test
  void aFaultInMappedMemoryFailsTheAppendAndIsOverAfterReopening() throws Exception {
    AtomicBoolean fault = new AtomicBoolean();
    EntryStore.Opener faulty =
        path -> {
          EntryStore real = ChronicleStore.open(path);
          return new EntryStore() {
            @Override
            public void write(byte[] line) {
              real.write(line);
              if (fault.getAndSet(false)) {
                throw new InternalError("a fault occurred in an unsafe memory access");
              }
            }

            @Override
            public void close() {
              real.close();
            }
          };
        };
    try (ChronicleJournal journal = ChronicleJournal.open(config(), path -> PLENTY, faulty)) {
      assertEquals(1, journal.append(Entries.small("a")));
      fault.set(true);
      IOException e = assertThrows(IOException.class, () -> journal.append(Entries.small("b")));
      assertTrue(String.valueOf(e.getMessage()).contains("disk may be full"), e.getMessage());
      assertTrue(journal.failure().isPresent());
      Thread.sleep(250);
      assertEquals(3, journal.append(Entries.small("c")));
    }
    assertEquals(List.of(1L, 2L, 3L), numbers());
  }

  @Test
  void aWriterThatHangsTimesOutAndTheGivenUpEntryIsNotWritten() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    EntryStore.Opener hanging =
        path -> {
          EntryStore real = ChronicleStore.open(path);
          return new EntryStore() {
            @Override
            public void write(byte[] line) {
              try {
                release.await();
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
            config().directory(), 1 << 20, Duration.ofMillis(20), Duration.ofMillis(50), 1);
    try (ChronicleJournal journal = ChronicleJournal.open(quick, path -> PLENTY, hanging)) {
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
    assertTrue(read(entries).clean());
    assertEquals(List.of(new StoredEntry(1, Entries.small("hangs"))), entries);
  }

  @Test
  void anInterruptedCallerStaysInterrupted() throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(config())) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> journal.append(Entries.small("a")));
      assertTrue(Thread.interrupted());
      journal.append(Entries.small("b"));
    }
    assertTrue(read(new ArrayList<>()).clean());
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
