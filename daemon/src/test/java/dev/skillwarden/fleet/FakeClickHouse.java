package dev.skillwarden.fleet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Answers the witness's statements from lists; [ClickHouseIT] has the real server do the same.
final class FakeClickHouse implements AutoCloseable {
  private static final Pattern JOURNAL =
      Pattern.compile("device = '([A-Za-z0-9._-]+)' AND install = '([A-Za-z0-9._-]+)'");
  private static final Pattern FROM = Pattern.compile("seq >= (\\d+)");
  private static final Pattern TO = Pattern.compile("seq <= (\\d+)");
  private static final Pattern LENGTH = Pattern.compile("seq < (\\d+) \\+ \\(SELECT min\\(seq\\)");
  private static final Pattern VALUES =
      Pattern.compile("\\('([^']*)','([^']*)',(\\d+),'([0-9a-f]{64})',now\\(\\)\\)");

  record StoredHead(String device, String install, long size, String root) {}

  final List<Laptop.Collected> table = new CopyOnWriteArrayList<>();
  final List<StoredHead> heads = new CopyOnWriteArrayList<>();
  final List<String> asked = new CopyOnWriteArrayList<>();

  /// Login and query string of each statement.
  final List<String> logins = new CopyOnWriteArrayList<>();

  /// Statements that are answered by an error.
  volatile Predicate<String> broken = sql -> false;

  /// Statements wait for this.
  volatile CountDownLatch gate = new CountDownLatch(0);

  private final HttpServer server;

  FakeClickHouse() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void holds(List<Laptop.Collected> records) {
    table.clear();
    table.addAll(records);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String sql = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      asked.add(sql);
      logins.add(
          exchange.getRequestHeaders().getFirst("Authorization")
              + " "
              + exchange.getRequestURI().getQuery());
      gate.await();
      boolean fails = broken.test(sql);
      byte[] answer =
          (fails ? "Code: 60, no such table" : answer(sql)).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(fails ? 500 : 200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String answer(String sql) {
    if (sql.startsWith("INSERT INTO witness_heads (device, install, size, root, signed) VALUES ")) {
      Matcher values = VALUES.matcher(sql);
      while (values.find()) {
        heads.add(
            new StoredHead(
                values.group(1),
                values.group(2),
                Long.parseLong(values.group(3)),
                values.group(4)));
      }
      return "";
    }
    Matcher journal = JOURNAL.matcher(sql);
    if (!journal.find()) {
      return "";
    }
    if (sql.startsWith("SELECT size, root FROM witness_heads")) {
      return heads.stream()
          .filter(h -> h.device().equals(journal.group(1)) && h.install().equals(journal.group(2)))
          .max((a, b) -> Long.compare(a.size(), b.size()))
          .map(h -> h.size() + "\t" + h.root() + "\n")
          .orElse("");
    }
    return page(sql, journal.group(1), journal.group(2));
  }

  private String page(String sql, String device, String install) {
    long from = number(FROM, sql, 0);
    long to = number(TO, sql, Long.MAX_VALUE);
    List<Laptop.Collected> rows =
        table.stream()
            .filter(r -> r.device().equals(device) && r.install().equals(install))
            .filter(r -> r.seq() >= from && r.seq() <= to)
            .toList();
    NavigableSet<Long> numbers =
        rows.stream().map(Laptop.Collected::seq).collect(Collectors.toCollection(TreeSet::new));
    if (numbers.isEmpty()) {
      return "";
    }
    long end = numbers.first() + number(LENGTH, sql, Long.MIN_VALUE);
    return rows.stream()
        .filter(r -> r.seq() < end)
        .collect(Collectors.groupingBy(Laptop.Collected::seq, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(e -> e.getKey() + "\t" + hex(e.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private static String hex(List<Laptop.Collected> copies) {
    List<String> lines = copies.stream().map(Laptop.Collected::line).distinct().toList();
    return lines.size() > 1
        ? ""
        : HexFormat.of()
            .withUpperCase()
            .formatHex(lines.getFirst().getBytes(StandardCharsets.UTF_8));
  }

  private static long number(Pattern pattern, String sql, long otherwise) {
    Matcher matcher = pattern.matcher(sql);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
