package dev.skillwarden.e2e.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.e2e.lab.Attack.Profile;
import dev.skillwarden.e2e.lab.Lab.Account;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The daemon under load of several accounts, over TLS. Runs with `-Dload` only, on a machine that
/// does nothing else; with `-Dload.soak=MINUTES` also for long. Prints what it measured.
final class LoadIT {
  private static final Path CLIENT = Path.of("..", ".work", "client").toAbsolutePath().normalize();
  private static final Path CASES = Path.of("src/test/resources/policy/shell-cases.tsv");
  private static final int RECORDED = 200;

  @org.jspecify.annotations.Nullable private static Lab lab;

  @BeforeAll
  static void open() throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("load") != null, "load runs with -Dload only, see docs/performance.md");
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "load needs root");
    Assumptions.assumeTrue(
        Files.isExecutable(CLIENT.resolve("node")),
        "the client is not installed; run daemon/src/test/e2e/install-client.sh");
    lab = Lab.open(Path.of(System.getProperty("skillwarden.dist", "")), CLIENT.resolve("node"));
    record();
  }

  /// Whoever recorded stood in its place.
  @BeforeEach
  void daemonRuns() throws Exception {
    lab().ensure(Scene.Daemon.RUNNING);
  }

  @AfterAll
  static void close() throws Exception {
    if (lab != null) {
      lab.close();
    }
  }

  private static Lab lab() {
    if (lab == null) {
      throw new IllegalStateException("not opened");
    }
    return lab;
  }

  private static Path payloads() {
    return lab().root().resolve("payloads.jsonl");
  }

  /// Has the client make calls that somebody in the daemon's place denies and keeps: nothing of
  /// them is run.
  private static void record() throws Exception {
    Attack recording =
        Attack.of(
            "recording",
            "",
            "",
            scene -> {
              scene.limit = Duration.ofMinutes(5);
              scene.impostor("record", scene.lab.ownPem());
              List<String> commands = new ArrayList<>();
              for (String line : Files.readAllLines(CASES)) {
                String[] cells = line.split("\t", -1);
                if (cells.length == 3 && !line.startsWith("#") && !cells[2].isBlank()) {
                  commands.add(cells[2]);
                }
              }
              int every = commands.size() / (RECORDED - 20);
              for (int i = 0; i < RECORDED - 20; i++) {
                scene.bash(commands.get(i * every));
              }
              for (int i = 0; i < 10; i++) {
                Path file = scene.project.resolve("file" + i);
                scene.call("Read", Json.object().put("file_path", file.toString()));
                scene.call(
                    "Write",
                    Json.object()
                        .put("file_path", file.toString())
                        .put("content", "line of text\n".repeat(1 << i)));
              }
            });
    lab()
        .play(
            recording,
            CLIENT.resolve("claude"),
            Optional.of(lab().settings(Profile.STANDARD, false)));
    try (Stream<Path> logs = Files.walk(lab().root().resolve("runs"))) {
      Path log = logs.filter(f -> f.endsWith("rogue.log")).findFirst().orElseThrow();
      Files.copy(log, payloads());
    }
    try (Stream<String> lines = Files.lines(payloads())) {
      assertEquals(RECORDED, lines.count(), "payloads recorded");
    }
  }

  private static Process generators(
      Account account, Path payloads, int workers, int count, int rate, Path out)
      throws IOException {
    return lab()
        .script(
            account,
            out,
            lab().node().toString(),
            Lab.scripts().resolve("load.mjs").toString(),
            Integer.toString(Lab.PORT),
            lab().bundle().toString(),
            payloads.toString(),
            Integer.toString(workers),
            Integer.toString(count),
            Integer.toString(rate));
  }

  private static JsonNode generated(Process process, Path out) throws Exception {
    assertEquals(0, process.waitFor(), Files.readString(out));
    JsonNode said = Json.parse("load", Files.readString(out));
    System.out.println(out.getFileName() + ": " + said);
    assertEquals(0, said.path("failed").asInt(-1), said.toString());
    return said;
  }

  private static JsonNode load(Account account, int workers, int count, int rate) throws Exception {
    Path out = lab().root().resolve(account + "-load.txt");
    return generated(generators(account, payloads(), workers, count, rate, out), out);
  }

  /// Times of decisions, in microseconds, as the daemon journaled them.
  private static long[] decisions(Account account, Instant since) throws Exception {
    Lab.Run shown =
        lab()
            .verb(
                "journal", "show", "--format", "json", "--limit", "0", "--since", since.toString());
    assertEquals(0, shown.exit(), shown.err());
    List<Long> micros = new ArrayList<>();
    for (String line : shown.out().lines().filter(l -> l.startsWith("{")).toList()) {
      JsonNode entry = Json.parse("journal", line);
      if (entry.path("kind").asString("").equalsIgnoreCase("tool")
          && entry.path("account").asString("").equalsIgnoreCase(account.name())) {
        micros.add(entry.path("duration_us").asLong(0));
      }
    }
    return micros.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static double p99(long[] sorted) {
    return sorted[Math.min(sorted.length - 1, (int) (.99 * sorted.length))] / 1000.0;
  }

  private static long residentKiB() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + lab().daemonPid() + "/status"))) {
      return lines
          .filter(l -> l.startsWith("VmRSS:"))
          .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + lab().daemonPid() + "/fd"))) {
      return open.count();
    }
  }

  @Test
  void eightGeneratorsAndTwoClientsAreServedInTime() throws Exception {
    lab().deliver(Optional.of(lab().settings(Profile.STANDARD, false)));
    for (int i = 0; i < 3; i++) {
      load(Account.ANA, 8, 200, 0);
    }
    long before = residentKiB();
    Instant since = Instant.now();
    Path out = lab().root().resolve("generators.txt");
    Process process = generators(Account.ANA, payloads(), 8, 200, 0, out);
    try (ExecutorService clients = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> answered = new ArrayList<>();
      for (Account account : Account.values()) {
        answered.add(clients.submit(fiftyCalls(account)));
      }
      for (Future<Integer> one : answered) {
        assertEquals(50, one.get(5, TimeUnit.MINUTES), "calls of a client that passed");
      }
    }
    generated(process, out);
    double p99 = p99(decisions(Account.ANA, since));
    long growth = (residentKiB() - before) / 1024;
    System.out.printf(
        "load: p99 at the daemon %.2f ms, RSS %d MiB, grown by %d MiB%n",
        p99, before / 1024, growth);
    assertTrue(p99 <= 10, "p99 " + p99);
    assertTrue(growth <= 20, "RSS grew by " + growth + " MiB");
  }

  private static Callable<Integer> fiftyCalls(Account account) {
    return () -> {
      Scene scene = lab().scene(account, CLIENT.resolve("claude"));
      for (int i = 0; i < 50; i++) {
        scene.bash("echo passed-" + i);
      }
      Lab.Outcome outcome = lab().session(account, scene);
      return (int)
          Lab.results(outcome.sent()).stream()
              .filter(r -> r.matches("result: \"passed-[0-9]+\""))
              .count();
    };
  }

  @Test
  void oneAccountsFloodAndHungMountDelayNobodyElse() throws Exception {
    load(Account.BO, 1, 400, 0);
    JsonNode alone = load(Account.BO, 1, 400, 40);
    Path hung = lab().root().resolve("hung");
    Process mount = lab().hungMount(hung);
    Path ready = Files.createDirectories(lab().root().resolve("home/ana")).resolve("flood.ready");
    Files.deleteIfExists(ready);
    lab().own(Account.ANA, lab().root().resolve("home/ana"));
    Process flood =
        lab()
            .script(
                Account.ANA,
                lab().root().resolve("flood.txt"),
                "python3",
                Lab.scripts().resolve("flood.py").toString(),
                Integer.toString(Lab.PORT),
                lab().controlSocket().toString(),
                "10000",
                ready.toString());
    Path stuck = lab().root().resolve("stuck.jsonl");
    Files.writeString(
        stuck,
        Files.readAllLines(payloads())
                .getFirst()
                .replaceFirst(
                    "\"command\":\"(\\\\.|[^\"\\\\])*\"", "\"command\":\"cat " + hung + "/x\"")
            + "\n");
    Process hangs = null;
    try {
      for (int i = 0; i < 600 && Files.notExists(ready); i++) {
        assertTrue(flood.isAlive(), Files.readString(lab().root().resolve("flood.txt")));
        Thread.sleep(100);
      }
      System.out.print("flood: " + Files.readString(ready));
      hangs = generators(Account.ANA, stuck, 4, 1_000_000, 0, lab().root().resolve("stuck.txt"));
      Instant since = Instant.now();
      JsonNode beside = load(Account.BO, 1, 1000, 40);
      long[] daemon = decisions(Account.BO, since);
      System.out.printf(
          "flood: the other account p99 %.2f ms beside it, %.2f alone; at the daemon %.2f ms of %d%n",
          beside.path("p99").asDouble(0),
          alone.path("p99").asDouble(0),
          p99(daemon),
          daemon.length);
      assertTrue(beside.path("p99").asDouble(1000) <= 20, beside.toString());
    } finally {
      for (Process process : Arrays.asList(hangs, flood, mount)) {
        if (process != null) {
          process.destroyForcibly().waitFor();
        }
      }
    }
  }

  /// 20 calls a second; the second half must look like the first after a warm-up.
  @Test
  void memoryAndDescriptorsStayFlat() throws Exception {
    int minutes = Integer.getInteger("load.soak", 0);
    Assumptions.assumeTrue(minutes >= 4, "the soak runs with -Dload.soak=MINUTES, at least 4");
    Path out = lab().root().resolve("soak.txt");
    Process process = generators(Account.ANA, payloads(), 4, minutes * 60 * 5, 20, out);
    List<Long> resident = new ArrayList<>();
    List<Long> descriptors = new ArrayList<>();
    while (!process.waitFor(30, TimeUnit.SECONDS)) {
      resident.add(residentKiB() / 1024);
      descriptors.add(descriptors());
      System.out.printf(
          "soak: RSS %d MiB, %d descriptors%n", resident.getLast(), descriptors.getLast());
    }
    generated(process, out);
    int quarter = resident.size() / 4;
    long early = median(resident.subList(quarter, 2 * quarter));
    long late = median(resident.subList(3 * quarter, resident.size()));
    System.out.printf("soak: RSS %d MiB in the second quarter, %d in the last%n", early, late);
    assertTrue(late - early <= 10, early + " MiB became " + late);
    assertTrue(
        median(descriptors.subList(3 * quarter, descriptors.size()))
                - median(descriptors.subList(quarter, 2 * quarter))
            <= 3,
        descriptors.toString());
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
