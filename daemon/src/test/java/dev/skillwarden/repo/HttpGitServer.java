package dev.skillwarden.repo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/// Smart HTTP for one repository at `/skills.git`, behind Basic authentication when a login is set.
public final class HttpGitServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private volatile boolean closed;
  private final RemoteRepository remote;

  /// `user:password` as Basic sends it, empty to let everybody in.
  private final Optional<String> login;

  /// What refused requests are answered with.
  volatile int refusal = 401;

  /// Where every request is redirected to, empty to answer it.
  volatile String redirect = "";

  /// What goes wrong with answers that carry objects.
  public enum Fault {
    NONE,
    /// Half of it, then a proper end.
    TRUNCATED,
    /// Half of it, then silence.
    STALLED,
    /// Half of it, then a closed connection.
    DROPPED,
    /// Progress messages without end instead of objects.
    ENDLESS,
    /// Branches without end instead of the one asked for.
    ENDLESS_REFS
  }

  public volatile Fault fault = Fault.NONE;

  /// Only what refs point to is handed out, over the old protocol, as by old or strict servers.
  public volatile boolean advertisedOnly;

  /// Bytes of all answers so far.
  public final AtomicLong sent = new AtomicLong();

  /// The headers of every request so far.
  public final List<Map<String, List<String>>> requests = new CopyOnWriteArrayList<>();

  private HttpGitServer(HttpServer server, RemoteRepository remote, Optional<String> login) {
    this.server = server;
    this.remote = remote;
    this.login = login;
  }

  public static HttpGitServer start(RemoteRepository remote, Optional<String> login)
      throws IOException {
    return start(HttpServer.create(loopback(), 0), remote, login);
  }

  static HttpGitServer startTls(RemoteRepository remote, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return start(server, remote, Optional.empty());
  }

  private static HttpGitServer start(
      HttpServer server, RemoteRepository remote, Optional<String> login) {
    HttpGitServer git = new HttpGitServer(server, remote, login);
    server.createContext("/", git::serve);
    server.setExecutor(git.executor);
    server.start();
    return git;
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  public String url() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/skills.git";
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.add(Map.copyOf(exchange.getRequestHeaders()));
      String path = exchange.getRequestURI().getPath();
      String sent = exchange.getRequestHeaders().getFirst("Authorization");
      if (!redirect.isEmpty()) {
        exchange.getResponseHeaders().set("Location", redirect + path);
        exchange.sendResponseHeaders(302, -1);
      } else if (login.isPresent() && !("Basic " + login.get()).equals(sent)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"echo " + sent + "\"");
        exchange.sendResponseHeaders(refusal, -1);
      } else if (path.equals("/skills.git/info/refs")) {
        advertise(exchange);
      } else if (path.equals("/skills.git/git-upload-pack")) {
        upload(exchange);
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private UploadPack pack(HttpExchange exchange) {
    UploadPack pack = new UploadPack(remote.repository);
    pack.setBiDirectionalPipe(false);
    if (advertisedOnly) {
      pack.setRequestPolicy(UploadPack.RequestPolicy.ADVERTISED);
    }
    String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
    if (protocol != null && !advertisedOnly) {
      pack.setExtraParameters(List.of(protocol.split(":")));
    }
    return pack;
  }

  private void advertise(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (UploadPack pack = pack(exchange)) {
      pack.sendAdvertisedRefs(
          new PacketLineOutRefAdvertiser(new PacketLineOut(body)), "git-upload-pack");
    }
    answer(exchange, "application/x-git-upload-pack-advertisement", body);
  }

  private void upload(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (InputStream raw = exchange.getRequestBody();
        InputStream in = zipped ? new GZIPInputStream(raw) : raw;
        UploadPack pack = pack(exchange)) {
      pack.upload(in, body, null);
    } catch (IOException e) {
      body.reset(); // and say it in the words of git's own server
      new PacketLineOut(body).writeString("ERR upload-pack: not our ref " + missing(e) + "\n");
    }
    answer(exchange, "application/x-git-upload-pack-result", body);
  }

  private static String missing(IOException failure) throws IOException {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof MissingObjectException m && m.getObjectId() != null) {
        return m.getObjectId().name();
      }
    }
    throw failure;
  }

  private void answer(HttpExchange exchange, String type, ByteArrayOutputStream body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    Fault now = type.endsWith("-result") ? fault : Fault.NONE;
    byte[] bytes = body.toByteArray();
    boolean refs = new String(bytes, StandardCharsets.ISO_8859_1).contains(" refs/heads/");
    if (now == (refs ? Fault.ENDLESS_REFS : Fault.ENDLESS)) {
      endless(exchange, refs);
      return;
    }
    boolean whole = now == Fault.NONE || now == Fault.ENDLESS || now == Fault.ENDLESS_REFS;
    int part = whole ? bytes.length : bytes.length / 2;
    boolean open = now == Fault.STALLED || now == Fault.DROPPED;
    exchange.sendResponseHeaders(200, open ? bytes.length : part);
    sent.addAndGet(part);
    OutputStream out = exchange.getResponseBody();
    out.write(bytes, 0, part);
    out.flush();
    if (now == Fault.STALLED) {
      waitForTheEnd();
    }
    if (!open) {
      out.close();
    }
  }

  private void endless(HttpExchange exchange, boolean refs) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    PacketLineOut lines = new PacketLineOut(out);
    if (!refs) {
      lines.writeString("packfile\n");
    }
    for (int i = 0; !closed; i++) {
      lines.writeString(
          refs ? "%040x refs/heads/b%d\n".formatted(i + 1, i) : "\u0002working " + i + "\n");
      sent.addAndGet(60);
    }
  }

  private void waitForTheEnd() {
    try {
      while (!closed) {
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    server.stop(0);
    executor.shutdownNow();
  }
}
