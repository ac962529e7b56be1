package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.JournalConfig.Sealing;
import dev.skillwarden.journal.JournalConfig.Space;
import dev.skillwarden.journal.JournalEntry.Kind;
import dev.skillwarden.journal.verify.Finding;
import dev.skillwarden.journal.verify.Verdict;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the journal writes for its own sake: keys, checkpoints, segments, losses, stubs.
class ChainedJournalTest {
  private static final long PLENTY = 1L << 40;
  private static final Instant START = Instant.parse("2026-11-20T22:00:00Z");

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock(START);
  private final AtomicLong free = new AtomicLong(PLENTY);
  private Sealing sealing = Sealing.defaults("laptop-7");
  private Space space = Space.DEFAULT;

  private ChronicleJournal open() throws IOException {
    JournalConfig config =
        new JournalConfig(
            directory, 1 << 20, Duration.ofMillis(20), Duration.ofSeconds(5), 64, sealing, space);
    return ChronicleJournal.open(config, path -> free.get(), ChronicleStore::open, clock);
  }

  /// Whatever the test did, the verifier finds nothing but what the test names.
  private final Set<Finding.Kind> findings = EnumSet.noneOf(Finding.Kind.class);

  @AfterEach
  void theVerifierFindsNothingElse() throws Exception {
    Verdict verdict =
        Files.exists(directory.resolve("escrow.pem"))
            ? Verifying.verify(directory, directory.resolve("escrow.pem"))
            : Verifying.verify(directory);
    Set<Finding.Kind> found = EnumSet.noneOf(Finding.Kind.class);
    verdict.findings().forEach(finding -> found.add(finding.kind()));
    assertEquals(findings, found, verdict.findings().toString());
  }

  private List<StoredEntry> records() throws IOException {
    List<StoredEntry> records = new ArrayList<>();
    JournalReader.open(directory).forEach(JournalFilter.ALL, records::add);
    return records;
  }

  private List<Map<String, String>> facts(Kind kind) throws IOException {
    return records().stream()
        .filter(stored -> stored.entry().kind() == kind)
        .map(stored -> stored.entry().facts())
        .toList();
  }

  private List<String> kinds() throws IOException {
    return records().stream()
        .map(stored -> EntryCodec.kind(stored.entry().kind()))
        .filter(kind -> !kind.equals("checkpoint"))
        .toList();
  }

  private static KeyPair escrow() throws Exception {
    return KeyPairGenerator.getInstance("X25519").generateKeyPair();
  }

