package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The shipped tables and queries on a real server.
@org.jspecify.annotations.NullUnmarked // fields are set before the first test
final class ClickHouseIT {
  /// Queries that have to find nothing where nothing is wrong.
  private static final List<String> ALARMS =
      List.of(
          "gaps",
          "forks",
          "rollback",
          "chain",
          "silence",
          "install-reset",
          "clock",
          "declared-losses");

  private static final int FLEET = 200_000;

  @TempDir private static Path directory;
  private static ClickHouse server;

  @BeforeAll
  static void start() throws Exception {
    server = ClickHouse.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void emptyTables() throws Exception {
    server.fresh();
  }

  private static Laptop laptop(String device, int records, int step) {
    Instant begin = Instant.now().minus(Duration.ofSeconds((long) records * step + 60));
    return Laptop.enrolled(device, "i1", "web", begin).works(records - 1, step);
  }

  private static Map<String, List<String>> alarms() throws Exception {
    Map<String, List<String>> found = new LinkedHashMap<>();
    for (String alarm : ALARMS) {
      List<String> rows = server.finds(alarm);
      if (!rows.isEmpty()) {
        found.put(alarm, rows);
      }
    }
    return found;
  }

  /// The first fields of each row, parted by spaces.
  private static List<String> first(int fields, List<String> rows) {
    return rows.stream()
        .map(row -> row.replace(' ', '_'))
        .map(row -> String.join(" ", List.of(row.split("\t", -1)).subList(0, fields)))
        .toList();
  }

  @Test
  void findsExactlyTwoRemovedAndOneForkedOfTwoHundredThousand() throws Exception {
    List<Laptop.Collected> records = new ArrayList<>();
    for (String device : List.of("lap-1", "lap-2", "lap-3", "lap-4")) {
      records.addAll(laptop(device, FLEET / 4, 17).sent());
    }
    assertEquals(FLEET, records.size());
    server.insert(records);
    assertEquals(Map.of(), alarms());

    server.fresh();
    Laptop.Collected forked = records.get(150_077);
    Laptop.Collected other =
        Laptop.enrolled("lap-4", "i1", "web", records.get(150_000).received().minusSeconds(1))
            .works((int) forked.seq(), 17)
            .last()
            .receivedAt(Instant.now());
    records.removeIf(r ->
        (r.device().equals("lap-1") && r.seq() == 4_711)
            || (r.device().equals("lap-3") && r.seq() == 49_998));
    records.add(other);
    server.insert(records);

    assertEquals(
        List.of("lap-1 i1 4711 4711 1", "lap-3 i1 49998 49998 1"), first(5, server.finds("gaps")));
    assertEquals(List.of("lap-4 i1 77 77 1 2"), first(6, server.finds("forks")));
    assertEquals(List.of("lap-4 i1 77"), first(3, server.finds("chain"))); // chained to its own 76
    assertEquals(List.of("chain", "forks", "gaps"), List.copyOf(new TreeSet<>(alarms().keySet())));
  }

  /// An attack or accident: what the table then holds, and the first fields of what is found.
  record Case(String name, List<Laptop.Collected> table, Map<String, List<String>> found) {}

  static Stream<Arguments> attacks() {
    return Stream.of(
            dropped(),
            withoutBeginning(),
            deliveredTwice(),
            arrivedInAnyOrder(),
            forked(),
            restoredAndContinued(),
            restoredAndOnlyTheNewSent(),
            replacedInTheTable(),
            alteredUnderTheOldHash(),
            tailCut(),
            tailLostAndDeclared(),
            installReset(),
            clockAhead(),
            clockSetBack(),
            gapAcrossTheWindow())
        .map(c -> Arguments.of(Named.of(c.name(), c)));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void findsWhatWasDoneToTheJournalAndNothingElse(Case attack) throws Exception {
    server.insert(attack.table());

    Map<String, List<String>> found = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> alarm : alarms().entrySet()) {
      List<String> expected = attack.found().getOrDefault(alarm.getKey(), List.of("? ? ? ? ?"));
      int fields = expected.getFirst().split(" ", -1).length;
      found.put(alarm.getKey(), first(fields, alarm.getValue()));
    }
    assertEquals(attack.found(), found);
  }

  private static Case dropped() {
    List<Laptop.Collected> table = new ArrayList<>(laptop("lap", 500, 1).sent());
    table.removeIf(r -> r.seq() == 123 || (r.seq() >= 300 && r.seq() < 310));
    return new Case(
        "dropped inside", table, Map.of("gaps", List.of("lap i1 123 123 1", "lap i1 300 309 10")));
  }

  private static Case withoutBeginning() {
    List<Laptop.Collected> sent = laptop("lap", 500, 1).sent();
    return new Case(
        "beginning dropped", sent.subList(3, 500), Map.of("gaps", List.of("lap i1 0 2 3")));
  }

  private static Case deliveredTwice() {
    List<Laptop.Collected> table = new ArrayList<>(laptop("lap", 500, 1).sent());
    table.addAll(table.subList(90, 210));
    table.add(table.get(100).receivedAt(Instant.now())); // a checkpoint, again and later
    return new Case("delivered twice", table, Map.of());
  }

  private static Case arrivedInAnyOrder() {
    List<Laptop.Collected> table = new ArrayList<>(laptop("lap", 500, 1).sent());
    Collections.shuffle(table, new Random(1));
    return new Case("arrived in any order", table, Map.of());
  }

  private static Case forked() {
    Laptop laptop = laptop("lap", 300, 1);
    Laptop other = laptop.copy().setsClock(1).works(1, 1);
    List<Laptop.Collected> table = new ArrayList<>(laptop.works(50, 1).sent());
    table.add(other.last());
    return new Case("forked", table, Map.of("forks", List.of("lap i1 300 300 1 2")));
  }

  private static Case restoredAndContinued() {
    Laptop laptop = laptop("lap", 300, 1);
    Laptop restored = laptop.copy().setsClock(200).checkpoint().works(20, 1);
    List<Laptop.Collected> table = new ArrayList<>(laptop.works(150, 1).sent());
    table.addAll(restored.sent().subList(300, 321));
    return new Case(
        "directory restored and continued",
        table,
        Map.of(
            "forks", List.of("lap i1 300 320 21 2"),
            "rollback", List.of("went_back lap i1 300")));
  }

  private static Case restoredAndOnlyTheNewSent() {
    Laptop laptop = laptop("lap", 300, 1);
    Laptop restored = laptop.copy().setsClock(1).works(200, 1);
    List<Laptop.Collected> table = new ArrayList<>(laptop.works(150, 1).sent());
    table.addAll(restored.sent().subList(450, 500));
    return new Case(
        "directory restored, only the new sent", table, Map.of("chain", List.of("lap i1 450")));
  }

  private static Case replacedInTheTable() {
    Laptop laptop = laptop("lap", 399, 1);
    Laptop.Collected other = laptop.copy().setsClock(-1).works(1, 1).last();
    List<Laptop.Collected> table = new ArrayList<>(laptop.works(101, 1).sent());
    table.set(399, other);
    return new Case(
        "replaced in the table",
        table,
        Map.of("chain", List.of("lap i1 400"), "rollback", List.of("contradicted lap i1 399")));
  }

  private static Case alteredUnderTheOldHash() {
    List<Laptop.Collected> table = new ArrayList<>(laptop("lap", 500, 1).sent());
    table.add(Laptop.altered(table.get(333)));
    table.set(334, Laptop.altered(table.get(334)));
    return new Case(
        "altered under the old hash",
        table,
        Map.of(
            "chain", List.of("lap i1 333", "lap i1 334"),
            "forks", List.of("lap i1 333 333 1 1")));
  }

  private static Case tailCut() {
    Instant begin = Instant.now().minus(Duration.ofHours(5));
    Laptop laptop = Laptop.enrolled("lap", "i1", "web", begin).works(499, 1);
    return new Case(
        "tail cut", laptop.sent().subList(0, 480), Map.of("silence", List.of("lap i1 479 tool")));
  }

  private static Case tailLostAndDeclared() {
    Laptop laptop = laptop("lap", 300, 1).losesTail(10).works(20, 0);
    List<Laptop.Collected> table = new ArrayList<>(laptop.sent());
    table.removeIf(r -> r.seq() >= 295 && r.seq() < 300); // the first five had been sent
    return new Case(
        "tail lost and declared",
        table,
        Map.of("declared-losses", List.of("lap i1 300 290 299 tail")));
  }

  private static Case installReset() {
    List<Laptop.Collected> table = new ArrayList<>(laptop("lap", 500, 1).sent());
    Laptop anew = Laptop.enrolled("lap", "i2", "web", Instant.now().minusSeconds(50));
    table.addAll(anew.works(20, 1).sent());
    return new Case("install reset", table, Map.of("install-reset", List.of("lap i1 499 tool")));
  }

  private static Case clockAhead() {
    List<Laptop.Collected> table = new ArrayList<>();
    for (Laptop.Collected record : laptop("lap", 500, 1).setsClock(3600).works(5, 1).sent()) {
      table.add(record.seq() < 500 ? record : record.receivedAt(Instant.now()));
    }
    return new Case("clock ahead", table, Map.of("clock", List.of("ahead lap i1 500 5")));
  }

  private static Case clockSetBack() {
    List<Laptop.Collected> table = new ArrayList<>();
    for (Laptop.Collected record : laptop("lap", 500, 1).setsClock(-3600).works(5, 1).sent()) {
      table.add(record.seq() < 500 ? record : record.receivedAt(Instant.now()));
    }
    return new Case("clock set back", table, Map.of("clock", List.of("set_back lap i1 500 1")));
  }

  private static Case gapAcrossTheWindow() {
    List<Laptop.Collected> table = new ArrayList<>();
    for (Laptop.Collected record : laptop("lap", 500, 1).sent()) {
      if (record.seq() < 200 && record.seq() != 50) {
        table.add(record.receivedAt(Instant.now().minus(Duration.ofDays(40))));
      } else if (record.seq() >= 205) {
        table.add(record);
      }
    }
    table.add(table.get(100).receivedAt(Instant.now())); // again and late: no gap above it
    return new Case("gap across the window", table, Map.of("gaps", List.of("lap i1 200 204 5")));
  }

  @Test
  void aSignedHeadIsMissedWhenItsRecordIsCutOffOrAnother() throws Exception {
    Laptop laptop = laptop("lap", 500, 1);
    String head =
        "INSERT INTO witness_heads (device, install, size, root, signed) VALUES ('lap','i1',500,'"
            + laptop.last().hash()
            + "',now())";
    server.query(head);
    server.insert(laptop.sent());
    assertEquals(Map.of(), alarms());

    server.fresh();
    server.query(head);
    server.insert(laptop.sent().subList(0, 480));
    assertEquals(List.of("witnessed lap i1 499"), first(4, server.finds("rollback")));

    server.fresh();
    server.query(head);
    server.insert(laptop("lap", 500, 1).setsClock(1).sent().subList(0, 499));
    server.insert(laptop("lap", 499, 1).setsClock(9).works(1, 1).sent().subList(499, 500));
    assertEquals(List.of("witnessed lap i1 499"), first(4, server.finds("rollback")));
  }

  @Test
  void countsDenialsByTeamAndRuleOnceForEachRecord() throws Exception {
    Laptop laptop = laptop("lap", 500, 1);
    server.insert(laptop.sent());
    server.insert(laptop.sent().subList(90, 300));

    assertEquals(List.of("web no-pipe-to-shell deny 5 1"), first(5, server.finds("denials")));
  }

  @Test
  void saysWhoInvokedASensitiveSkill() throws Exception {
    Laptop laptop = laptop("lap", 50, 1);
    laptop
        .invokes("finance/budget-approval")
        .invokes("web/lint")
        .invokes("data/personal-data-export");
    server.insert(laptop.sent());
    server.insert(laptop.sent());

    List<String> rows = server.finds("sensitive-skill");
    assertEquals(
        List.of(
            "lap i1 50 web u-7f3a c0ffee finance/budget-approval 2.1.0 allow team",
            "lap i1 52 web u-7f3a c0ffee data/personal-data-export 2.1.0 allow team"),
        rows.stream()
            .map(r -> String.join(" ", List.of(r.split("\t", -1)).subList(2, 12)))
            .toList());
  }

  @Test
  void exportsTheLinesByteForByteInOrder() throws Exception {
    Laptop laptop = laptop("lap", 300, 1);
    List<Laptop.Collected> shuffled = new ArrayList<>(laptop.sent());
    Collections.shuffle(shuffled, new Random(2));
    server.insert(shuffled);
    server.insert(laptop("lap-2", 10, 1).sent());
    server.insert(shuffled.subList(0, 100));

    String export =
        ClickHouse.statements("queries/export.sql")
            .getFirst()
            .replace("'DEVICE'", "'lap'")
            .replace("'INSTALL'", "'i1'");
    assertEquals(laptop.sent().stream().map(Laptop.Collected::line).toList(), server.query(export));
  }

  @Test
  void oneRowForEachNumberHasTheRecordReceivedFirst() throws Exception {
    Laptop laptop = laptop("lap", 300, 1);
    Laptop.Collected late = laptop.copy().setsClock(5).works(1, 1).last();
    server.insert(List.of(late));
    server.insert(laptop.works(1, 1).sent());

    assertEquals(List.of("301"), server.query("SELECT count() FROM journal_one"));
    assertEquals(
        List.of(laptop.last().line() + "\t2"),
        server.query(
            "SELECT line, versions FROM journal_one WHERE versions > 1 FORMAT TabSeparatedRaw"));
  }

  @Test
  void copiesMergeToTheOneReceivedFirstAndForksStay() throws Exception {
    Laptop laptop = laptop("lap", 300, 1);
    Laptop.Collected other = laptop.copy().setsClock(5).works(1, 1).last();
    server.insert(laptop.works(1, 1).sent());
    server.insert(List.of(laptop.last().receivedAt(Instant.now().plusSeconds(30)), other));
    server.query("OPTIMIZE TABLE journal FINAL");

    assertEquals(
        List.of(Long.toString(laptop.last().received().getEpochSecond())),
        server.query(
            "SELECT toUInt32(received) FROM journal WHERE hash = '" + laptop.last().hash() + "'"));
    assertEquals(List.of("302"), server.query("SELECT count() FROM journal"));
  }

  /// 18.16 has neither Map nor table TTL, and works out no columns of a table behind a view. So of
  /// current.sql the view's query is run, with the two parallel arrays that a Map is made of.
  @Test
  void fillsTheTableFromTheCollectorsOwn() throws Exception {
    server.query("DROP TABLE IF EXISTS otel_logs");
    server.query(
        """
        CREATE TABLE otel_logs (Body String, ResourceAttributes Nested(k String, v String),
          LogAttributes Nested(k String, v String)) ENGINE = MergeTree ORDER BY tuple()
        """);
    Laptop.Collected record = laptop("lap", 10, 1).last();
    long received = record.received().toEpochMilli();
    String row =
        "INSERT INTO otel_logs VALUES ('%s', ['service.instance.id','host.id','team'], ['i1','lap','web'], ['x','skillwarden.received'], ['','%d'])";
    server.query(row.formatted(record.line().replace("\\", "\\\\"), received));
    server.query(row.formatted("Something else said by another program", received));
    server.query(row.formatted(record.line().replace("\\", "\\\\"), received + 86_400_000L));
    List<String> statements = ClickHouse.statements("current.sql");
    assertEquals(3, statements.size());
    String view = statements.get(2);
    String rows = view.substring(view.indexOf("WITH intDiv"));
    server.query(
        "INSERT INTO journal (received, device, install, team, line) "
            + rows.replaceAll("(\\w+)\\['([^']+)'\\]", "$1.v[indexOf($1.k, '$2')]"));

    assertEquals(
        List.of(record.line()),
        server.query(
            "SELECT line FROM journal WHERE device = 'lap' AND install = 'i1' AND team = 'web' AND seq = 9"
                + " AND toUInt32(received) = "
                + received / 1000
                + " FORMAT TSVRaw"));
    assertEquals(List.of("0"), server.query("SELECT count() FROM journal WHERE received > now()"));
  }

  @Test
  void theWitnessSignsWhatTheTableHoldsAndSeesWhatIsTakenFromIt(@TempDir Path own)
      throws Exception {
    Laptop laptop = laptop("lap", 25_000, 1);
    List<Laptop.Collected> sent = laptop.sent();
    server.insert(sent.subList(0, 12_000));
    server.insert(sent.subList(11_000, 11_500));
    server.insert(laptop("lap-2", 100, 1).sent());
    try (WitnessProcess witness = WitnessProcess.start(own, server.uri())) {
      assertEquals(200, witness.get("/health/ready").statusCode());
      assertEquals(12_000, witness.signed("lap", "i1").size());
      assertEquals(sent.get(11_999).hash(), witness.signed("lap", "i1").root());
      assertEquals(404, witness.head("lap-3", "i1").statusCode());

      server.insert(sent.subList(12_001, 25_000));
      assertEquals(12_000, witness.signed("lap", "i1").size());
      server.insert(sent.subList(12_000, 12_001));
      assertEquals(25_000, witness.signed("lap", "i1").size());
      assertEquals(
          List.of("25000\t" + laptop.last().hash()),
          server.query("SELECT size, root FROM witness_heads FINAL WHERE device = 'lap'"));

      Laptop other = laptop.copy().setsClock(-1).works(1, 1);
      server.insert(laptop.works(2, 1).sent().subList(25_000, 25_002));
      server.insert(List.of(other.last()));
      assertEquals(409, witness.head("lap", "i1").statusCode());

      server.query("DROP TABLE journal");
      for (String statement : ClickHouse.statements("schema.sql")) {
        server.query(statement);
      }
      server.insert(sent.subList(0, 20_000));
      assertEquals(409, witness.head("lap", "i1").statusCode());
      assertEquals("25000\n", witness.head("lap", "i1").body());
      assertEquals(List.of("witnessed lap i1 24999"), first(4, server.finds("rollback")));
    }
  }

  @Test
  void everyShippedQueryRunsAndSaysWhatItFindsAndWhatToDo() throws Exception {
    List<Path> files;
    try (Stream<Path> queries = Files.list(Path.of("../installer/collector/clickhouse/queries"))) {
      files = queries.sorted().toList();
    }
    assertTrue(files.size() >= 11, files::toString);
    for (Path file : files) {
      String text = Files.readString(file);
      for (String part : List.of("-- Finds:", "-- Read:", "-- Do:")) {
        assertTrue(text.contains(part), () -> file + " does not say " + part);
      }
      assertEquals(
          1, ClickHouse.statements("queries/" + file.getFileName()).size(), file::toString);
      server.finds(file.getFileName().toString().replace(".sql", ""));
    }
  }
}
