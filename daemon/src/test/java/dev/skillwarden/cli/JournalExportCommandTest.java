package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.upload.TestJournal;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class JournalExportCommandTest {
  private static final String ZERO = "0".repeat(64);

  @TempDir Path home;

  private record Result(int exit, String out, String err) {}

  private Result run(String line) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        new JournalCommand(() -> Instant.parse("2026-11-21T00:00:00Z"), "alice")
            .commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    int exit =
        command.execute(
            ("export --home %s ".formatted(home) + line.replace("OUT", home + "/out")).split(" "));
    return new Result(exit, out.toString(), err.toString());
  }

  private TestJournal journal() throws IOException {
    return new TestJournal(home.resolve("journal"));
  }

  private JsonNode sidecar(String name) throws IOException, InvalidTextException {
    Path file = home.resolve(name + ".checkpoint");
    return Json.parse(file.toString(), Files.readAllBytes(file));
  }

  private static String hash(String line) {
    return line.replaceAll(".*\"hash\":\"([0-9a-f]{64})\".*", "$1");
  }

  @Test
  void linesAreExportedAsTheyAre() throws Exception {
    TestJournal journal = journal();
    journal.tools(5);
    String note = journal.checkpoint();
    journal.roll("20261121F.cq4");
    journal.tools(2);
    Result result = run("--format jsonl --out OUT.jsonl");
    assertEquals("", result.err());
    assertEquals(0, result.exit());
    assertTrue(
        result.out().startsWith("9 records, 1 (2026-11-20T12:00:00.000000Z) to 9 ("), result.out());
    assertEquals(journal.lines(), Files.readAllLines(home.resolve("out.jsonl")));
    assertEquals(
        Json.parse(
            "wanted",
            Json.write(
                Json.object()
                    .put("format", "jsonl")
                    .put("device", "device-1")
                    .put("install", "install-1")
                    .put("first", 1)
                    .put("last", 9)
                    .put("records", 9)
                    .put("before_hash", ZERO)
                    .put("checkpoint", note)
                    .set("keys", Json.object().putArray("x")))),
        sidecar("out.jsonl"));
    try (Stream<Path> files = Files.list(home)) {
      assertEquals(3, files.count(), "no other file is left");
    }
  }

  @Test
  void aRangeKnowsWhatIsBeforeIt() throws Exception {
    TestJournal journal = journal();
    journal.tools(5);
    journal.checkpoint(); // of 1..6
    journal.tools(4);
    String after = journal.checkpoint(); // of 1..11
    journal.tools(3);
    List<String> lines = journal.lines();
    Result result =
        run("--format jsonl --out OUT --since 2026-11-20T12:00:08Z --until 2026-11-20T12:00:12Z");
    assertEquals(0, result.exit(), result.err());
    assertEquals(lines.subList(7, 11), Files.readAllLines(home.resolve("out")));
    JsonNode sidecar = sidecar("out");
    assertEquals(8, sidecar.path("first").asInt(0));
    assertEquals(11, sidecar.path("last").asInt(0));
    assertEquals(hash(lines.get(6)), sidecar.path("before_hash").asString(""));
    assertEquals(after, sidecar.path("checkpoint").asString(""), "the first after it");
    assertEquals(lines.getFirst(), sidecar.path("keys").path(0).asString(""));
  }

  @Test
  void aRangeHasNoGapsWhateverTheClockDid() throws Exception {
    TestJournal journal = journal();
    for (int minute : new int[] {10, 90, 11, 12, 91}) {
      journal.add("tool", "none", TestJournal.NOON.plusSeconds(60L * minute), Map.of());
    }
    run("--format jsonl --out OUT --since 2026-11-20T12:05:00Z --until 2026-11-20T13:00:00Z");
    assertEquals(journal.lines().subList(1, 5), Files.readAllLines(home.resolve("out")));
  }

  @Test
  void aNoteThatCannotBeShownIsLeftOut() throws Exception {
    TestJournal journal = journal();
    journal.tools(2);
    journal.checkpoint();
    journal.tools(3);
    Result result = run("--format jsonl --out OUT --since 2026-11-20T12:00:06Z");
    assertEquals("", sidecar("out").path("checkpoint").asString("?"));
    assertTrue(result.out().contains("only the chain"), result.out());
  }

  @Test
  void stubsTellOfDeletedFiles() throws Exception {
    TestJournal journal = journal();
    journal.tools(3);
    journal.roll("20261121F.cq4");
    journal.add("segment", "", TestJournal.NOON, Map.of("last_hash", "ab".repeat(32)));
    journal.tools(2);
    Path deleted = home.resolve("journal/20261120F.cq4");
    Files.delete(deleted);
    List<String> lines = journal.lines();
    run("--format jsonl --out OUT");
    assertEquals("ab".repeat(32), sidecar("out").path("before_hash").asString(""));
    assertEquals("", sidecar("out").path("device").asString("?"));
    Files.writeString(
        home.resolve("journal/20261120F.cq4.stub.json"),
        Json.write(
            Json.object()
                .put("first", 1)
                .put("last", 4)
                .put("last_hash", hash(lines.get(3)))
                .set("keys", Json.object().putArray("k").add(lines.getFirst()))));
    run("--format jsonl --out OUT --force");
    assertEquals(hash(lines.get(3)), sidecar("out").path("before_hash").asString(""));
    assertEquals("device-1", sidecar("out").path("device").asString(""));
    assertEquals(lines.getFirst(), sidecar("out").path("keys").path(0).asString(""));
  }

  @Test
  void otlpHoldsTheSameLines() throws Exception {
    TestJournal journal = journal();
    journal.tools(1_100);
    Result result = run("--format otlp-jsonl --out OUT.jsonl.zst");
    assertEquals(0, result.exit(), result.err());
    String text;
    try (InputStream in =
        new ZstdInputStream(Files.newInputStream(home.resolve("out.jsonl.zst")))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<String> bodies = new ArrayList<>();
    List<String> requests = text.lines().toList();
    assertEquals(3, requests.size());
    for (String request : requests) {
      assertTrue(request.getBytes(StandardCharsets.UTF_8).length <= 1 << 20);
      Json.parse("line", request)
          .at("/resourceLogs/0/scopeLogs/0/logRecords")
          .forEach(r -> bodies.add(r.at("/body/stringValue").asString("")));
    }
    assertEquals(journal.lines(), bodies);
    assertEquals("otlp-jsonl", sidecar("out.jsonl.zst").path("format").asString(""));
  }

  @ParameterizedTest
  @CsvSource({"out", "out.checkpoint"})
  void replacesNothingUnlessForced(String there) throws Exception {
    journal().tools(1);
    Files.writeString(home.resolve(there), "mine");
    Result result = run("--format jsonl --out OUT");
    assertEquals(2, result.exit());
    assertTrue(result.err().contains("--force"), result.err());
    assertEquals("mine", Files.readString(home.resolve(there)));
    assertEquals(0, run("--format jsonl --out OUT --force").exit());
    assertFalse(Files.readString(home.resolve(there)).equals("mine"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--format xml --out OUT|is no format; otlp-jsonl or jsonl",
        "--out OUT|--format",
        "--format jsonl|--out",
        "--format jsonl --out OUT --until soon|--until is ",
        "--format jsonl --out OUT --since 2030-01-01|no record of the journal is of that time",
        "/nowhere/at/all --format jsonl --out OUT|There is no journal at /nowhere/at/all"
      })
  void refusesWrongUsage(String line, String message) throws IOException {
    journal().tools(1);
    Result result = run(line);
    assertEquals(2, result.exit());
    assertTrue(result.err().contains(message), result.err());
    assertFalse(Files.exists(home.resolve("out")));
  }

  @Test
  void damageIsSaid() throws Exception {
    TestJournal journal = journal();
    journal.damage();
    journal.tools(1);
    Result result = run(home.resolve("journal") + " --format jsonl --out OUT");
    assertEquals(0, result.exit());
    assertEquals(journal.lines(), Files.readAllLines(home.resolve("out")));
    assertTrue(result.err().contains("warning: 1 places"), result.err());
  }
}
