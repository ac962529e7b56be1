package dev.skillwarden.upload;

import com.google.protobuf.util.JsonFormat;
import dev.skillwarden.text.Sha256;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

/// A receiver of OTLP logs on loopback that behaves as badly as it is told to, request by request,
/// and well when it is told nothing. Decodes with the official classes.
final class ChaosReceiver implements AutoCloseable {
  /// What is done with one request. Those that keep the records have them "received".
  enum Behaviour {
    OK(true, true),
    PARTIAL_EMPTY(true, true),
    DROP(false, false),
    KEPT_THEN_DROPPED(true, false),
    DELAY(true, false),
    SECONDS_429(false, false),
    DATE_429(false, false),
    SECONDS_503(false, false),
    DATE_503(false, false),
    BARE_502(false, false),
    STATUS_400(false, false),
    STATUS_401(false, false),
    STATUS_404(false, true),
    PARTIAL_REJECTED(false, true),
    TRUNCATED_200(true, false),
    UNREADABLE_200(true, false),
    RESET_AFTER_BODY(true, false),
    SLOW_READER(true, true),
    SLOW_ANSWER(true, false),
    FIVE_MEBIBYTES(true, false),
    REDIRECT(false, false);

    private final boolean keeps;
    private final boolean settles;

    /// @param settles whether its answer is the last word on the batch
    Behaviour(boolean keeps, boolean settles) {
      this.keeps = keeps;
      this.settles = settles;
    }
  }

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  final ConcurrentLinkedQueue<Behaviour> script = new ConcurrentLinkedQueue<>();

  /// Line by number, of each device and install.
  final Map<String, String> received = new ConcurrentSkipListMap<>();

  final ConcurrentSkipListSet<Long> settled = new ConcurrentSkipListSet<>();
  final List<String> defects = new ArrayList<>();
  final Map<Behaviour, AtomicInteger> seen = new TreeMap<>();
  private final Map<String, Behaviour> forbidden = new HashMap<>();
  private final int delayMillis;

