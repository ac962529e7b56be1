package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalReaderTest {
  private static final Instant NOON = Entries.NOON;

  @TempDir Path directory;

  private void write(JournalEntry... entries) throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(JournalConfig.defaults(directory))) {
      for (JournalEntry entry : entries) {
        journal.append(entry);
      }
    }
  }

  private void writeMany(int count) throws IOException {
    JournalEntry[] entries = new JournalEntry[count];
    for (int i = 0; i < count; i++) {
      entries[i] = Entries.full("e" + (i + 1));
    }
    write(entries);
  }

  private ReadReport read(JournalFilter filter, List<String> ids) throws IOException {
    return JournalReader.open(directory)
        .forEach(
            filter,
            stored -> {
              if (Entries.ofCaller(stored)) {
                ids.add(stored.entry().id());
              }
            });
  }

  private List<String> ids(JournalFilter filter) throws IOException {
    List<String> ids = new ArrayList<>();
    assertTrue(read(filter, ids).clean());
    return ids;
  }

  private Path newest() throws IOException {
    return JournalReader.files(directory).getLast();
  }

  private long find(Path file, String text) throws IOException {
    String raw = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int at = raw.indexOf(text);
    assertTrue(at >= 0, text);
    return at;
  }

  /// Where the record of an entry begins, in the newest file.
  private long record(String id) throws IOException {
    String raw = new String(Files.readAllBytes(newest()), StandardCharsets.ISO_8859_1);
    return raw.lastIndexOf("{\"v\":2,", raw.indexOf("\"id\":\"" + id + '"')) - 4L;
  }

  private static void overwrite(Path file, long at, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    }
  }

  /// What the daemon asks itself is nobody's last denial.
  @Test
  void probesAreOnRecordAndPassedOverAsLastDenial() throws IOException {
    write(
        Entries.of("b", "bob", "deny", NOON),
        JournalEntry.of(NOON, "p", JournalEntry.Kind.TOOL, "bob")
            .call(JournalFilter.PROBE_SESSION, "Bash", "probe-1")
            .decision("deny", "guard-self-access", "")
            .build());
    assertEquals(List.of("b", "p"), ids(JournalFilter.ALL));
    assertEquals(
        Optional.of("b"),
        JournalReader.open(directory).lastDenied(Set.of("bob")).map(stored -> stored.entry().id()));
  }

  @Test
  void filtersByTimeDenialAndAccount() throws IOException {
    write(
        Entries.of("old", "alice", "deny", NOON.minusSeconds(1)),
        Entries.of("a", "alice", "none", NOON),
        Entries.of("b", "alice", "deny", NOON),
        Entries.of("c", "bob", "ACL_DENIED", NOON),
        Entries.of("d", "bob", "allow", NOON),
        Entries.of("e", "bob", "", NOON));
    assertEquals(List.of("old", "a", "b", "c", "d", "e"), ids(JournalFilter.ALL));
    assertEquals(
        List.of("a", "b", "c", "d", "e"),
        ids(new JournalFilter(Optional.of(NOON), false, "", true)));
    assertEquals(
        List.of("old", "b", "c"), ids(new JournalFilter(Optional.empty(), true, "", true)));
    assertEquals(List.of("b"), ids(new JournalFilter(Optional.of(NOON), true, "alice", true)));
    JournalReader reader = JournalReader.open(directory);
    assertEquals(Optional.of("c"), reader.lastDenied(Set.of("bob")).map(s -> s.entry().id()));
    assertEquals(Optional.empty(), reader.lastDenied(Set.of("carol")));
    assertEquals(
        Optional.of(Entries.of("d", "bob", "allow", NOON)),
        reader.find("d", Set.of()).map(StoredEntry::entry));
    assertEquals(Optional.empty(), reader.find("nothing", Set.of()));
  }

  @Test
  void aResultIsFoundByTheCallItIsOf() throws IOException {
    JournalEntry call = Entries.full("call");
    JournalEntry result =
        JournalEntry.of(NOON.plusSeconds(1), "result", JournalEntry.Kind.TOOL_RESULT, "alice")
            .call("s-1", "Bash", call.toolUseId())
            .outcome("failed")
            .build();
    write(call, result, Entries.small("other"));
    JournalReader reader = JournalReader.open(directory);
    assertEquals(Optional.of(result), reader.resultOf(call).map(StoredEntry::entry));
    assertEquals(Optional.empty(), reader.resultOf(Entries.small("other")));
  }

  @Test
  void saysWhenThereIsNoJournal() throws IOException {
    assertThrows(NoSuchFileException.class, () -> JournalReader.open(directory.resolve("missing")));
    Path file = Files.createFile(directory.resolve("file"));
    assertThrows(NotDirectoryException.class, () -> JournalReader.open(file));
    assertEquals(List.of(), ids(JournalFilter.ALL));
  }

  @Test
  void followsUntilInterrupted() throws Exception {
    BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
    write(Entries.small("before"));
    JournalReader reader = JournalReader.open(directory);
    Thread follower =
        Thread.ofPlatform()
            .start(() -> {
              try {
                reader.follow(
                    JournalFilter.ALL, Duration.ofMillis(5), stored -> seen.add(stored.seq()));
              } catch (IOException e) {
                seen.add(-1L);
              }
            });
    try (ChronicleJournal journal = ChronicleJournal.open(JournalConfig.defaults(directory))) {
      long expected = 0;
      for (int round = 0; round < 30; round++) {
        long last = 0;
        for (int i = 0; i < 10; i++) {
          last = journal.append(Entries.full("e"));
        }
        for (; expected <= last; expected++) {
          assertEquals(expected, seen.poll(10, TimeUnit.SECONDS));
        }
      }
    }
    follower.interrupt();
    assertTrue(follower.join(Duration.ofSeconds(10)));
  }

  @Test
  void readsFilesInOrderOfDays() throws IOException {
    writeMany(1);
    Files.move(newest(), directory.resolve("20200101F.cq4"));
    write(Entries.small("later"));
    assertEquals(List.of("e1", "later"), ids(JournalFilter.ALL));
    assertEquals(2, JournalReader.files(directory).size());
  }

  /// The newest file is of a day to come when the clock was wrong once.
  @Test
  void aClockSetBackKeepsTheOrder() throws IOException {
    writeMany(2);
    Files.move(newest(), directory.resolve("20991231F.cq4"));
    write(Entries.small("later"));
    write(Entries.small("latest"));
    assertEquals(List.of("e1", "e2", "later", "latest"), ids(JournalFilter.ALL));
  }

  @Test
  void countsAnEntryItDoesNotUnderstand() throws IOException {
    writeMany(3);
    overwrite(newest(), find(newest(), "\"e2\"") - 5, "[".getBytes(StandardCharsets.UTF_8));
    List<String> ids = new ArrayList<>();
    ReadReport report = read(JournalFilter.ALL, ids);
    assertEquals(List.of("e1", "e3"), ids);
    assertEquals(1, report.unreadable());
    assertEquals(0, report.missing());
    assertFalse(report.clean());
  }

  @Test
  void goesOnBehindADestroyedLength() throws IOException {
    writeMany(5);
    long record = record("e3");
    overwrite(newest(), record, new byte[] {-1, -1, -1, 0x3F});
    List<String> ids = new ArrayList<>();
    ReadReport report = read(JournalFilter.ALL, ids);
    assertEquals(List.of("e1", "e2", "e4", "e5"), ids);
    assertEquals(1, report.missing());
    assertTrue(report.problems().getFirst().contains("damaged"), report.toString());
  }

  @Test
  void reportsAHoleOfZeros() throws IOException {
    writeMany(40);
    long record = record("e3");
    overwrite(newest(), record, new byte[4096]);
    List<String> ids = new ArrayList<>();
    ReadReport report = read(JournalFilter.ALL, ids);
    assertEquals("e40", ids.getLast());
    assertTrue(Math.abs(40 - ids.size() - report.missing()) <= 1, report.toString());
    assertTrue(report.problems().getFirst().contains("hole"), report.toString());
  }

  /// Whatever is left of a file, entries before the cut are read.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 100, 200, 33_000, 65_808, 65_812, 66_000, 66_500})
  void readsWhatIsLeftOfACutFile(int size) throws IOException {
    writeMany(3);
    try (FileChannel channel = FileChannel.open(newest(), StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
    List<String> ids = new ArrayList<>();
    read(JournalFilter.ALL, ids);
    assertEquals(List.of("e1", "e2", "e3").subList(0, ids.size()), ids);
    write(Entries.small("after"));
    assertEquals("after", last());
  }

  private String last() throws IOException {
    List<String> ids = new ArrayList<>();
    read(JournalFilter.ALL, ids);
    return ids.getLast();
  }

  /// The writer goes on in a new file, with a number not used before, and nothing readable is lost.
  @Test
  void aDamagedNewestFileIsSetAsideAndStillRead() throws IOException {
    writeMany(5);
    overwrite(newest(), record("e3"), new byte[] {-1, -1, -1, 0x3F});
    write(Entries.small("after"));
    List<StoredEntry> entries = new ArrayList<>();
    JournalReader.open(directory).forEach(JournalFilter.ALL, entries::add);
    assertEquals(
        List.of("e1", "e2", "e4", "e5", "after"),
        entries.stream().filter(Entries::ofCaller).map(e -> e.entry().id()).toList());
    assertTrue(
        JournalReader.files(directory).getFirst().toString().endsWith(".cq4.damaged-1"),
        JournalReader.files(directory).toString());
  }

  /// Readers need no header; the queue does.
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 16, 40, 80, 120})
  void aDestroyedHeaderCostsNoEntry(int at) throws IOException {
    writeMany(3);
    overwrite(newest(), at, new byte[] {'x', -1, 'y', -1});
    List<String> ids = new ArrayList<>();
    read(JournalFilter.ALL, ids);
    assertEquals(List.of("e1", "e2", "e3"), ids);
    write(Entries.small("after"));
    assertEquals("after", last());
    ids.clear();
    read(JournalFilter.ALL, ids);
    assertEquals(List.of("e1", "e2", "e3", "after"), ids);
  }

  @Test
  void noisyFilesNeverStopReaderOrWriter() throws IOException {
    writeMany(60);
    byte[] good = Files.readAllBytes(newest());
    Path file = newest();
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      byte[] bad = good.clone();
      for (int hit = 0; hit < 1 + random.nextInt(20); hit++) {
        bad[65_800 + random.nextInt(30_000)] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      List<Long> seqs = new ArrayList<>();
      JournalReader.open(directory).forEach(JournalFilter.ALL, stored -> seqs.add(stored.seq()));
      assertTrue(seqs.size() <= 64, "round " + round);
    }
    write(Entries.small("after"));
    assertEquals("after", last());
  }

  @Test
  void readsManyEntriesAcrossBlocks() throws IOException {
    writeMany(3000);
    assertEquals(3000, ids(JournalFilter.ALL).size());
  }
}
