package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The shipped witness over tables of every condition.
@org.jspecify.annotations.NullUnmarked // fields are set before the first test
final class WitnessTest {
  private static final Instant BEGIN = Instant.parse("2026-11-20T09:00:00Z");

  @TempDir private static Path directory;
  private static FakeClickHouse table;
  private static WitnessProcess witness;

  @BeforeAll
  static void start() throws Exception {
    table = new FakeClickHouse();
    witness = WitnessProcess.start(directory, table.uri());
  }

  @AfterAll
  static void stop() {
    witness.close();
    table.close();
  }

  @BeforeEach
  void emptyTables() {
    table.table.clear();
    table.heads.clear();
    table.asked.clear();
    table.broken = sql -> false;
    table.gate = new CountDownLatch(0);
  }

  private static Laptop laptop(int records) {
    return Laptop.enrolled("lap", "i1", "web", BEGIN).works(records - 1, 1);
  }

  private static void assertRefused(String why, long size) throws Exception {
    HttpResponse<String> answer = witness.head("lap", "i1");
    assertEquals(409, answer.statusCode(), answer.body());
    assertEquals(size + "\n", answer.body());
    assertEquals("text/x.tlog.size", answer.headers().firstValue("Content-Type").orElse(""));
    assertEquals(why, answer.headers().firstValue("Skillwarden-Why").orElse(""));
  }

  @Test
  void signsSizeAndHashOfTheLastRecord() throws Exception {
    Laptop laptop = laptop(350);
    table.holds(laptop.sent());

    WitnessProcess.Note note = witness.signed("lap", "i1");

    assertEquals("skillwarden/lap/i1", note.origin());
    assertEquals(350, note.size());
    assertEquals(laptop.last().hash(), note.root());
    assertTrue(Duration.between(note.time(), Instant.now()).abs().toSeconds() < 60);
    assertEquals(
        List.of(new FakeClickHouse.StoredHead("lap", "i1", 350, laptop.last().hash())),
        table.heads);
  }

  @Test
  void goesOnFromWhatItSigned() throws Exception {
    Laptop laptop = laptop(350);
    table.holds(laptop.sent());
    witness.signed("lap", "i1");
    table.holds(laptop.works(50, 1).sent().subList(349, 400)); // the older ones ended their time

    assertEquals(400, witness.signed("lap", "i1").size());
  }

  @Test
  void followsMoreThanOnePage() throws Exception {
    Laptop laptop = laptop(25_000);
    table.holds(laptop.sent());

    assertEquals(25_000, witness.signed("lap", "i1").size());
    assertEquals(3, table.asked.stream().filter(sql -> sql.contains("FROM journal")).count());
  }

  @Test
  void answersNothingWithoutTheFirstRecord() throws Exception {
    assertEquals(404, witness.head("lap", "i1").statusCode());
    table.holds(laptop(50).sent().subList(1, 50));
    assertEquals(404, witness.head("lap", "i1").statusCode());
    assertEquals(404, witness.head("lap", "i2").statusCode());
    assertEquals(List.of(), table.heads);
  }

  @Test
  void stopsBeforeAGapUntilItIsFilled() throws Exception {
    List<Laptop.Collected> sent = laptop(350).sent();
    table.holds(sent);
    table.table.remove(123);
    assertEquals(123, witness.signed("lap", "i1").size());
    assertEquals(123, witness.signed("lap", "i1").size());

    table.table.add(sent.get(123));
    assertEquals(350, witness.signed("lap", "i1").size());
  }

  @Test
  void aDeliveryTwiceIsNoFork() throws Exception {
    table.holds(laptop(350).sent());
    table.table.addAll(laptop(350).sent().subList(100, 200));

    assertEquals(350, witness.signed("lap", "i1").size());
  }

  @Test
  void numbersDeclaredLostCountAsThere() throws Exception {
    Laptop laptop = laptop(300).losesTail(10).works(19, 1);
    table.holds(laptop.sent());
    table.table.removeIf(r -> r.seq() >= 290 && r.seq() < 300);

    assertEquals(320, witness.signed("lap", "i1").size());
  }

  @Test
  void recordsLostOnTheDeviceAfterTheyWereSentStayAndTheJournalGoesOn() throws Exception {
    Laptop laptop = laptop(300);
    table.holds(laptop.sent().subList(0, 297));
    assertEquals(297, witness.signed("lap", "i1").size());
    laptop.losesTail(10).works(19, 1);
    table.holds(laptop.sent());
    table.table.removeIf(r -> r.seq() >= 297 && r.seq() < 300);

    assertEquals(320, witness.signed("lap", "i1").size());
    assertEquals(laptop.last().hash(), witness.signed("lap", "i1").root());
  }

