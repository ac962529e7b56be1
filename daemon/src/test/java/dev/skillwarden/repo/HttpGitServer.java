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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.eclipse.jgit.transport.UploadPackInternalServerErrorException;

/// Smart HTTP for one repository at `/skills.git`, behind Basic authentication when a login is set.
final class HttpGitServer implements AutoCloseable {
  private final HttpServer server;
  private final RemoteRepository remote;

  /// `user:password` as Basic sends it, empty to let everybody in.
  private final Optional<String> login;

  /// What refused requests are answered with.
  volatile int refusal = 401;

  /// Where every request is redirected to, empty to answer it.
  volatile String redirect = "";

  /// The headers of every request so far.
  final List<Map<String, List<String>>> requests = new CopyOnWriteArrayList<>();

  private HttpGitServer(HttpServer server, RemoteRepository remote, Optional<String> login) {
    this.server = server;
    this.remote = remote;
    this.login = login;
  }

  static HttpGitServer start(RemoteRepository remote, Optional<String> login) throws IOException {
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
    server.start();
    return git;
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  String url() {
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
    String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
    if (protocol != null) {
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
    } catch (UploadPackInternalServerErrorException e) {
      if (!(e.getCause() instanceof MissingObjectException missing)) {
        throw e;
      }
      body.reset(); // and say it in the words of git's own server
      new PacketLineOut(body)
          .writeString("ERR upload-pack: not our ref " + missing.getObjectId().name() + "\n");
    }
    answer(exchange, "application/x-git-upload-pack-result", body);
  }

  private static void answer(HttpExchange exchange, String type, ByteArrayOutputStream body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, body.size());
    try (OutputStream out = exchange.getResponseBody()) {
      body.writeTo(out);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
