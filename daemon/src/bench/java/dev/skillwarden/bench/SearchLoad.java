package dev.skillwarden.bench;

import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ObjectNode;

/// Searches a running daemon in an open loop: requests start when they are due, whether earlier
/// ones are answered or not, and their time counts from then. One process is one caller; start
/// several, each as its own account, for callers with different rights. No query is asked twice.
public final class SearchLoad {
  private SearchLoad() {}

  /// Arguments: `http` or `mcp`, the daemon's port, requests a second, seconds to warm up, seconds
  /// to measure, a file with one query a line, the number of the first line to use.
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 7) {
      System.err.println("wants: http|mcp PORT RATE WARM-UP-SECONDS SECONDS QUERIES FIRST");
      System.exit(2);
    }
    boolean mcp = args[0].equals("mcp");
    int port = Integer.parseInt(args[1]);
    double rate = Double.parseDouble(args[2]);
    int warmUp = (int) (rate * Integer.parseInt(args[3]));
    int measured = (int) (rate * Integer.parseInt(args[4]));
    int first = Integer.parseInt(args[6]);
    List<String> queries = Files.readAllLines(Path.of(args[5]));
    if (queries.size() < first + warmUp + measured) {
      System.err.printf(
          "wants %,d queries from line %,d on, found %,d lines%n",
          warmUp + measured, first, queries.size());
      System.exit(2);
    }
    long[] nanos = new long[measured];
    AtomicInteger lexical = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<CompletableFuture<?>> open = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < warmUp + measured; i++) {
        long due = begin + (long) (i / rate * 1e9);
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        int place = i - warmUp;
        HttpRequest request = request(mcp, port, queries.get(first + i));
        open.add(
            client
                .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenAccept(answer -> {
                  if (place >= 0) {
                    nanos[place] = System.nanoTime() - due;
                    if (answer.statusCode() != 200 || !answer.body().contains("abstained")) {
                      failed.incrementAndGet();
                    } else if (!answer.body().contains("hybrid")) {
                      lexical.incrementAndGet();
                    }
                  }
                }));
      }
      CompletableFuture.allOf(open.toArray(CompletableFuture[]::new)).join();
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%s %d requests: p50 %.1f ms, p95 %.1f, p99 %.1f, max %.1f; by words only %d, failed %d%n",
        args[0],
        measured,
        quantile(nanos, .5),
        quantile(nanos, .95),
        quantile(nanos, .99),
        quantile(nanos, 1),
        lexical.get(),
        failed.get());
  }

  private static HttpRequest request(boolean mcp, int port, String query) {
    ObjectNode search = Json.object().put("query", query).put("k", 5);
    ObjectNode body = search;
    if (mcp) {
      body = Json.object().put("jsonrpc", "2.0").put("id", 1).put("method", "tools/call");
      body.putObject("params").put("name", "search_skills").set("arguments", search);
    }
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port + (mcp ? "/mcp" : "/v1/search")))
        .timeout(Duration.ofSeconds(20))
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)))
        .build();
  }

  private static double quantile(long[] sorted, double q) {
    return sorted[(int) Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] / 1e6;
  }
}
