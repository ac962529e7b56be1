package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.SignedNote;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class UploaderTest {
  private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");

  @TempDir Path temp;

  private Path home;
  private TestJournal journal;
  private Instant now = START;
  private final List<List<Long>> requests = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<Instant> times = new ArrayList<>();
  private final Deque<Function<List<Long>, Transport.Answer>> script = new ArrayDeque<>();
  private String note = "";
  private int asked;
  private UploadConfig config = config(UploadConfig.Receipt.RESPONSE, true, Optional.empty());

  @BeforeEach
  void open() throws IOException {
    home = Files.createDirectory(temp.resolve("upload"));
    journal = new TestJournal(temp.resolve("journal"));
  }

  private static UploadConfig config(
      UploadConfig.Receipt receipt, boolean durable, Optional<UploadConfig.Witness> witness) {
    return new UploadConfig(
        URI.create("http://127.0.0.1:1/"),
        UploadConfig.Protocol.JSON,
        Duration.ofMinutes(5),
        receipt,
        witness,
        durable,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  private Uploader uploader() {
    Uploader.Surroundings around =
        new Uploader.Surroundings(
            config,
            home,
            new Journal(temp.resolve("journal")),
            journal::newest,
            journal::newest,
            this::post,
            identity -> {
              asked++;
              return note;
            },
            journal,
            () -> "id",
            "daemon",
            "1",
            () -> now);
    return new Uploader(around, new PowerSupply(temp.resolve("power")), new Random(7));
  }

  private Transport.Answer post(byte[] body) {
    List<Long> seqs = seqs(body);
    requests.add(seqs);
    bodies.add(body);
    times.add(now);
    return script.isEmpty() ? answer(200, "{}") : script.poll().apply(seqs);
  }

  private static List<Long> seqs(byte[] body) {
    List<Long> seqs = new ArrayList<>();
    for (JsonNode record : parse(body).at("/resourceLogs/0/scopeLogs/0/logRecords")) {
      for (JsonNode attribute : record.path("attributes")) {
        if (attribute.path("key").asString("").equals("skillwarden.seq")) {
          seqs.add(Long.parseLong(attribute.at("/value/intValue").asString("")));
        }
      }
    }
    return seqs;
  }

  private static JsonNode parse(byte[] json) {
    try {
      return Json.parse("request", json);
    } catch (InvalidTextException e) {
      throw new AssertionError(e);
    }
  }

  private static Transport.Answer answer(int status, String body, String... header) {
    Map<String, List<String>> headers =
        header.length == 0 ? Map.of() : Map.of(header[0], List.of(header[1]));
    return new Transport.Answer(
        status, HttpHeaders.of(headers, (a, b) -> true), body.getBytes(StandardCharsets.UTF_8));
  }

  private void then(int status, String body, String... header) {
    script.add(seqs -> answer(status, body, header));
  }

  /// Lets time pass.
  private void run(Uploader uploader, Duration time) throws InterruptedException {
    Instant end = now.plus(time);
    int steps = 0;
    Duration least = time.dividedBy(2000); // hours need not be stepped through by the second
    while (now.isBefore(end)) {
      Duration pause = uploader.step();
      boolean skip = uploader.status().state().equals("idle") && !pause.isZero();
      now = now.plus(skip && pause.compareTo(least) < 0 ? least : pause);
      assertTrue(++steps < 100_000, "it does not come to rest");
    }
  }

  private static List<Long> range(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to).boxed().toList();
  }

  private List<String> kinds(String kind) {
    return journal.lines().stream().filter(l -> l.contains("\"kind\":\"" + kind + "\"")).toList();
  }

  @Test
  void waitsForTheIntervalWithJitter() throws Exception {
    journal.tools(3);
    Uploader uploader = uploader();
    run(uploader, Duration.ofMinutes(5).plusSeconds(1));
    assertEquals(range(1, 4), requests.getFirst());
    Duration waited = Duration.between(START, times.getFirst());
    assertTrue(waited.toSeconds() > 1 && waited.toMinutes() < 5, waited.toString());
  }

  @Test
  void startsOfAFleetAreSpreadOverTheWholeInterval() throws Exception {
    journal.tools(1);
    int[] minutes = new int[5];
    for (int machine = 0; machine < 150; machine++) {
      now = START;
      times.clear();
      Files.deleteIfExists(home.resolve("cursor.json"));
      Uploader.Surroundings around =
          new Uploader.Surroundings(
              config,
              home,
              new Journal(temp.resolve("journal")),
              () -> 2,
              () -> 2,
              this::post,
              identity -> "",
              entry -> 0,
              () -> "id",
              "daemon",
              "1",
              () -> now);
      Uploader uploader =
          new Uploader(around, new PowerSupply(temp.resolve("power")), new Random(machine * 7919L));
      while (times.isEmpty()) {
        now = now.plus(uploader.step());
      }
      minutes[(int) Math.min(4, Duration.between(START, times.getFirst()).toMinutes())]++;
    }
    for (int count : minutes) {
      assertTrue(count > 13 && count < 50, () -> java.util.Arrays.toString(minutes));
    }
  }

  @Test
  void aDenialGoesAtOnceWithAllBeforeIt() throws Exception {
    journal.tools(3);
    Uploader uploader = uploader();
    uploader.step();
    assertEquals(List.of(), requests);
    journal.add("tool", "deny", now, Map.of());
    uploader.denied();
    uploader.step();
    assertEquals(List.of(range(1, 5)), requests);
    assertEquals(START, times.getFirst());
  }

  @Test
  void manyRecordsDoNotWait() throws Exception {
    journal.tools(1199);
    Uploader uploader = uploader();
    run(uploader, Duration.ofSeconds(1));
    assertEquals(List.of(range(1, 500), range(501, 1000), range(1001, 1200)), requests);
    for (byte[] body : bodies) {
      assertTrue(body.length <= 1 << 20, "" + body.length);
    }
  }

  @Test
  void aBatchHasAMebibyteAtMost() throws Exception {
    for (int i = 0; i < 60; i++) {
      journal.add("tool", "none", now, Map.of("x", "y".repeat(50_000)));
    }
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofSeconds(1));
    assertEquals(range(1, 61), requests.stream().flatMap(List::stream).toList());
    assertTrue(requests.size() >= 3 && requests.size() < 6, "" + requests.size());
    bodies.forEach(body -> assertTrue(body.length <= 1 << 20, "" + body.length));
  }

  @Test
  void anIdleDaemonGoesQuiet() throws Exception {
    journal.tools(5);
    Uploader uploader = uploader();
    run(uploader, Duration.ofMinutes(30));
    int before = requests.size();
    assertEquals(1, kinds("receipt").size());
    assertEquals(journal.newest(), uploader.status().acknowledged());
    run(uploader, Duration.ofHours(3));
    assertEquals(before, requests.size());
    journal.checkpoint();
    run(uploader, Duration.ofHours(3));
    assertEquals(before + 1, requests.size());
    assertEquals(1, kinds("receipt").size(), "a checkpoint alone calls for no receipt");
  }

  @Test
  void receiptsAreJournaledOnceAMinuteAtMost() throws Exception {
    Uploader uploader = uploader();
    for (int i = 0; i < 60; i++) {
      journal.add("tool", "deny", now, Map.of());
      uploader.denied();
      run(uploader, Duration.ofSeconds(5));
    }
    int receipts = kinds("receipt").size();
    assertTrue(receipts >= 4 && receipts <= 6, "" + receipts);
    run(uploader, Duration.ofHours(1));
    assertEquals(journal.newest(), uploader.receipts().coveredSeq());
  }

  @Test
  void anEndpointThatIsNotDurableGivesNoReceipts() throws Exception {
    config = config(UploadConfig.Receipt.RESPONSE, false, Optional.empty());
    journal.tools(5);
    Uploader uploader = uploader();
    run(uploader, Duration.ofMinutes(10));
    assertEquals(6, uploader.status().acknowledged());
    assertEquals(-1, uploader.receipts().coveredSeq());
    assertEquals(List.of(), kinds("receipt"));
    config = config(UploadConfig.Receipt.RESPONSE, true, Optional.empty());
    Uploader durable = uploader();
    run(durable, Duration.ofMinutes(6));
    assertEquals(range(1, 6), requests.get(1), "sent again, for the receipt");
    assertTrue(durable.receipts().coveredSeq() >= 6);
  }

  @ParameterizedTest
  @CsvSource({
    "503, 20, 20",
    "429, 86400, 3600",
    "503, 'Sat, 21 Nov 2026 00:00:40 GMT', 40",
    "429, 'Fri, 20 Nov 2026 00:00:00 GMT', 0"
  })
  void retriesTheSameBytesWhenTheReceiverSays(int status, String after, long seconds)
      throws Exception {
    journal.tools(2);
    then(status, "", "Retry-After", after);
    Uploader uploader = uploader();
    uploader.ask();
    uploader.step();
    journal.tools(1);
    run(uploader, Duration.ofSeconds(seconds + 1));
    assertEquals(2, requests.size());
    assertEquals(
        new String(bodies.get(0), StandardCharsets.UTF_8),
        new String(bodies.get(1), StandardCharsets.UTF_8));
    assertEquals(seconds, Duration.between(times.get(0), times.get(1)).toSeconds());
  }

  @Test
  void backsOffWithJitterUpToTenMinutes() throws Exception {
    journal.tools(2);
    for (int i = 0; i < 40; i++) {
      then(503, "");
    }
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofHours(8));
    assertEquals(3, uploader.status().acknowledged() >= 3 ? 3 : -1);
    for (int i = 1; i <= 40; i++) {
      Duration pause = Duration.between(times.get(i - 1), times.get(i));
      long most = Math.min(600_000, 1000L << Math.min(i - 1, 20));
      assertTrue(pause.toMillis() >= 1 && pause.toMillis() <= most, i + ": " + pause);
    }
  }

  @Test
  void partialSuccessIsKeptAndNeverSentAgain() throws Exception {
    journal.tools(4);
    then(200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"2\",\"errorMessage\":\"old\"}}");
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofMinutes(20));
    assertEquals(range(1, 5), requests.getFirst());
    assertEquals(1, requests.stream().filter(r -> r.contains(2L)).count());
    assertTrue(
        Files.readString(home.resolve("rejected-1-5.json"))
            .contains("\"why\":\"status 200, 2 not taken: old\""));
    assertEquals(1, kinds("delivery-rejected").size());
    assertTrue(kinds("delivery-rejected").getFirst().contains("\"from\":\"1\""));
    assertEquals(-1, uploader.receipts().coveredSeq(), "nothing after it is covered");
    assertTrue(uploader.status().alarms().getFirst().contains("1 batches"));
    Files.delete(home.resolve("rejected-1-5.json"));
    journal.tools(1);
    run(uploader, Duration.ofMinutes(20));
    assertEquals(journal.newest(), uploader.receipts().coveredSeq());
    assertEquals(List.of(), uploader.status().alarms());
  }

  @Test
  void aReceiverThatRejectsEverythingEndsInSilence() throws Exception {
    journal.tools(4);
    for (int i = 0; i < 50; i++) {
      then(200, "{\"partialSuccess\":{\"rejectedLogRecords\":1}}");
    }
    Uploader uploader = uploader();
    run(uploader, Duration.ofHours(10));
    assertEquals(2, requests.size());
    assertEquals(1, kinds("delivery-rejected").size());
  }

  @Test
  void aFullDiskDoesNotMakeItSendRejectedRecordsAgain() throws Exception {
    journal.tools(4);
    then(200, "{\"partialSuccess\":{\"rejectedLogRecords\":1}}");
    Uploader uploader = uploader();
    uploader.ask();
    journal.full(true);
    run(uploader, Duration.ofMinutes(3));
    assertEquals(1, requests.size());
    assertTrue(uploader.status().problem().contains("full"));
    journal.full(false);
    run(uploader, Duration.ofMinutes(30));
    assertEquals(1, requests.stream().filter(r -> r.contains(2L)).count());
    assertEquals(1, kinds("delivery-rejected").size());
  }

  @Test
  void badDataIsHalvedDownToTheRecordsThatAreBad() throws Exception {
    journal.tools(99);
    for (int i = 0; i < 30; i++) {
      script.add(
          seqs -> seqs.contains(17L) || seqs.contains(80L) ? answer(400, "no") : answer(200, "{}"));
    }
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofSeconds(1));
    assertTrue(Files.exists(home.resolve("rejected-17-17.json")));
    assertTrue(Files.exists(home.resolve("rejected-80-80.json")));
    assertEquals(2, uploader.status().deadLetters());
    assertTrue(requests.size() <= 28, "" + requests.size());
    assertEquals(requests.size(), requests.stream().distinct().count(), "none was sent twice");
    assertEquals(98, uploader.status().records());
  }

  @Test
  void aReceiverThatFindsEverythingBadIsNotAskedForEachRecord() throws Exception {
    journal.tools(499);
    for (int i = 0; i < 2000; i++) {
      then(400, "no");
    }
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofSeconds(1));
    assertTrue(requests.size() < 40, "" + requests.size());
    assertEquals(500, uploader.status().acknowledged());
  }

  @ParameterizedTest
  @CsvSource({"404", "413", "500"})
  void otherRefusalsAreKeptAndNotSentAgain(int status) throws Exception {
    journal.tools(4);
    then(status, "gone");
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofMinutes(20));
    assertEquals(1, requests.stream().filter(r -> r.contains(2L)).count());
    assertTrue(Files.exists(home.resolve("rejected-1-5.json")));
  }

  @Test
  void whoIsNotKnownAsksEachHour() throws Exception {
    journal.tools(4);
    for (int i = 0; i < 3; i++) {
      then(401, "");
    }
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofMinutes(150));
    assertEquals(3, requests.size());
    assertEquals("refused", uploader.status().state());
    assertTrue(uploader.status().alarms().getFirst().contains("401"));
    run(uploader, Duration.ofHours(1));
    assertEquals(List.of(), uploader.status().alarms());
    assertEquals(range(1, 5), requests.get(3));
  }

  @Test
  void goesOnAfterARestart() throws Exception {
    journal.tools(700);
    then(200, "{}");
    then(503, "");
    Uploader first = uploader();
    first.ask();
    first.step();
    first.step();
    assertEquals(500, first.status().acknowledged());
    Uploader second = uploader();
    second.ask();
    second.step();
    assertEquals(range(501, 701), requests.getLast());
  }

  @ParameterizedTest
  @CsvSource({"'', ", "'{', ", "'{\"seq\":2}', ", "'null', "})
  void aDamagedCursorSendsAllAgain(String text) throws Exception {
    journal.tools(4);
    Files.writeString(home.resolve("cursor.json"), text);
    Uploader uploader = uploader();
    uploader.ask();
    uploader.step();
    assertEquals(List.of(range(1, 5)), requests);
  }

  @Test
  void aCursorOfAnotherHistorySendsAllAgain() throws Exception {
    journal.tools(4);
    for (Cursor other :
        List.of(
            new Cursor("install-0", 3, "", "response", START),
            new Cursor("install-1", 3, "ab", "response", START),
            new Cursor("install-1", 300, "ab", "response", START))) {
      requests.clear();
      other.write(home);
      Uploader uploader = uploader();
      uploader.ask();
      uploader.step();
      assertEquals(List.of(range(1, 5)), requests, other.toString());
    }
  }

  @Test
  void lossAndDamageDoNotStall() throws Exception {
    journal.tools(2);
    journal.lose(300);
    journal.damage();
    journal.tools(2);
    journal.roll("20261118F.cq4"); // the clock was set back
    journal.tools(2);
    journal.damage();
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofHours(1));
    List<Long> sent = requests.stream().flatMap(List::stream).toList();
    assertEquals(List.of(1L, 2L, 3L, 304L, 306L, 307L, 308L, 309L), sent.subList(0, 8));
    assertEquals(sent.size(), sent.stream().distinct().count());
    assertTrue(uploader.status().alarms().toString().contains("damaged"));
  }

  @Test
  void withoutEnrolmentNothingIsSent() throws Exception {
    Path other = Files.createDirectory(temp.resolve("other"));
    Uploader.Surroundings around =
        new Uploader.Surroundings(
            config,
            home,
            new Journal(other),
            () -> 3,
            () -> 3,
            this::post,
            identity -> "",
            journal,
            () -> "id",
            "daemon",
            "1",
            () -> now);
    Uploader uploader = new Uploader(around, new PowerSupply(temp.resolve("power")), new Random(1));
    run(uploader, Duration.ofMinutes(10));
    assertEquals(List.of(), requests);
    assertTrue(uploader.status().alarms().getFirst().contains("enrolment"));
  }

  @Test
  void savesPowerButNotForDenials() throws Exception {
    supply("AC", Map.of("type", "Mains", "online", "0"));
    supply("BAT0", Map.of("type", "Battery", "capacity", "19", "status", "Discharging"));
    journal.tools(300);
    Uploader uploader = uploader();
    run(uploader, Duration.ofHours(1));
    assertEquals(List.of(), requests);
    assertEquals("saving-power", uploader.status().state());
    uploader.denied();
    run(uploader, Duration.ofSeconds(1));
    assertEquals(List.of(range(1, 301)), requests);
    journal.tools(300);
    supply("AC", Map.of("type", "Mains", "online", "1"));
    run(uploader, Duration.ofSeconds(2));
    assertTrue(requests.size() > 1);
  }

  private void supply(String name, Map<String, String> files) throws IOException {
    Path supply = Files.createDirectories(temp.resolve("power").resolve(name));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(supply.resolve(file.getKey()), file.getValue() + "\n");
    }
  }

  // Witness

  private PrivateKey witness() throws IOException, GeneralSecurityException {
    List<String> pair = Ed25519.generate();
    Path key = Files.writeString(temp.resolve("witness.pem"), pair.get(1));
    config =
        config(
            UploadConfig.Receipt.WITNESS,
            false,
            Optional.of(new UploadConfig.Witness(URI.create("http://127.0.0.1:2"), key)));
    return Ed25519.privateKey(pair.get(0));
  }

  private String signed(PrivateKey key, String origin, long size, String root)
      throws IOException, GeneralSecurityException {
    String text = "%s\n%d\n%s\n".formatted(origin, size, root);
    Ed25519.Verifier verifier =
        Ed25519.publicKeys(Files.readString(temp.resolve("witness.pem"))).getFirst();
    String note = SignedNote.sign(text, "witness", key, verifier.key()).toString();
    return note.replace("\n\n", "\n\n\u2014 other AAAA\n");
  }

  @Test
  void aWitnessedHeadIsAReceipt() throws Exception {
    PrivateKey key = witness();
    journal.tools(5);
    note = signed(key, TestJournal.IDENTITY.origin(), 7, journal.root());
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofSeconds(30));
    assertEquals(6, uploader.receipts().coveredSeq());
    assertEquals(1, kinds("receipt").size());
    String receipt = kinds("receipt").getFirst();
    assertTrue(
        receipt.contains("\"kind\":\"witness\"") && receipt.contains("\"size\":\"7\""), receipt);
    run(uploader, Duration.ofHours(1));
    int quiet = asked;
    run(uploader, Duration.ofHours(5));
    assertEquals(quiet, asked, "an idle daemon asks nobody");
    assertEquals(6, uploader().receipts().coveredSeq() + 7, "not before it knows its journal");
    Uploader again = uploader();
    again.step();
    assertEquals(6, again.receipts().coveredSeq());
  }

  @Test
  void whatTheWitnessHasNotSeenIsNotCovered() throws Exception {
    PrivateKey key = witness();
    journal.tools(2);
    note = signed(key, TestJournal.IDENTITY.origin(), 4, journal.root());
    journal.tools(3);
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofMinutes(30));
    assertEquals(3, uploader.receipts().coveredSeq());
    assertTrue(asked > 3, "it goes on asking");
    run(uploader, Duration.ofHours(25));
    assertTrue(uploader.status().alarms().getFirst().contains("has not seen"));
  }

  @ParameterizedTest
  @CsvSource({
    "size, fork",
    "root, fork",
    "origin, not of",
    "signature, not signed",
    "junk, not signed"
  })
  void aWrongHeadIsAnAlarmAndNoReceipt(String what, String alarm) throws Exception {
    PrivateKey key = witness();
    journal.tools(5);
    String origin = TestJournal.IDENTITY.origin();
    String other = Base64.getEncoder().encodeToString(new byte[32]);
    note =
        switch (what) {
          case "size" -> signed(key, origin, 70, journal.root());
          case "root" -> signed(key, origin, 7, other);
          case "origin" -> signed(key, origin + "2", 7, journal.root());
          case "signature" ->
              signed(Ed25519.privateKey(Ed25519.generate().get(0)), origin, 7, journal.root());
          default -> "<html>\n\nhello\n";
        };
    Uploader uploader = uploader();
    uploader.ask();
    run(uploader, Duration.ofMinutes(1));
    assertEquals(-1, uploader.receipts().coveredSeq());
    assertTrue(
        uploader.status().alarms().getFirst().contains(alarm),
        uploader.status().alarms().toString());
    assertFalse(Files.exists(home.resolve("receipt.json")));
  }

  @Test
  void aChangeOfTheEndpointIsJournaledOnce() throws IOException {
    for (int start = 0; start < 3; start++) {
      UploadWorker.journalChange(Optional.of(config), home, journal, () -> "id", "d", () -> now);
    }
    UploadWorker.journalChange(Optional.empty(), home, journal, () -> "id", "d", () -> now);
    UploadWorker.journalChange(Optional.empty(), home, journal, () -> "id", "d", () -> now);
    List<String> changes = kinds("upload-config");
    assertEquals(2, changes.size());
    assertTrue(changes.get(0).contains("\"endpoint\":\"http://127.0.0.1:1/\""));
    assertTrue(changes.get(0).contains("\"receipt\":\"response\""));
    assertTrue(changes.get(1).contains("\"endpoint\":\"\""));
  }
}
