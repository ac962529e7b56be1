package dev.skillwarden.journal.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.verify.Finding.Kind;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalVerifierTest {
  @TempDir Path directory;

  private static Verdict verify(Path path, String with) throws IOException {
    return JournalVerifier.verify(path, AttackTest.options(with), Progress.NONE);
  }

  private static String findings(Verdict verdict) {
    return String.join(
        " ", verdict.findings().stream().map(f -> f.kind().label() + "@" + f.seq()).toList());
  }

  private Path export(String name, long from, long to) throws IOException {
    Path file = directory.resolve(name);
    OutputStream out = Files.newOutputStream(file);
    AttackTest.journal()
        .export(
            file,
            name.endsWith(".zst") ? new ZstdOutputStream(out) : out,
            name.startsWith("otlp"),
            from,
            to);
    return file;
  }

  @ParameterizedTest
  @CsvSource({
    "e.jsonl, 1, 26",
    "e.jsonl, 5, 20",
    "e.jsonl, 13, 25",
    "otlp.jsonl, 1, 26",
    "otlp.jsonl, 7, 14",
    "e.jsonl.zst, 1, 26",
    "otlp.jsonl.zst, 3, 26"
  })
  void exportsAreSound(String name, long from, long to) throws IOException {
    Path file = export(name, from, to);
    Verdict verdict = verify(file, "escrow");
    assertEquals("", findings(verdict), verdict.toString());
    assertEquals(to - from + 1, verdict.records());
    assertEquals(Verdict.Ratchet.VERIFIED, verdict.ratchet());
    assertEquals(from, verdict.first());
    assertTrue(verdict.checkpoints() > 0);
  }

  @ParameterizedTest
  @CsvSource({
    "e.jsonl, echo, ecko, hash@5",
    "e.jsonl.checkpoint, '\"first\":5', '\"first\":6', duplicate@5",
    "e.jsonl.checkpoint, '\"last\":20', '\"last\":21', tail@21",
    "e.jsonl.checkpoint, '\"records\":16', '\"records\":15', state@20",
    "e.jsonl.checkpoint, 'laptop-1\"', 'laptop-2\"', state@20",
    "e.jsonl.checkpoint, '\"keys\":[', '\"keys\":[1', state@0",
    "e.jsonl.checkpoint, '{', '', state@0",
    "e.jsonl.checkpoint, '\"first\":5', '\"first\":99999999999999999999', state@0",
    "e.jsonl.checkpoint, '\"last\":20', '\"last\":-1', state@0"
  })
  void changedExportsAreNot(String name, String old, String by, String first) throws IOException {
    export("e.jsonl", 5, 20);
    Path file = directory.resolve(name);
    String text = Files.readString(file);
    assertTrue(text.contains(old), text);
    Files.writeString(
        file,
        text.replaceFirst(
            java.util.regex.Pattern.quote(old), java.util.regex.Matcher.quoteReplacement(by)));
    Verdict verdict = verify(directory.resolve("e.jsonl"), "escrow");
    assertTrue(findings(verdict).startsWith(first), findings(verdict));
  }

  @Test
  void anExportThatIsCutIsFoundHoweverItIsCut() throws IOException {
    for (String name : List.of("e.jsonl", "otlp.jsonl", "e.jsonl.zst")) {
      Path file = export(name, 1, 26);
      byte[] whole = Files.readAllBytes(file);
      for (int length = 0; length < whole.length - 1; length += 397) {
        Files.write(file, java.util.Arrays.copyOf(whole, length));
        assertFalse(verify(file, "escrow").sound(), name + " cut to " + length);
      }
    }
  }

  @Test
  void anExportWithoutItsSidecarIsNotSound() throws IOException {
    Path file = export("e.jsonl", 1, 26);
    Files.delete(directory.resolve("e.jsonl.checkpoint"));
    assertEquals("state@0", findings(verify(file, "escrow")));
  }

  @Test
  void rubbishIsAFindingAndEndsSoon() throws IOException {
    Random random = new Random(1);
    byte[] rubbish = new byte[8 << 20];
    random.nextBytes(rubbish);
    Path file = directory.resolve("rubbish.jsonl");
    Files.write(file, rubbish);
    Path at = Files.createDirectory(directory.resolve("journal"));
    Path queue = at.resolve("20261120F.cq4");
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertFalse(verify(file, "none").sound());
          Files.write(queue, rubbish);
          assertFalse(verify(at, "none").sound());
          // Many short records that are none: looking for the next one must not start over.
          ByteBuffer many = ByteBuffer.allocate(8 << 20).order(java.nio.ByteOrder.LITTLE_ENDIAN);
          while (many.remaining() >= 8) {
            many.putInt(4).putInt(0x41414141);
          }
          Files.write(queue, many.array());
          assertFalse(verify(at, "none").sound());
        });
  }

  @Test
  void everyChangedByteOfARecordIsFound() throws IOException {
    ReferenceJournal journal = AttackTest.journal();
    Path at = journal.save(directory.resolve("journal"));
    Path file = at.resolve("20261120F.cq4");
    byte[] whole = Files.readAllBytes(file);
    byte[] line = journal.line(6);
    int from = ReferenceJournal.position(whole, line) - 4;
    for (int i = from; i < from + 4 + line.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 0x10;
      Files.write(file, changed);
      Verdict verdict = verify(at, "escrow");
      assertFalse(verdict.sound(), "byte " + (i - from));
      assertEquals(6, verdict.firstFinding().orElseThrow().seq(), "byte " + (i - from) + verdict);
      assertEquals(1, verdict.findingCount(), "byte " + (i - from) + verdict.findings());
    }
  }

  @Test
  void numbersFarApartDoNotTurnTheRatchetForEver() throws IOException {
    ReferenceJournal journal = new ReferenceJournal("first").enroll(true).checkpoint("start");
    journal.next = 999_999_999_999_999_000L;
    journal.tools(3);
    Path at = journal.save(directory.resolve("journal"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> assertEquals("missing@3", findings(verify(at, "escrow"))));
  }

  @Test
  void recordsOverTheLimitAreNone() throws IOException {
    ReferenceJournal journal = AttackTest.journal();
    journal.appendBody(
        "{\"v\":2,\"seq\":27,\"ts\":\"\",\"id\":\"\",\"kind\":\"tool\",\"x\":\""
            + "x".repeat(70_000)
            + "\"}");
    assertEquals(
        "unreadable@27", findings(verify(journal.save(directory.resolve("journal")), "escrow")));
  }

  @Test
  void onlyRegularFilesAreOpened() throws Exception {
    Path at = AttackTest.journal().save(directory.resolve("journal"));
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(at.resolve("20261121F.cq4"), elsewhere);
    Files.createSymbolicLink(at.resolve("20261121F.cq4"), elsewhere);
    Verdict link = verify(at, "escrow");
    assertEquals(Kind.UNREADABLE, link.firstFinding().orElseThrow().kind(), link.toString());
    Files.delete(at.resolve("20261121F.cq4"));
    Files.move(elsewhere, at.resolve("20261121F.cq4"));
    Files.createDirectory(at.resolve("20261122F.cq4"));
    assertEquals(Kind.UNREADABLE, verify(at, "escrow").firstFinding().orElseThrow().kind());
  }

  @Test
  void nothingToVerifyIsSaid() throws IOException {
    assertThrows(NothingToVerifyException.class, () -> verify(directory.resolve("none"), "none"));
    assertThrows(NothingToVerifyException.class, () -> verify(directory, "none"));
    Path at = AttackTest.journal().save(directory.resolve("journal"));
    assertThrows(NothingToVerifyException.class, () -> verify(at.resolve("20261120F.cq4"), "none"));
  }

  @Test
  void createsAndChangesNothing() throws IOException {
    Path at = AttackTest.journal().save(directory.resolve("journal"));
    Map<String, String> before = contents(at);
    assertTrue(verify(at, "escrow").sound());
    assertEquals(before, contents(at));
  }

  private static Map<String, String> contents(Path at) throws IOException {
    Map<String, String> contents = new HashMap<>();
    try (Stream<Path> files = Files.list(at)) {
      for (Path file : files.toList()) {
        contents.put(
            file.toString(),
            dev.skillwarden.text.Sha256.of(Files.readAllBytes(file))
                + Files.getLastModifiedTime(file));
      }
    }
    return contents;
  }

  private static ReferenceJournal retired() throws IOException {
    ReferenceJournal journal = AttackTest.journal();
    journal.newFile("20261122F.cq4").tools(2);
    byte[] before = HexFormat.of().parseHex(ReferenceJournal.hashOf(journal.line(12)));
    return journal.retire(new byte[32]).retire(before).tools(2).checkpoint("time");
  }

  @Test
  void stubsStandForDeletedFiles() throws IOException {
    Path at = retired().save(directory.resolve("journal"));
    Verdict verdict = verify(at, "escrow");
    assertEquals("", findings(verdict));
    assertEquals(2, verdict.stubs());
    assertEquals(27, verdict.first());
    assertEquals(Verdict.Ratchet.VERIFIED, verdict.ratchet());
  }

  @ParameterizedTest
  @CsvSource({
    "delete, 20261120F.cq4, retention@13",
    "delete, 20261121F.cq4, retention@13",
    "'\"last\":12', 20261120F.cq4, retention@",
    "'\"records\":12', 20261120F.cq4, retention@",
    "'\"before_hash\":\"0', 20261120F.cq4, retention@",
    "'\"checkpoint\":\"s', 20261120F.cq4, retention@1",
    "'\"keys\":[', 20261120F.cq4, retention@1"
  })
  void changedStubsAreFound(String what, String name, String first) throws IOException {
    Path at = retired().save(directory.resolve("journal"));
    Path stub = at.resolve(name + ".stub.json");
    if (what.equals("delete")) {
      Files.delete(stub);
    } else {
      String text = Files.readString(stub);
      assertTrue(text.contains(what), text);
      Files.writeString(stub, text.replace(what, what.substring(0, what.length() - 1) + "7"));
    }
    Verdict verdict = verify(at, "escrow");
    assertFalse(verdict.sound());
    assertTrue(
        findings(verdict).contains(first) || findings(verdict).startsWith("retention"),
        findings(verdict));
  }

  @Test
  void aRawFirstKeyWillDo() throws IOException {
    ReferenceJournal journal = AttackTest.journal();
    Path at = journal.save(directory.resolve("journal"));
    VerifyOptions options =
        new VerifyOptions(Optional.empty(), Optional.empty(), Optional.of(journal.firstKey));
    Verdict verdict = JournalVerifier.verify(at, options, Progress.NONE);
    assertEquals(Verdict.Ratchet.VERIFIED, verdict.ratchet());
    assertEquals(25, verdict.macs());
    assertEquals(3, verdict.unsignedTail() - 1); // the checkpoint itself is not covered by itself
  }

  @Test
  void theClockIsCountedOnly() throws IOException {
    ReferenceJournal journal = AttackTest.journal();
    journal.time = journal.time.minusSeconds(3600);
    journal.tools(2);
    Verdict verdict = verify(journal.save(directory.resolve("journal")), "none");
    assertEquals(1, verdict.clockBack());
    assertTrue(verdict.sound());
  }

  @Test
  void aWriterAtFullRateIsNoDamage() throws Exception {
    ReferenceJournal journal = new ReferenceJournal("first").enroll(true).checkpoint("start");
    Path at = journal.save(directory.resolve("journal"));
    Path file = at.resolve("20261120F.cq4");
    AtomicBoolean stop = new AtomicBoolean();
    List<Throwable> failed = new ArrayList<>();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                append(journal, file, stop);
              } catch (IOException | RuntimeException e) {
                failed.add(e);
              }
            });
    long records = 0;
    try {
      for (int i = 0; i < 15; i++) {
        Verdict verdict = verify(at, "escrow");
        assertEquals("", findings(verdict), verdict.toString());
        assertTrue(verdict.records() >= records);
        records = verdict.records();
      }
    } finally {
      stop.set(true);
      writer.join();
    }
    assertEquals(List.of(), failed);
    assertTrue(records > 100, records + " records");
  }

  /// Appends as the queue does: mapped, the header last.
  private static void append(ReferenceJournal journal, Path file, AtomicBoolean stop)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      java.nio.MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 64 << 20);
      map.order(java.nio.ByteOrder.LITTLE_ENDIAN);
      int position = endOf(map);
      java.lang.invoke.VarHandle header =
          java.lang.invoke.MethodHandles.byteBufferViewVarHandle(
              int[].class, java.nio.ByteOrder.LITTLE_ENDIAN);
      while (!stop.get() && position < (60 << 20)) {
        journal.tools(1);
        byte[] line = journal.file().lines.removeLast();
        header.setRelease(map, position, 0x8000_0000);
        map.put(position + 4, line);
        header.setRelease(map, position, line.length);
        position = (position + 4 + line.length + 3) & ~3;
      }
    }
  }

  private static int endOf(ByteBuffer map) {
    int position = 0;
    while (map.getInt(position) != 0) {
      position = (position + 4 + (map.getInt(position) & 0x3FFF_FFFF) + 3) & ~3;
    }
    return position;
  }
}
