package dev.skillwarden.http;

import dev.skillwarden.claude.HookHandler;
import dev.skillwarden.gate.Admin;
import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Appeals;
import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.Grants;
import dev.skillwarden.gate.Health;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.Records;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.CallerDirectory;
import dev.skillwarden.keys.LoopbackCertificate;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The daemon's two listeners: the control socket and the loopback port.
public final class DaemonServer implements AutoCloseable {
  /// Largest hook payload that is read, in bytes.
  public static final int MAX_HOOK_BODY = 32 << 20;

  /// Largest body of any other request, in bytes.
  public static final int MAX_BODY = 1 << 20;

  private static final String HOOKS = "/v1/hooks/claude-code";
  private static final System.Logger LOG = System.getLogger(DaemonServer.class.getName());

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final WebServer control;
  private final PortListener port;
  private final Watchdog watchdog;

  /// Where and how to listen.
  ///
  /// @param port loopback port, 0 for any free one
  /// @param tls certificate of the port, empty for plain http
  /// @param everybody whether all accounts of the machine may use the control socket
  /// @param share what one account may have at once
  /// @param deadline longest time a decision may take
  public record Settings(
      Path controlSocket,
      int port,
      Optional<Supplier<LoopbackCertificate>> tls,
      boolean everybody,
      Share share,
      Duration readTimeout,
      Duration idleTimeout,
      Duration deadline) {}

  /// @param connections of one account at once, on each listener
  /// @param requests of one account that are served at once
  /// @param bodies bytes of requests that are held at once
  public record Share(int connections, int requests, Bodies bodies) {
    /// With as much for bodies as the heap allows.
    public Share(int connections, int requests) {
      this(connections, requests, Bodies.ofHeap(Runtime.getRuntime().maxMemory()));
    }
  }

  /// Bodies over 16 KiB that are held at once, in bytes.
  ///
  /// @param overall of all accounts
  /// @param account of one account
  public record Bodies(long overall, long account) {
    /// Reading and judging a body takes some 8 times its size; the rest of the heap is for what the
    /// daemon keeps.
    private static final int PART_OF_HEAP = 12;

    /// A quarter is left for other accounts.
    static Bodies ofHeap(long bytes) {
      long overall = bytes / PART_OF_HEAP;
      return new Bodies(overall, overall - overall / 4);
    }
  }

  /// What the endpoints serve.
  ///
  /// @param accountNames login name of a numeric account id
  /// @param portAccount whom the port serves when the operating system cannot say who calls
  public record Services(
      Gate gate,
      Admin admin,
      Appeals appeals,
      Grants grants,
      Records records,
      Health health,
      CallerDirectory callers,
      IntFunction<Optional<String>> accountNames,
      Optional<String> portAccount,
      String serviceAccount) {}

  private DaemonServer(WebServer control, PortListener port, Watchdog watchdog) {
    this.control = control;
    this.port = port;
    this.watchdog = watchdog;
  }