  ChaosReceiver(int delayMillis) throws IOException {
    this.delayMillis = delayMillis;
    Thread.ofVirtual().start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Map<String, String> headers = new HashMap<>();
      InputStream in = socket.getInputStream();
      String first = line(in);
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      Behaviour behaviour = script.isEmpty() ? Behaviour.OK : script.poll();
      byte[] body = body(in, headers, behaviour == Behaviour.SLOW_READER);
      check(first, headers);
      String digest = Sha256.of(body);
      List<Long> seqs = decode(headers, body, behaviour);
      synchronized (this) {
        seen.computeIfAbsent(behaviour, b -> new AtomicInteger()).incrementAndGet();
        if (forbidden.containsKey(digest)) {
          defects.add("sent again after " + forbidden.get(digest));
        }
        if (behaviour == Behaviour.STATUS_400
            || behaviour == Behaviour.STATUS_404
            || behaviour == Behaviour.PARTIAL_REJECTED) {
          forbidden.put(digest, behaviour);
        }
        // Before the answer: the sender may be faster than this thread.
        if (behaviour.settles || (behaviour == Behaviour.STATUS_400 && seqs.size() == 1)) {
          settled.addAll(seqs);
        }
      }
      answer(socket, behaviour);
    } catch (SocketException e) {
      // the client has gone, as it may
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        defects.add(e.toString());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void check(String first, Map<String, String> headers) {
    if (!first.equals("POST /v1/logs HTTP/1.1")
        || !"gzip".equals(headers.get("content-encoding"))
        || !"secret".equals(headers.get("x-token"))) {
      defects.add(first + " " + headers);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new SocketException("ended");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  private static byte[] body(InputStream in, Map<String, String> headers, boolean slow)
      throws IOException, InterruptedException {
    int length = Integer.parseInt(headers.get("content-length"));
    byte[] packed = new byte[length];
    int step = slow ? Math.max(1, length / 5) : length;
    for (int at = 0; at < length; at += step) {
      if (in.readNBytes(packed, at, Math.min(step, length - at)) == 0) {
        throw new SocketException("ended");
      }
      if (slow) {
        Thread.sleep(20);
      }
    }
    try (InputStream out = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return out.readAllBytes();
    }
  }

  private List<Long> decode(Map<String, String> headers, byte[] body, Behaviour behaviour)
      throws IOException {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    if ("application/x-protobuf".equals(headers.get("content-type"))) {
      request.mergeFrom(body);
    } else {
      JsonFormat.parser().merge(new String(body, StandardCharsets.UTF_8), request);
    }
    List<Long> seqs = new ArrayList<>();
    for (ResourceLogs logs : request.getResourceLogsList()) {
      String from =
          text(logs.getResource().getAttributesList(), "host.id")
              + "/"
              + text(logs.getResource().getAttributesList(), "service.instance.id");
      for (LogRecord record : logs.getScopeLogs(0).getLogRecordsList()) {
        long seq = number(record.getAttributesList());
        seqs.add(seq);
        if (behaviour.keeps) {
          received.put("%s/%09d".formatted(from, seq), record.getBody().getStringValue());
        }
      }
    }
    if (seqs.size() > 500 || body.length > 1 << 20) {
      throw new IOException("%d records, %d bytes".formatted(seqs.size(), body.length));
    }
    return seqs;
  }

  private static String text(List<KeyValue> attributes, String key) {
    return attributes.stream()
        .filter(a -> a.getKey().equals(key))
        .findAny()
        .orElseThrow()
        .getValue()
        .getStringValue();
  }

  private static long number(List<KeyValue> attributes) {
    return attributes.stream()
        .filter(a -> a.getKey().equals("skillwarden.seq"))
        .findAny()
        .orElseThrow()
        .getValue()
        .getIntValue();
  }

  private void answer(Socket socket, Behaviour behaviour) throws IOException, InterruptedException {
    switch (behaviour) {
      case OK, SLOW_READER -> write(socket, "200 OK", "", "{}");
      case PARTIAL_EMPTY -> write(socket, "200 OK", "", "{\"partialSuccess\":{}}");
      case DROP, KEPT_THEN_DROPPED -> socket.shutdownOutput();
      case DELAY -> {
        Thread.sleep(delayMillis);
        write(socket, "200 OK", "", "{}");
      }
      case SECONDS_429 -> write(socket, "429 Too Many Requests", "Retry-After: 30\r\n", "");
      case DATE_429 ->
          write(
              socket,
              "429 Too Many Requests",
              "Retry-After: Sat, 21 Nov 2026 00:00:30 GMT\r\n",
              "");
      case SECONDS_503 -> write(socket, "503 Service Unavailable", "Retry-After: 5\r\n", "");
      case DATE_503 ->
          write(
              socket,
              "503 Service Unavailable",
              "Retry-After: Sat, 21 Nov 2026 01:00:00 GMT\r\n",
              "");
      case BARE_502 -> write(socket, "502 Bad Gateway", "", "<html>");
      case STATUS_400 -> write(socket, "400 Bad Request", "", "{\"code\":3}");
      case STATUS_401 -> write(socket, "401 Unauthorized", "", "");
      case STATUS_404 -> write(socket, "404 Not Found", "", "nothing here");
      case PARTIAL_REJECTED ->
          write(
              socket,
              "200 OK",
              "",
              "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":\"too old\"}}");
      case TRUNCATED_200 ->
          raw(socket, "200 OK", "", 40, "{\"partialSuc".getBytes(StandardCharsets.US_ASCII));
      case UNREADABLE_200 -> write(socket, "200 OK", "", "<html>sign in</html>");
      case RESET_AFTER_BODY -> socket.setSoLinger(true, 0);
      case SLOW_ANSWER -> {
        raw(socket, "200 OK", "", 1000, new byte[0]);
        for (int i = 0; i < 1000; i++) {
          socket.getOutputStream().write(' ');
          socket.getOutputStream().flush();
          Thread.sleep(delayMillis / 10);
        }
      }
      case FIVE_MEBIBYTES -> {
        byte[] large = new byte[5 << 20];
        java.util.Arrays.fill(large, (byte) ' ');
        large[0] = '{';
        large[1] = '}';
        raw(socket, "200 OK", "", large.length, large);
      }
      case REDIRECT -> write(socket, "302 Found", "Location: https://portal.example/\r\n", "");
    }
  }

  private static void write(Socket socket, String status, String headers, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    raw(socket, status, headers, bytes.length, bytes);
  }

  private static void raw(Socket socket, String status, String headers, int length, byte[] body)
      throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(status, headers, length)
            .getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
