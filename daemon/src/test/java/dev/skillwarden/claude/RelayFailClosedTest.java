package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.FailClosedRows;
import dev.skillwarden.policy.PolicyFile.Mode;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// What the relay makes of a daemon that fails, for the events that can be blocked and the one that
/// cannot. The relay knows no policy: both modes are the same. The rows are in fail-closed.csv.
@Timeout(60)
class RelayFailClosedTest {
  private static final Path RELAY = Path.of("../hooks/skillwarden-relay");
  private static final List<String> EVENTS =
      List.of("PreToolUse", "UserPromptExpansion", "SessionStart");

  private static final String PASS = response("200 OK", "{}");

  private Path directory = Path.of("/tmp");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Thread> serving = new CopyOnWriteArrayList<>();
  private final List<Exception> ended = new CopyOnWriteArrayList<>();

  /// What a daemon does with one connection.
  @FunctionalInterface
  private interface Behaviour {
    void serve(SocketChannel connection) throws IOException, InterruptedException;
  }

  @BeforeEach
  void makeDirectory() throws IOException {
    assertTrue(
        Files.isExecutable(Path.of("/usr/bin/curl")) || Files.isExecutable(Path.of("/bin/curl")),
        "the relay needs curl at /usr/bin/curl or /bin/curl");
    directory = Files.createTempDirectory(Path.of("/tmp"), "sw"); // short: a socket path is bounded
  }

  @AfterEach
  void removeDirectory() throws IOException {
    serving.forEach(Thread::interrupt);
    threads.shutdownNow();
    Files.deleteIfExists(socket());
    Files.delete(directory);
  }

  private Path socket() {
    return directory.resolve("c");
  }

  private static String response(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, body.length(), body);
  }

  private static void send(SocketChannel connection, String text) throws IOException {
    connection.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Behaviour answering(String text) {
    return connection -> send(connection, text);
  }

  /// Listens and serves every connection like this, after it has read the request.
  private ServerSocketChannel listen(Behaviour behaviour) throws IOException {
    ServerSocketChannel server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket()));
    start(() -> {
      while (true) {
        SocketChannel connection = server.accept();
        start(() -> {
          try (connection) {
            connection.read(ByteBuffer.allocate(1 << 16));
            behaviour.serve(connection);
          }
        });
      }
    });
    return server;
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void start(Work work) {
    serving.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                ended.add(e); // the test is over, or the relay has gone
              }
            }));
  }

  private record Run(String event, int exit, String out, String err) {
    /// In words of the table.
    String described() throws InvalidTextException {
      JsonNode answer = Json.parse("answer of " + event, out);
      JsonNode specific = answer.path("hookSpecificOutput");
      boolean denied = specific.path("permissionDecision").asString("").equals("deny");
      boolean blocked = answer.path("decision").asString("").equals("block");
      boolean told = specific.path("additionalContext").asString("").contains("is down");
      assertEquals(event.equals("SessionStart") ? 0 : 2, exit, event + ": " + out + err);
      assertTrue(event.equals("SessionStart") || err.startsWith("Blocked: "), err);
      return event.equals("PreToolUse") && denied
          ? "tool calls denied"
          : event.equals("UserPromptExpansion") && blocked
              ? "typed skills blocked"
              : event.equals("SessionStart") && told ? "session told" : event + " got " + out;
    }
  }

  private Run relay(String event) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh", "-p", RELAY.toString(), "--socket", socket().toString(), "--event", event);
    builder.environment().clear();
    Path in =
        Files.writeString(directory.resolve(event), "{\"hook_event_name\":\"" + event + "\"}");
    Path err = directory.resolve(event + ".err");
    builder.redirectInput(in.toFile()).redirectError(err.toFile());
    Process process = builder.start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(10, TimeUnit.SECONDS), "the relay does not end");
      return new Run(event, process.exitValue(), out, Files.readString(err));
    } finally {
      Files.delete(in);
      Files.delete(err);
    }
  }

  /// Runs the relay for each event at once and compares with the row.
  private void check(TestInfo test) throws Exception {
    List<Callable<Run>> runs = new ArrayList<>();
    EVENTS.forEach(event -> runs.add(() -> relay(event)));
    List<String> described = new ArrayList<>();
    for (Future<Run> run : threads.invokeAll(runs)) {
      described.add(run.get().described());
    }
    for (Mode mode : Mode.values()) {
      FailClosedRows.check(test, mode, String.join(", ", described));
    }
  }

  private void check(TestInfo test, Behaviour behaviour) throws Exception {
    try (ServerSocketChannel _ = listen(behaviour)) {
      check(test);
    } finally {
      Files.deleteIfExists(socket());
    }
  }

  /// That the fakes are answered as a daemon is: a whole answer lets the call pass.
  private void assertWholeAnswerPasses() throws Exception {
    try (ServerSocketChannel _ = listen(answering(PASS))) {
      Run run = relay("PreToolUse");
      assertEquals("{}", run.out().strip(), run.err());
      assertEquals(0, run.exit());
    } finally {
      Files.deleteIfExists(socket());
    }
  }

  @Test
  void daemonDown(TestInfo test) throws Exception {
    assertWholeAnswerPasses();
    check(test);
  }

  @Test
  void daemonDeadAndItsSocketLeft(TestInfo test) throws Exception {
    listen(answering(PASS)).close();
    assertTrue(Files.exists(socket()));
    check(test);
  }

  @Test
  void daemonHung(TestInfo test) throws Exception {
    long start = System.nanoTime();
    check(test, connection -> sleep(Duration.ofSeconds(20)));
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(9).toNanos(), "4 s and some");
  }

  private static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }

  /// One byte a second looks alive, and never ends.
  @Test
  void daemonTrickles(TestInfo test) throws Exception {
    check(
        test,
        connection -> {
          for (int i = 0; i < PASS.length(); i++) {
            send(connection, PASS.substring(i, i + 1));
            sleep(Duration.ofSeconds(1));
          }
        });
  }

  @Test
  void daemonAnswersGarbage(TestInfo test) throws Exception {
    for (String garbage :
        List.of(
            "garbage\n",
            "{}\n",
            "\u0000\u0001\u0002",
            response("200 OK", "garbage"),
            response("200 OK", ""),
            response("200 OK", "[]"),
            response("200 OK", "{}{}"),
            response("200 OK", "{}\n{}"),
            response("200 OK", "{\"continue\":true}"),
            response("200 OK", "{\"decision\":\"approve\"}"),
            response(
                "200 OK",
                "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"allow\"}}"))) {
      check(test, answering(garbage));
    }
  }

  @Test
  void daemonAnswersWithAnError(TestInfo test) throws Exception {
    for (String status :
        List.of("500 Internal Server Error", "404 Not Found", "302 Found", "204 No Content")) {
      check(test, answering(response(status, "{}")));
    }
  }

  @Test
  void connectionHalfClosed(TestInfo test) throws Exception {
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    for (String part :
        List.of(
            "",
            "HTTP/1.1 200",
            PASS.substring(0, PASS.indexOf('{')),
            PASS.substring(0, PASS.length() - 1),
            PASS.replace("Length: 2", "Length: 3"),
            chunked)) {
      check(
          test,
          connection -> {
            send(connection, part);
            connection.shutdownOutput();
            int read = 0;
            while (read >= 0) {
              read = connection.read(ByteBuffer.allocate(1 << 10));
            }
          });
    }
  }
}