  @Test
  void aLossIsBelievedOnlyOverItsOwnRange() throws Exception {
    List<Laptop.Collected> sent = laptop(300).losesTail(10).works(19, 1).sent();
    table.holds(sent);
    table.table.removeIf(r -> r.seq() >= 289 && r.seq() < 300);

    assertEquals(289, witness.signed("lap", "i1").size());
  }

  @Test
  void signsUpToAForkAndThenSaysSo() throws Exception {
    Laptop laptop = laptop(300);
    Laptop.Collected other = laptop.copy().setsClock(1).works(1, 1).last();
    table.holds(laptop.works(50, 1).sent());
    table.table.add(other);

    assertEquals(300, witness.signed("lap", "i1").size());
    assertRefused("fork", 300);
  }

  @Test
  void signsUpToARecordThatIsNotChained() throws Exception {
    table.holds(laptop(300).sent());
    table.table.set(222, Laptop.altered(table.table.get(222)));
    assertEquals(222, witness.signed("lap", "i1").size());
    assertRefused("chain", 222);
  }

  @Test
  void aRestoredJournalOfWhichOnlyTheNewIsSentIsNotChained() throws Exception {
    Laptop laptop = laptop(300);
    Laptop restored = laptop.copy().setsClock(1).works(100, 1);
    table.holds(laptop.works(50, 1).sent());
    assertEquals(350, witness.signed("lap", "i1").size());
    table.table.addAll(restored.sent().subList(350, 400));

    assertRefused("chain", 350);
  }

  @Test
  void raisesTheAlarmWhenTheTableShowsLessThanWasSigned() throws Exception {
    List<Laptop.Collected> sent = laptop(300).sent();
    table.holds(sent);
    witness.signed("lap", "i1");
    table.holds(sent.subList(0, 280));
    assertRefused("rollback", 300);

    table.holds(sent);
    assertEquals(300, witness.signed("lap", "i1").size());
  }

  @Test
  void raisesTheAlarmWhenTheSignedRecordIsAnother() throws Exception {
    Laptop laptop = laptop(299);
    Laptop.Collected other = laptop.copy().setsClock(1).works(1, 1).last();
    laptop.works(1, 1);
    table.holds(laptop.sent());
    witness.signed("lap", "i1");

    table.table.add(other);
    assertRefused("fork", 300);
    table.table.removeIf(r -> r.hash().equals(laptop.last().hash()));
    assertRefused("fork", 300);
  }

  @Test
  void neverSignsLessThanAnotherProcessDid() throws Exception {
    Laptop laptop = laptop(300);
    table.holds(laptop.sent().subList(0, 200));
    table.broken =
        sql -> {
          if (sql.startsWith("INSERT")) { // while this one stores 200, another stores 300
            table.holds(laptop.sent());
            table.heads.add(new FakeClickHouse.StoredHead("lap", "i1", 300, laptop.last().hash()));
          }
          return false;
        };

    assertEquals(300, witness.signed("lap", "i1").size());
  }

  @Test
  void signsNothingThatItCouldNotStore() throws Exception {
    table.holds(laptop(300).sent());
    table.broken = sql -> sql.startsWith("INSERT");

    HttpResponse<String> answer = witness.head("lap", "i1");
    assertEquals(503, answer.statusCode());
    assertFalse(answer.body().contains("Code: 60"), answer.body());
    table.broken = sql -> false;
    assertEquals(300, witness.signed("lap", "i1").size());
  }

