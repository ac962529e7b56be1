package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A ClickHouse server of this test's own: loopback, a directory of its own, at most 2 GB of
/// memory.
final class ClickHouse implements AutoCloseable {
  private static final Path SHIPPED = Path.of("../installer/collector/clickhouse");
  private static final Duration START = Duration.ofSeconds(30);
  private static final int ROWS_PER_INSERT = 50_000;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final URI uri;

  private ClickHouse(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /// Starts the server of this machine. Without one the test is skipped, or fails where
  /// `SKILLWARDEN_REQUIRE_CLICKHOUSE` is set.
  static ClickHouse start(Path directory) throws Exception {
    Path program =
        Stream.of("/usr/sbin/clickhouse-server", "/usr/bin/clickhouse-server")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(Path.of("none"));
    if (!Files.isExecutable(program)) {
      String message =
          "clickhouse-server is not installed: the shipped tables and queries were NOT run"
              + " (apt-get install clickhouse-server)";
      assertEquals("", System.getenv().getOrDefault("SKILLWARDEN_REQUIRE_CLICKHOUSE", ""), message);
      assumeTrue(false, message);
    }
    int port = freePort();
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("config.xml"), config(directory, port, freePort()));
    Files.writeString(directory.resolve("users.xml"), USERS);
    Process process =
        new ProcessBuilder(program.toString(), "--config-file=" + directory.resolve("config.xml"))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("server.log").toFile())
            .start();
    ClickHouse server = new ClickHouse(process, URI.create("http://127.0.0.1:" + port + "/"));
    server.await(directory.resolve("server.log"));
    return server;
  }

  private void await(Path log) throws Exception {
    Instant end = Instant.now().plus(START);
    while (Instant.now().isBefore(end) && process.isAlive()) {
      try {
        query("SELECT 1");
        return;
      } catch (IOException e) {
        Thread.sleep(100); // not listening yet
      }
    }
    close();
    throw new IOException("clickhouse-server did not start: " + Files.readString(log));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String config(Path directory, int http, int tcp) {
    return """
    <yandex>
      <logger><level>warning</level><console>true</console></logger>
      <listen_host>127.0.0.1</listen_host>
      <http_port>%d</http_port>
      <tcp_port>%d</tcp_port>
      <path>%s/data/</path>
      <tmp_path>%s/data/tmp/</tmp_path>
      <users_config>users.xml</users_config>
      <default_profile>default</default_profile>
      <default_database>default</default_database>
      <mark_cache_size>67108864</mark_cache_size>
      <timezone>UTC</timezone>
    </yandex>
    """
        .formatted(http, tcp, directory, directory);
  }

  private static final String USERS =
      """
      <yandex>
        <profiles><default><max_memory_usage>2000000000</max_memory_usage><max_threads>2</max_threads></default></profiles>
        <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
          <profile>default</profile><quota>default</quota></default></users>
        <quotas><default></default></quotas>
      </yandex>
      """;

  URI uri() {
    return uri;
  }

  /// Rows of a query, fields parted by tabs.
  ///
  /// @throws IOException with what the server says when it refuses
  List<String> query(String sql) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(sql))
            .build();
    HttpResponse<String> answer =
        http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (answer.statusCode() != 200) {
      throw new IOException(answer.body() + " in " + sql);
    }
    return answer.body().lines().toList();
  }

  /// Empty tables, made anew by the shipped file.
  void fresh() throws Exception {
    for (String table : List.of("journal_from_otel", "journal_one", "journal", "witness_heads")) {
      query("DROP TABLE IF EXISTS " + table);
    }
    for (String statement : statements("schema.sql")) {
      query(statement);
    }
  }

  void insert(List<Laptop.Collected> records) throws Exception {
    for (int from = 0; from < records.size(); from += ROWS_PER_INSERT) {
      StringBuilder rows = new StringBuilder();
      rows.append(
          "INSERT INTO journal (received, device, install, team, line) FORMAT JSONEachRow\n");
      for (Laptop.Collected record :
          records.subList(from, Math.min(records.size(), from + ROWS_PER_INSERT))) {
        rows.append(Json.write(record.row())).append('\n');
      }
      query(rows.toString());
    }
  }

  /// The statements of a shipped file, in order.
  static List<String> statements(String file) throws IOException {
    List<String> statements = new ArrayList<>();
    for (String statement : Files.readString(SHIPPED.resolve(file)).split(";\\s*\\n", -1)) {
      if (!statement.replaceAll("--.*", "").isBlank()) {
        statements.add(statement);
      }
    }
    return statements;
  }

  /// What a shipped query finds.
  List<String> finds(String name) throws Exception {
    return query(statements("queries/" + name + ".sql").getFirst());
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join(); // nothing when it has ended
  }
}