  /// Starts listening. A socket file left by a dead daemon is replaced. When the port is another
  /// process's, a server with TLS starts without it and goes on trying: clients take no answer
  /// without our certificate. A server without TLS does not start.
  ///
  /// @throws IOException when the socket or the port cannot be had, saying what to do
  public static DaemonServer start(Settings settings, Services services) throws IOException {
    Files.deleteIfExists(settings.controlSocket());
    Admission admission =
        new Admission(
            settings.share(),
            settings.deadline(),
            NetlinkOwners.or(new TcpOwners(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))),
            services.accountNames(),
            services.portAccount());
    Watchdog watchdog = new Watchdog(settings.readTimeout(), admission::sweep);
    Http1ConnectionSelector http1 =
        Http1ConnectionSelector.builder().config(Http1Config.create()).build();
    PeerSelector selector = new PeerSelector(http1, watchdog, admission);
    Routes routes = new Routes(services, admission);
    WebServerConfig.Builder onSocket =
        builder(settings, selector, admission)
            .bindAddress(UnixDomainSocketAddress.of(settings.controlSocket()))
            .routing(routes.routing(true));
    PortListener port =
        new PortListener(
            settings.port(),
            () -> {
              WebServerConfig.Builder onPort =
                  builder(settings, selector, admission)
                      .host("127.0.0.1")
                      .port(settings.port())
                      .routing(routes.routing(false));
              settings.tls().ifPresent(certificate -> onPort.tls(tls(certificate)));
              return onPort.build();
            });
    WebServer control = onSocket.build();
    try {
      PortListener.started(control);
      Files.setPosixFilePermissions(
          settings.controlSocket(),
          PosixFilePermissions.fromString(settings.everybody() ? "rw-rw-rw-" : "rw-------"));
      port.open(settings.tls().isPresent());
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      watchdog.close();
      control.stop();
      throw new IOException(
          "cannot listen on %s and 127.0.0.1:%d: %s; if the port is taken, set server.port (0 takes any free one)"
              .formatted(settings.controlSocket(), settings.port(), rootMessage(e)),
          e);
    }
    return new DaemonServer(control, port, watchdog);
  }

  private static Tls tls(Supplier<LoopbackCertificate> certificate) {
    return Tls.builder().sslContext(PortTls.context(certificate)).build();
  }

  private static WebServerConfig.Builder builder(
      Settings settings, PeerSelector selector, Admission admission) {
    return WebServer.builder()
        .shutdownHook(false)
        .shutdownGracePeriod(GRACE)
        .useNio(true)
        .maxPayloadSize(
            -1) // bodies are bounded by the readers, which can still answer in the event's shape
        .maxTcpConnections(-1) // each account has its own share
        .idleConnectionTimeout(settings.idleTimeout())
        .connectionOptions(
            new AtAccept(SocketOptions.builder().tcpNoDelay(true).build(), admission::admit))
        .protocolsDiscoverServices(false)
        .addConnectionSelector(selector);
  }

  private static String rootMessage(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  /// The loopback port in use, 0 while another process has it.
  public int port() {
    return port.number();
  }

  /// What is wrong with the port, empty when nothing is.
  public String problem() {
    return port.problem();
  }

  /// Ends after the requests being served, at most 5 s later.
  @Override
  public void close() {
    port.close();
    control.stop();
    watchdog.close();
  }

  /// The routes of both listeners.
  private static final class Routes {
    private final Services services;
    private final HookHandler hooks;
    private final McpEndpoint mcp;

    private final Admission admission;

    Routes(Services services, Admission admission) {
      this.services = services;
      this.admission = admission;
      this.hooks = new HookHandler(services.gate());
      this.mcp = new McpEndpoint(services.gate());
    }

    HttpRouting.Builder routing(boolean control) {
      HttpRouting.Builder routing = HttpRouting.builder();
      routing.error(Exception.class, Routes::failed);
      routing.addFilter(this::withinShare);
      routing
          .post(HOOKS, this::hook)
          .post("/v1/search", json(this::search))
          .post("/v1/invoke", json(this::invoke))
          .post("/v1/resolve", json(this::resolve))
          .post("/v1/access/check", json(this::access))
          .get("/v1/skills", json(this::list))
          .get(
              "/v1/status",
              json((caller, body) ->
                  ok(control ? services.health().details(caller) : services.health().summary())))
          .get("/health/live", json((caller, body) -> ok(Json.object().put("live", true))))
          .get("/health/ready", json((caller, body) -> ready()))
          .get("/metrics", this::metrics)
          .post("/mcp", this::mcp)
          .any(
              "/mcp",
              (q, r) ->
                  send(
                      q,
                      r,
                      new Reply(405, error(ApiError.Code.INVALID_REQUEST, "MCP wants POST"))));
      if (control) {
        routing
            .post(
                "/v1/admin/sync",
                admin((caller, body) -> answer(services.admin().sync(caller), o -> o)))
            .post(
                "/v1/admin/elevations",
                admin((caller, body) -> answer(services.admin().elevate(caller, body), o -> o)))
            .post(
                "/v1/admin/upload",
                admin((caller, body) -> answer(services.admin().upload(caller), o -> o)))
            .post(
                "/v1/admin/stop",
                admin((caller, body) ->
                    answer(
                        services.admin().stop(caller, body.path("reason").asString("")), o -> o)))
            .post("/v1/appeals", json(this::appeal))
            .get(
                "/v1/elevations",
                json((caller, body) -> answer(services.grants().held(caller), o -> o)))
            .post("/v1/elevations", json(this::applyGrant))
            .post("/v1/journal/entries", json(this::entries))
            .post("/v1/journal/entry", json(this::entry));
      }
      routing.any((q, r) -> {
        Body.discard(q, MAX_BODY);
        send(
            q,
            r,
            new Reply(
                404,
                error(ApiError.Code.INVALID_REQUEST, "there is nothing at " + q.path().path())));
      });
      return routing;
    }

    /// What is over the account's share is refused, in the shape that was asked for.
    private void withinShare(FilterChain chain, RoutingRequest request, RoutingResponse response) {
      if (!(request.remotePeer() instanceof Peer peer)) {
        chain.proceed();
        return;
      }
      boolean admitted = admission.begin(peer);
      try {
        if (admitted) {
          chain.proceed();
        } else {
          busy(request, response);
        }
      } finally {
        peer.open().answered();
        if (admitted) {
          admission.done(peer);
        }
      }
    }

    private void busy(ServerRequest request, ServerResponse response) {
      response.header(HeaderNames.CONNECTION, "close");
      try {
        Body.discard(request, MAX_BODY);
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.DEBUG, "a request over the share did not arrive whole", e);
      }
      if (request.path().path().equals(HOOKS)) {
        response
            .status(Status.OK_200)
            .header(HeaderNames.CONTENT_TYPE, "application/json")
            .send(
                hooks.unreceived(
                    caller(request), new byte[0], "too many calls of this account are served"));
        return;
      }
      send(
          request,
          response,
          new Reply(
              503,
              error(
                  ApiError.Code.NOT_READY,
                  "too many requests of your account are served; try again")));
    }

    /// Status and JSON to answer with.
    private record Reply(int status, ObjectNode body) {}

    @FunctionalInterface
    private interface JsonEndpoint {
      /// @throws IllegalArgumentException when the request is wrong, saying how
      Reply answer(Caller caller, JsonNode body);
    }

    private Caller caller(ServerRequest request) {
      if (!(request.remotePeer() instanceof Peer peer) || peer.account().isEmpty()) {
        return Caller.UNKNOWN;
      }
      String account = peer.account().get();
      boolean admin =
          peer.control() && (account.equals("root") || account.equals(services.serviceAccount()));
      return services.callers().caller(account, admin);
    }

    /// Requests from web pages are refused: their Host or Origin is not this machine.
    private static boolean local(ServerRequest request) {
      if (request.remotePeer() instanceof Peer peer && peer.control()) {
        return true;
      }
      String host = request.headers().first(HeaderNames.HOST).orElse("");
      String origin = request.headers().first(HeaderNames.ORIGIN).orElse("http://localhost");
      return isLocal(host) && isLocal(origin.replaceFirst("^https?://", ""));
    }

    private static boolean isLocal(String host) {
      return host.matches("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?");
    }

    private void hook(ServerRequest request, ServerResponse response) {
      String answer;
      Caller caller = caller(request);
      try {
        Body body = Body.read(request, MAX_HOOK_BODY, admission.bodies());
        if (!body.whole()) {
          response.header(HeaderNames.CONNECTION, "close");
        }
        if (!local(request)) {
          answer =
              hooks.unreceived(
                  caller, body.bytes(), "it was addressed to another host, or sent by a web page");
        } else {
          answer =
              switch (body.extent()) {
                case WHOLE -> hooks.answer(caller, body.bytes());
                case OVERSIZE -> hooks.oversize(caller, body.bytes(), MAX_HOOK_BODY);
                case OVER_SHARE -> hooks.unreceived(caller, body.bytes(), overShare());
              };
        }
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.WARNING, "a hook payload did not arrive whole", e);
        answer = hooks.unreceived(caller, new byte[0], "it did not arrive whole");
      }
      if (request.remotePeer() instanceof Peer peer) {
        admission.bodyDone(peer); // who has the answer may send the next at once
      }
      response
          .status(Status.OK_200)
          .header(HeaderNames.CONTENT_TYPE, "application/json")
          .send(answer);
    }

    private String overShare() {
      return "this account's payloads would take more than %,d bytes of memory, or all together more than there is"
          .formatted(admission.bodies().most());
    }

    private io.helidon.webserver.http.Handler json(JsonEndpoint endpoint) {
      return (request, response) -> send(request, response, reply(request, endpoint));
    }

    private io.helidon.webserver.http.Handler admin(JsonEndpoint endpoint) {
      return json((caller, body) ->
          caller.admin()
              ? endpoint.answer(caller, body)
              : new Reply(
                  403,
                  error(
                      ApiError.Code.ACL_DENIED,
                      "this needs root or the account of the daemon (%s); you are %s"
                          .formatted(services.serviceAccount(), caller.account()))));
    }

    private Reply reply(ServerRequest request, JsonEndpoint endpoint) throws IOException {
      Body body = Body.read(request, MAX_BODY, admission.bodies());
      if (!local(request)) {
        return new Reply(
            403,
            error(
                ApiError.Code.INVALID_REQUEST,
                "requests for another host or from a web page are refused"));
      }
      return switch (body.extent()) {
        case WHOLE -> reply(caller(request), body.bytes(), endpoint);
        case OVERSIZE ->
            new Reply(
                413,
                error(
                    ApiError.Code.INVALID_REQUEST,
                    "the body is over %,d bytes".formatted(MAX_BODY)));
        case OVER_SHARE ->
            new Reply(503, error(ApiError.Code.NOT_READY, overShare() + "; try again"));
      };
    }

    private static Reply reply(Caller caller, byte[] body, JsonEndpoint endpoint) {
      try {
        return endpoint.answer(
            caller, body.length == 0 ? Json.object() : Json.parseRequest("body", body));
      } catch (InvalidTextException e) {
        return new Reply(400, error(ApiError.Code.INVALID_REQUEST, String.valueOf(e.getMessage())));
      } catch (IllegalArgumentException e) {
        return new Reply(400, error(ApiError.Code.INVALID_REQUEST, String.valueOf(e.getMessage())));
      }
    }

    private static void send(ServerRequest request, ServerResponse response, Reply reply) {
      if (request.remotePeer() instanceof Peer peer) {
        peer.open().requestReceived();
      }
      response
          .status(Status.create(reply.status()))
          .header(HeaderNames.CONTENT_TYPE, "application/json")
          .send(Json.write(reply.body()));
    }

    private static void failed(ServerRequest request, ServerResponse response, Exception failure) {
      LOG.log(Level.ERROR, "request " + request.path().path() + " failed", failure);
      send(
          request,
          response,
          new Reply(
              500, error(ApiError.Code.INTERNAL, "the daemon failed; its log has the cause")));
    }

    private static Reply ok(ObjectNode body) {
      return new Reply(200, body);
    }

    private static ObjectNode error(ApiError.Code code, String message) {
      return SkillJson.error(new ApiError(code, message, "", "", "", ""));
    }

    private static <T> Reply answer(Outcome<T> outcome, Function<T, ObjectNode> render) {
      return switch (outcome) {
        case Outcome.Ok<T>(T value) -> ok(render.apply(value));
        case Outcome.Refused<T>(ApiError e) ->
            new Reply(SkillJson.status(e.code()), SkillJson.error(e));
      };
    }

    private Reply search(Caller caller, JsonNode body) {
      return answer(services.gate().search(caller, SkillJson.search(body), ""), SkillJson::result);
    }

    private Reply invoke(Caller caller, JsonNode body) {
      return answer(
          services.gate().invoke(caller, SkillJson.invoke(body, "")), SkillJson::invocation);
    }

    private Reply resolve(Caller caller, JsonNode body) {
      SkillJson.known(body, Set.of("name", "version_constraint"));
      return answer(
          services
              .gate()
              .resolve(
                  caller,
                  SkillJson.text(body, "name", ""),
                  SkillJson.text(body, "version_constraint", "*")),
          SkillJson::skill);
    }

    private Reply access(Caller caller, JsonNode body) {
      SkillJson.known(body, Set.of("skill"));
      return answer(
          services.gate().access(caller, SkillJson.text(body, "skill", "")), SkillJson::access);
    }

    private Reply list(Caller caller, JsonNode body) {
      return answer(services.gate().list(caller), SkillJson::list);
    }

    private Reply appeal(Caller caller, JsonNode body) {
      SkillJson.known(body, Set.of("id", "text"));
      return answer(
          services
              .appeals()
              .appeal(caller, SkillJson.text(body, "id", ""), SkillJson.text(body, "text", "")),
          o -> o);
    }

    private Reply applyGrant(Caller caller, JsonNode body) {
      SkillJson.known(body, Set.of("grant"));
      return answer(services.grants().apply(caller, SkillJson.text(body, "grant", "")), o -> o);
    }

    private Reply entries(Caller caller, JsonNode body) {
      return answer(services.records().entries(caller, RecordJson.query(body)), o -> o);
    }

    private Reply entry(Caller caller, JsonNode body) {
      return answer(services.records().entry(caller, RecordJson.id(body)), o -> o);
    }

    private Reply ready() {
      boolean ready = services.health().ready();
      return new Reply(ready ? 200 : 503, Json.object().put("ready", ready));
    }

    private void metrics(ServerRequest request, ServerResponse response) throws IOException {
      Body.discard(request, MAX_BODY);
      if (!local(request)) {
        send(
            request,
            response,
            new Reply(
                403, error(ApiError.Code.INVALID_REQUEST, "requests from a web page are refused")));
        return;
      }
      response
          .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4")
          .send(services.health().metrics());
    }

    private void mcp(ServerRequest request, ServerResponse response) throws IOException {
      Body body = Body.read(request, MAX_BODY, admission.bodies());
      if (!local(request) || !body.whole()) {
        int status =
            switch (body.extent()) {
              case WHOLE -> 403;
              case OVERSIZE -> 413;
              case OVER_SHARE -> 503;
            };
        send(
            request,
            response,
            new Reply(
                status,
                error(
                    ApiError.Code.INVALID_REQUEST,
                    "refused: too large, for another host, or from a web page")));
        return;
      }
      mcp.handle(caller(request), body.bytes(), response);
    }
  }
}