  @Test
  void isNotReadyButAliveWithoutTables() throws Exception {
    assertEquals(200, witness.get("/health/ready").statusCode());
    table.broken = sql -> true;
    assertEquals(503, witness.get("/health/ready").statusCode());
    assertEquals(503, witness.head("lap", "i1").statusCode());
    assertEquals(200, witness.get("/health/live").statusCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?device=lap",
        "?install=i1&device=lap",
        "?device=&install=i1",
        "?device=lap&install=i1&x=1",
        "?device=a'%20OR%20'1'='1&install=i1",
        "?device=lap%27&install=i1",
        "?device=lap&install=i1%0A",
        "?device=l%C3%A4p&install=i1",
        "?device=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&install=i1"
      })
  void refusesNamesThatAreNone(String query) throws Exception {
    HttpResponse<String> answer = witness.get("/v1/head" + query.replace("'", "%27"));
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().startsWith("wanted: /v1/head?device=D&install=I"), answer.body());
    assertEquals(List.of(), table.asked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1/head2?device=lap&install=i1", "/v1/heads", "/health"})
  void knowsNoOtherPaths(String path) throws Exception {
    assertEquals(404, witness.get(path).statusCode());
  }

  @Test
  void saysThatItIsBusyInsteadOfTakingEverythingOn() throws Exception {
    table.gate = new CountDownLatch(1);
    List<Integer> answers = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> asking = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String device = "lap-" + i;
        asking.add(clients.submit(() -> witness.head(device, "i1").statusCode()));
      }
      Instant end = Instant.now().plusSeconds(20);
      while (asking.stream().filter(Future::isDone).count() < 8 && Instant.now().isBefore(end)) {
        Thread.sleep(20);
      }
      assertEquals(200, witness.get("/health/live").statusCode());
      table.gate.countDown();
      for (Future<Integer> answer : asking) {
        answers.add(answer.get());
      }
    }
    assertEquals(8, answers.stream().filter(s -> s == 503).count(), answers::toString);
    assertEquals(32, answers.stream().filter(s -> s == 404).count(), answers::toString);
  }

  @Test
  void answersWhatItHasBegunWhenItIsStopped(@TempDir Path own) throws Exception {
    table.holds(laptop(50).sent());
    try (WitnessProcess other = WitnessProcess.start(own, table.uri());
        ExecutorService client = Executors.newVirtualThreadPerTaskExecutor()) {
      table.gate = new CountDownLatch(1);
      Future<Long> size = client.submit(() -> other.signed("lap", "i1").size());
      while (table.asked.isEmpty()) {
        Thread.sleep(10);
      }
      Future<Boolean> ended = client.submit(other::stop);
      Thread.sleep(200);
      table.gate.countDown();

      assertEquals(50, size.get());
      assertTrue(ended.get());
    }
  }

  @Test
  void logsInWithThePasswordOfItsFile(@TempDir Path own) throws Exception {
    Path password = Files.writeString(own.resolve("password"), "s\u00e9same\n");
    try (WitnessProcess other =
        WitnessProcess.start(
            own,
            table.uri(),
            "--database",
            "skillwarden",
            "--user",
            "witness",
            "--password-file",
            password.toString())) {
      table.logins.clear();
      assertEquals(404, other.head("lap", "i1").statusCode());
    }
    String login =
        Base64.getEncoder().encodeToString("witness:s\u00e9same".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        Set.of("Basic " + login + " wait_end_of_query=1&database=skillwarden"),
        Set.copyOf(table.logins));
  }

  private static String failure(String... arguments) throws IOException, InterruptedException {
    Process process = WitnessProcess.command(arguments).start();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), said);
    return said.strip();
  }

  @Test
  void saysWhatIsWrongWithItsKey() throws Exception {
    Path half = directory.resolve("half.key");
    Files.writeString(half, WitnessProcess.newKey().replaceAll("(?s)-----BEGIN PUBLIC.*", ""));
    assertEquals(
        "witness: " + half + " has no PUBLIC KEY; both keys are wanted, see --help",
        failure("--key", half.toString()));

    Path mixed = directory.resolve("mixed.key");
    Files.writeString(
        mixed,
        WitnessProcess.newKey().replaceAll("(?s)-----BEGIN PUBLIC.*", "")
            + WitnessProcess.newKey().replaceAll("(?s).*-----END PRIVATE KEY-----", ""));
    assertEquals(
        "witness: " + mixed + ": the public key is not the private key's",
        failure("--key", mixed.toString()));
  }

  @Test
  void saysWhatIsWrongWithItsOptions() throws Exception {
    assertEquals("witness: --key FILE is missing; see --help", failure());
    assertEquals("witness: --port is unknown or has no value; see --help", failure("--port", "1"));
  }

  @Test
  void isOneFileThatCompilesWithoutAWarningAndFitsTheScreen() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int result =
        compiler.run(
            null,
            null,
            null,
            "-Xlint:all",
            "-Werror",
            "-proc:none",
            "-cp",
            directory.toString(),
            "-d",
            directory.toString(),
            WitnessProcess.PROGRAM.toString());
    assertEquals(0, result);
    for (String line : Files.readAllLines(WitnessProcess.PROGRAM)) {
      assertTrue(line.length() <= 130, line);
    }
  }
}