  private static String pem(String type, byte[] encoded) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getEncoder().encodeToString(encoded), type);
  }

  private void sealTo(KeyPair pair) throws IOException {
    Files.writeString(
        directory.resolve("escrow.pem"), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    sealing =
        Sealing.defaults("laptop-7")
            .sealedTo(Hpke.Recipient.parse(pem("PUBLIC KEY", pair.getPublic().getEncoded())));
  }

  @Test
  void beginsWithAGenesisAndEndsWithACheckpoint() throws IOException {
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("a"));
    }
    List<StoredEntry> records = records();
    assertEquals(Kind.ENROLL, records.getFirst().entry().kind());
    assertEquals(0, records.getFirst().seq());
    Map<String, String> genesis = records.getFirst().entry().facts();
    assertEquals("laptop-7", genesis.get("device"));
    assertEquals("off", genesis.get("ratchet"));
    assertFalse(genesis.containsKey("sealed_key"));
    assertEquals(Kind.CHECKPOINT, records.getLast().entry().kind());
    String note = records.getLast().entry().facts().getOrDefault("note", "");
    assertTrue(note.startsWith("skillwarden/laptop-7/" + genesis.get("install") + "\n"), note);
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("b"));
    }
    assertEquals(List.of("enroll", "sync", "sync"), kinds());
  }

  /// A journal of an earlier version goes on, chained from the next number.
  @Test
  void recordsOfVersionOneAreKeptBeforeTheGenesis() throws IOException {
    Files.createDirectories(directory);
    try (EntryStore old = ChronicleStore.open(directory, () -> START.toEpochMilli())) {
      for (int seq = 1; seq <= 3; seq++) {
        String line =
            "{\"v\":1,\"seq\":%d,\"ts\":\"2026-11-20T21:00:00.000000Z\",\"id\":\"o%d\",\"kind\":\"tool\",\"account\":\"a\"}"
                .formatted(seq, seq);
        old.write(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("new"));
    }
    assertEquals(List.of("tool", "tool", "tool", "enroll", "sync"), kinds());
    assertEquals(4, records().get(3).seq());
  }

  @Test
  void aHundredRecordsGetACheckpoint() throws IOException {
    try (ChronicleJournal journal = open()) {
      for (int i = 0; i < 1000; i++) {
        journal.append(Entries.small("e" + i));
      }
    }
    int notes = facts(Kind.CHECKPOINT).size();
    assertTrue(notes >= 5 && notes <= 13, notes + " checkpoints");
  }

  @Test
  void policyCatalogAndClockAskForACheckpoint() throws Exception {
    try (ChronicleJournal journal = open()) {
      journal.append(under("1", "aaa"));
      awaitWhy("start");
      journal.append(under("2", "aaa"));
      awaitWhy("policy");
      journal.append(under("2", "bbb"));
      awaitWhy("catalog");
      clock.advance(Duration.ofMinutes(-30));
      journal.append(under("2", "bbb"));
      awaitWhy("clock");
    }
  }

  private static JournalEntry under(String policy, String catalog) {
    return JournalEntry.of(START, "x", Kind.TOOL, "a").under(policy, catalog).build();
  }

  private void awaitWhy(String why) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() < deadline) {
      if (facts(Kind.CHECKPOINT).stream()
          .anyMatch(f -> f.getOrDefault("note", "").contains("\nwhy " + why + "\n"))) {
        return;
      }
      Thread.sleep(5);
    }
    throw new AssertionError("no checkpoint for " + why + " in " + facts(Kind.CHECKPOINT));
  }

  @Test
  void aNewDayIsANewFileThatSaysWhatCameBefore() throws IOException {
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("a"));
      clock.advance(Duration.ofHours(3));
      journal.append(Entries.small("b"));
    }
    assertEquals(2, JournalReader.files(directory).size());
    assertEquals(List.of("enroll", "sync", "segment", "sync"), kinds());
    Map<String, String> segment = facts(Kind.SEGMENT).getFirst();
    assertEquals("20261120F.cq4", segment.get("file"));
    assertEquals("0", segment.get("from"));
    assertEquals(
        Long.parseLong(segment.getOrDefault("to", "")) + 1,
        Long.parseLong(segment.getOrDefault("count", "")));
  }

  @Test
  void aNewDayAfterARestartIsANewFileToo() throws IOException {
    open().close();
    clock.advance(Duration.ofDays(2));
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("b"));
    }
    assertEquals(List.of("enroll", "segment", "sync"), kinds());
  }

  /// The clock goes back over midnight: the file stays the one of the later day.
  @Test
  void aClockSetBackOverMidnightKeepsTheFile() throws IOException {
    try (ChronicleJournal journal = open()) {
      clock.advance(Duration.ofHours(3));
      journal.append(Entries.small("a"));
      clock.advance(Duration.ofHours(-3));
      journal.append(Entries.small("b"));
      clock.advance(Duration.ofHours(3));
      journal.append(Entries.small("c"));
    }
    assertEquals(2, JournalReader.files(directory).size());
    assertEquals(List.of("enroll", "segment", "sync", "sync", "sync"), kinds());
  }

  @Test
  void whatAFullDiskCostIsOnRecord() throws IOException {
    findings.addAll(List.of(Finding.Kind.LOST));
    try (ChronicleJournal journal = open()) {
      long last = journal.append(Entries.small("a"));
      free.set(0);
      for (int i = 0; i < 3; i++) {
        assertThrows(IOException.class, () -> journal.append(Entries.small("lost")));
      }
      free.set(PLENTY);
      assertTrue(journal.append(Entries.small("b")) >= last + 5);
    }
    Map<String, String> lost = facts(Kind.JOURNAL_LOST).getFirst();
    assertEquals("3", lost.get("count"));
    assertEquals("disk", lost.get("why"));
    assertEquals(List.of("enroll", "sync", "journal-lost", "sync"), kinds());
  }

  /// Zeroes the newest file from the record on that holds a text.
  private void destroyFrom(String text) throws IOException {
    Path file = JournalReader.files(directory).getLast();
    String raw = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int cut = raw.lastIndexOf("{\"v\":2,", raw.indexOf(text)) - 4;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(raw.length() - cut), cut);
    }
  }

  @Test
  void aTailThatWasCutIsOnRecord() throws IOException {
    findings.addAll(List.of(Finding.Kind.LOST));
    try (ChronicleJournal journal = open()) {
      for (int i = 0; i < 20; i++) {
        journal.append(Entries.small("e" + i));
      }
    }
    long last = records().getLast().seq();
    destroyFrom("\"id\":\"e10\"");
    long left = records().getLast().seq();
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("after"));
    }
    Map<String, String> lost = facts(Kind.JOURNAL_LOST).getFirst();
    assertEquals(String.valueOf(left + 1), lost.get("from"));
    assertEquals(String.valueOf(last), lost.get("to"));
    assertEquals("tail", lost.get("why"));
    assertEquals("after", records().get(records().size() - 2).entry().id());
  }

  @Test
  void theRatchetIsSealedToTheEscrowKeyAndGoesOnAfterARestart() throws Exception {
    KeyPair pair = escrow();
    sealTo(pair);
    for (int start = 0; start < 3; start++) {
      try (ChronicleJournal journal = open()) {
        journal.append(Entries.small("a"));
      }
    }
    Map<String, String> genesis = facts(Kind.ENROLL).getFirst();
    assertEquals("on", genesis.get("ratchet"));
    byte[] first =
        Hpke.Opener.parse(pem("PRIVATE KEY", pair.getPrivate().getEncoded()))
            .open(
                Base64.getDecoder().decode(genesis.get("sealed_key")),
                "skillwarden ratchet key v2",
                "laptop-7/" + genesis.get("install"));
    Chain expected = new Chain(1);
    expected.ratchet(first);
    expected.skip(records().getLast().seq());
    Head.State state = Head.open(directory).read().orElseThrow();
    assertEquals(expected.next(), state.next());
    assertArrayEquals(expected.key(), state.key());
    for (Path file : List.of(directory.resolve("device.json"), directory.resolve("chain.state"))) {
      String raw = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      assertFalse(raw.contains(new String(first, StandardCharsets.ISO_8859_1)), file.toString());
      assertFalse(raw.contains(Base64.getEncoder().encodeToString(first)), file.toString());
    }
  }

  @Test
  void anEscrowKeyThatComesOrChangesBeginsTheRatchetAnew() throws Exception {
    findings.add(Finding.Kind.KEY); // of two escrow keys one is given
    open().close();
    sealTo(escrow());
    open().close();
    open().close();
    sealTo(escrow());
    open().close();
    sealing = Sealing.defaults("laptop-7");
    open().close();
    assertEquals(
        List.of("on", "on", "off"),
        facts(Kind.KEY_ROTATION).stream().map(f -> f.get("ratchet")).toList());
  }

  @Test
  void aNewDeviceKeyIsSignedByBoth() throws Exception {
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("a"));
      journal.rotateKey();
      journal.append(Entries.small("b"));
    }
    String old = facts(Kind.ENROLL).getFirst().getOrDefault("public_key", "");
    Map<String, String> rotation = facts(Kind.KEY_ROTATION).getFirst();
    assertEquals(old, rotation.get("previous_key"));
    assertNotEquals(old, rotation.get("public_key"));
    assertEquals(List.of("enroll", "sync", "key-rotation", "sync"), kinds());
  }

  /// Without that record nobody could check what follows: the declared loss says it again.
  @Test
  void aRotationThatWasDestroyedIsSaidAgain() throws Exception {
    findings.add(Finding.Kind.LOST);
    sealTo(escrow());
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("a"));
      journal.rotateKey();
      journal.append(Entries.small("b"));
    }
    destroyFrom("\"kind\":\"key-rotation\"");
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("c"));
    }
    assertTrue(
        facts(Kind.JOURNAL_LOST)
            .getFirst()
            .getOrDefault("key_record", "")
            .contains("\"kind\":\"key-rotation\""));
    assertTrue(facts(Kind.CHECKPOINT).size() > 1, "later checkpoints are of the new key");
  }

  /// Killed after the record of the new key and before it was taken into use.
  @Test
  void aChangeOfKeyThatWasInterruptedIsSettledByWhatIsOnRecord() throws Exception {
    sealTo(escrow());
    open().close();
    byte[] identity = Files.readAllBytes(directory.resolve("device.json"));
    byte[] state = Files.readAllBytes(directory.resolve("chain.state"));
    try (ChronicleJournal journal = open()) {
      journal.rotateKey();
    }
    byte[] after = Files.readAllBytes(directory.resolve("device.json"));
    // as if killed: the proposal is there, the old identity is too
    Files.write(directory.resolve("device.next.json"), proposal(after));
    Files.write(directory.resolve("device.json"), identity);
    open().close();
    assertArrayEquals(after, Files.readAllBytes(directory.resolve("device.json")));
    assertFalse(Files.exists(directory.resolve("device.next.json")));
    // a proposal that never came on record is dropped
    Files.write(
        directory.resolve("device.next.json"),
        proposal(
            new String(identity, StandardCharsets.UTF_8)
                .replace("laptop-7", "x")
                .getBytes(StandardCharsets.UTF_8)));
    open().close();
    assertArrayEquals(after, Files.readAllBytes(directory.resolve("device.json")));
    assertFalse(Files.exists(directory.resolve("device.next.json")));
    assertTrue(state.length > 0);
  }

  /// What [Identity] proposes: the identity, with the sealed key as it is on record.
  private byte[] proposal(byte[] identity) throws IOException {
    String sealed = facts(Kind.KEY_ROTATION).getLast().getOrDefault("sealed_key", "");
    String json = new String(identity, StandardCharsets.UTF_8);
    return (json.substring(0, json.length() - 1)
            + ",\"ratchet_key\":\"\",\"sealed_key\":\""
            + sealed
            + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aLostIdentityIsAnotherInstall() throws IOException {
    findings.addAll(List.of(Finding.Kind.HASH, Finding.Kind.GENESIS, Finding.Kind.CHECKPOINT));
    open().close();
    Files.delete(directory.resolve("device.json"));
    open().close();
    List<Map<String, String>> genesis = facts(Kind.ENROLL);
    assertEquals(2, genesis.size());
    assertNotEquals(genesis.getFirst().get("install"), genesis.getLast().get("install"));
  }

  @Test
  void aJournalThatIsGoneIsMentionedByTheNextOne() throws IOException {
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("a"));
    }
    String install = facts(Kind.ENROLL).getFirst().getOrDefault("install", "");
    for (Path file : JournalReader.files(directory)) {
      Files.delete(file);
    }
    open().close();
    Map<String, String> genesis = facts(Kind.ENROLL).getFirst();
    assertNotEquals(install, genesis.get("install"));
    assertEquals(install, genesis.get("previous_install"));
    assertEquals(0, records().getFirst().seq());
  }

  @Test
  void oneAccountCannotFillTheJournal() throws IOException {
    findings.addAll(List.of(Finding.Kind.LOST));
    space = new Space(16 << 20, 1, Duration.ZERO);
    try (ChronicleJournal journal = open()) {
      IOException refused =
          assertThrows(
              IOException.class,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  journal.append(Entries.full("e" + i));
                }
              });
      assertTrue(
          String.valueOf(refused.getMessage()).contains("journal.account-percent"),
          refused.getMessage());
      journal.append(Entries.small("another account"));
    }
    try (ChronicleJournal journal = open()) {
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 200; i++) {
              Thread.sleep(5); // what is there is counted beside the work
              journal.append(Entries.full("again"));
            }
          });
    }
  }

  private void days(ChronicleJournal journal, int days) throws IOException {
    for (int day = 0; day < days; day++) {
      journal.append(Entries.small("d" + day));
      clock.advance(Duration.ofDays(1));
    }
  }

  @Test
  void oldFilesGoByAgeAndLeaveAStub() throws IOException {
    space = new Space(256 << 20, 80, Duration.ofDays(3));
    try (ChronicleJournal journal = open()) {
      days(journal, 6);
      journal.deleteWhatMayGo();
    }
    List<Map<String, String>> deleted = facts(Kind.RETENTION);
    assertEquals(
        List.of("20261120F.cq4", "20261121F.cq4", "20261122F.cq4"),
        deleted.stream().map(f -> f.get("file")).toList());
    assertEquals(4, JournalReader.files(directory).size());
    assertTrue(Files.exists(directory.resolve("20261120F.cq4.stub.json")));
    assertEquals("age", deleted.getFirst().get("why"));
    try (ChronicleJournal journal = open()) {
      journal.append(Entries.small("after"));
    }
    assertEquals(
        Long.parseLong(deleted.getLast().getOrDefault("to", "")) + 1, records().getFirst().seq());
  }

  @Test
  void withAnUploadOnlyWhatIsReceivedGoes() throws IOException {
    space = new Space(256 << 20, 80, Duration.ofDays(3));
    AtomicLong covered = new AtomicLong(-1);
    try (ChronicleJournal journal = open()) {
      journal.coveredBy(
          new Coverage() {
            @Override
            public boolean isExpected() {
              return true;
            }

            @Override
            public long coveredSeq() {
              return covered.get();
            }
          });
      days(journal, 6);
      journal.deleteWhatMayGo();
      assertEquals(List.of(), facts(Kind.RETENTION));
      covered.set(Long.parseLong(facts(Kind.SEGMENT).getFirst().getOrDefault("to", "")));
      journal.deleteWhatMayGo();
    }
    assertEquals(
        List.of("20261120F.cq4"), facts(Kind.RETENTION).stream().map(f -> f.get("file")).toList());
  }
}
