package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.skillwarden.gate.Admin;
import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.Grants;
import dev.skillwarden.gate.Health;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.RecordQuery;
import dev.skillwarden.gate.Records;
import dev.skillwarden.gate.TestGate;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.CallerDirectory;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.keys.LoopbackCertificate;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class DaemonServerTest {
  private static final String ME = System.getProperty("user.name");
  private static final String BENIGN =
      "{\"session_id\":\"s\",\"cwd\":\"/w\",\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"ls\"}}";

  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d{1,9})");

  private final TestGate world = new TestGate(Duration.ofSeconds(10));
  private final List<String> admin = new CopyOnWriteArrayList<>();
  private final CountDownLatch slowBegan = new CountDownLatch(1);
  private final CountDownLatch slowMayEnd = new CountDownLatch(1);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<DaemonServer> servers = new ArrayList<>();
  private Path directory = Path.of("/tmp");
  private Path socket = directory;
  private int port;

  @BeforeEach
  void start() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "sw"); // short: a socket path is bounded
    socket = directory.resolve("c");
    port = listen(services(ME, List.of())).port();
  }

  @AfterEach
  void stop() throws IOException {
    slowMayEnd.countDown();
    servers.forEach(DaemonServer::close);
    http.close();
    Files.deleteIfExists(socket);
    Files.delete(directory);
  }

  private DaemonServer listen(DaemonServer.Services services) throws IOException {
    DaemonServer server =
        DaemonServer.start(
            new DaemonServer.Settings(
                socket,
                0,
                Optional.empty(),
                false,
                new DaemonServer.Share(64, 32),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)),
            services);
    servers.add(server);
    return server;
  }

  /// @param teams of every caller
  private DaemonServer.Services services(String serviceAccount, List<String> teams) {
    return services(serviceAccount, teams, world.gate());
  }

  private DaemonServer.Services services(String serviceAccount, List<String> teams, Gate gate) {
    CallerDirectory callers =
        (account, a) -> new Caller(account, "", Set.copyOf(teams), List.of(), a);
    return new DaemonServer.Services(
        gate,
        new FakeAdmin(),
        (caller, id, text) ->
            new Outcome.Ok<>(Json.object().put("appeal", caller.account() + " " + id + " " + text)),
        new FakeGrants(),
        new FakeRecords(),
        new FakeHealth(),
        callers,
        uid -> Optional.of("uid-" + uid),
        Optional.empty(),
        serviceAccount);
  }

  private ControlClient control() {
    return new ControlClient(socket);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) throws InvalidTextException {
    return Json.parse("answer", response.body());
  }

  private static String denial(String body) throws InvalidTextException {
    return Json.parse("answer", body)
        .path("hookSpecificOutput")
        .path("permissionDecision")
        .asString("");
  }

  @Test
  void theCallerIsTheAccountOfTheConnection() throws Exception {
    control().post("/v1/hooks/claude-code", Json.parse("p", BENIGN));
    assertEquals(ME, world.entries().getLast().account());

    post("/v1/hooks/claude-code", BENIGN);
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertEquals("uid-" + uid, world.entries().getLast().account());
  }

  @Test
  void theControlSocketBelongsToItsAccountAlone() throws IOException {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "[]", "{}", "{\"hook_event_name\":\"PreToolUse\"}"})
  void aHookIsAnsweredWith200WhateverItHolds(String body) throws Exception {
    HttpResponse<String> response = post("/v1/hooks/claude-code", body);
    assertEquals(200, response.statusCode());
    assertEquals("deny", denial(response.body()));
  }

  @Test
  void anOversizeHookIsDeniedWith200() throws Exception {
    byte[] body = new byte[33 << 20];
    java.util.Arrays.fill(body, (byte) 'x');
    byte[] head = BENIGN.substring(0, 90).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(head, 0, body, 0, head.length);

    HttpResponse<String> response =
        http.send(
            request("/v1/hooks/claude-code").POST(BodyPublishers.ofByteArray(body)).build(),
            BodyHandlers.ofString());

    assertEquals(200, response.statusCode());
    assertEquals("deny", denial(response.body()));
    assertTrue(response.body().contains("over 33,554,432 bytes"), response.body());
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example, http://localhost",
    "127.0.0.1.evil.example, http://localhost",
    "localhost, https://evil.example",
    "localhost, null",
    "localhost, http://localhost.evil.example"
  })
  void requestsOfWebPagesAreRefused(String host, String origin) throws Exception {
    String headers = "Host: %s\r\nOrigin: %s\r\nConnection: close\r\n".formatted(host, origin);

    assertTrue(raw("GET /v1/status HTTP/1.1\r\n" + headers + "\r\n").startsWith("HTTP/1.1 403 "));
    assertTrue(raw("GET /metrics HTTP/1.1\r\n" + headers + "\r\n").startsWith("HTTP/1.1 403 "));
    String hook =
        raw(
            "POST /v1/hooks/claude-code HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"
                .formatted(headers, BENIGN.length(), BENIGN));
    assertTrue(hook.startsWith("HTTP/1.1 200 "), hook);
    assertEquals("deny", denial(hook.substring(hook.indexOf("\r\n\r\n") + 4)));
    String mcp = raw("POST /mcp HTTP/1.1\r\n%sContent-Length: 2\r\n\r\n{}".formatted(headers));
    assertTrue(mcp.startsWith("HTTP/1.1 403 "), mcp);
  }

  /// The first answer of the loopback port to bytes.
  private String raw(String request) throws IOException {
    try (Socket channel = new Socket(InetAddress.getLoopbackAddress(), port)) {
      channel.setSoTimeout(10_000);
      channel.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      StringBuilder answer = new StringBuilder();
      byte[] part = new byte[8_192];
      while (!whole(answer.toString())) {
        int read = channel.getInputStream().read(part);
        assertTrue(read > 0, "ended early: " + answer);
        answer.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
      }
      return answer.toString();
    }
  }

  private static boolean whole(String answer) {
    Matcher length = LENGTH.matcher(answer);
    int head = answer.indexOf("\r\n\r\n");
    return head > 0
        && length.find()
        && answer.length() >= head + 4 + Integer.parseInt(length.group(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v2/search", "/v1/admin/stop", "/v1/appeals", "/v1/admin/sync"})
  void thereIsNothingElseOnThePort(String path) throws Exception {
    HttpResponse<String> response = post(path, "{}");
    assertEquals(404, response.statusCode());
    assertEquals("INVALID_REQUEST", json(response).path("code").stringValue());
    assertFalse(response.body().contains("\tat "), response.body());
    assertEquals(List.of(), admin);
  }

  @Test
  void aFailureInsideIsNotToldToTheCaller() throws Exception {
    HttpResponse<String> response =
        http.send(request("/health/ready").GET().build(), BodyHandlers.ofString());
    assertEquals(500, response.statusCode());
    assertEquals("INTERNAL", json(response).path("code").stringValue());
    assertFalse(response.body().contains("on purpose"), response.body());
  }

  @Test
  void detailsAreForTheControlSocketOnly() throws Exception {
    assertEquals("details", control().get("/v1/status").body().path("kind").stringValue());
    HttpResponse<String> open =
        http.send(request("/v1/status").GET().build(), BodyHandlers.ofString());
    assertEquals("summary", json(open).path("kind").stringValue());
  }

  @Test
  void aHalfSentRequestIsClosedOnThePort() throws IOException {
    try (Socket channel = new Socket(InetAddress.getLoopbackAddress(), port)) {
      channel.setSoTimeout(10_000);
      OutputStream out = channel.getOutputStream();
      out.write(
          "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
              .getBytes(StandardCharsets.US_ASCII));
      assertClosedInTime(System.nanoTime(), channel.getInputStream());
    }
  }

  @Test
  void aHalfSentHeadIsClosedOnThePort() throws IOException {
    try (Socket channel = new Socket(InetAddress.getLoopbackAddress(), port)) {
      channel.setSoTimeout(10_000);
      channel
          .getOutputStream()
          .write("GET /v1/status HTTP/1.1\r\nHost: local".getBytes(StandardCharsets.US_ASCII));
      assertClosedInTime(System.nanoTime(), channel.getInputStream());
    }
  }

  private static void assertClosedInTime(long start, InputStream in) throws IOException {
    try {
      in.readAllBytes();
    } catch (SocketException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("reset"), e.getMessage());
    }
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertTrue(millis >= 900 && millis < 5_000, "closed after " + millis + " ms");
  }

  @Test
  void aHalfSentRequestIsClosedOnTheControlSocket() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(
          ByteBuffer.wrap(
              "POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
                  .getBytes(StandardCharsets.US_ASCII)));
      assertClosedInTime(System.nanoTime(), java.nio.channels.Channels.newInputStream(channel));
    }
  }

  @Test
  void anIdleConnectionOutlivesTheReadTimeout() throws Exception {
    try (Socket channel = new Socket(InetAddress.getLoopbackAddress(), port)) {
      channel.setSoTimeout(10_000);
      for (int i = 0; i < 2; i++) {
        channel
            .getOutputStream()
            .write(
                "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        byte[] answer = new byte[4_096];
        int read = channel.getInputStream().read(answer);
        assertTrue(
            new String(answer, 0, Math.max(0, read), StandardCharsets.UTF_8)
                .startsWith("HTTP/1.1 200 "));
        Thread.sleep(i == 0 ? 2_500 : 0);
      }
    }
  }

  @Test
  void aSocketFileOfADeadDaemonIsReplaced() throws Exception {
    servers.forEach(DaemonServer::close);
    servers.clear();
    Files.deleteIfExists(socket);
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertTrue(Files.exists(socket));
    assertThrows(ControlClient.NotRunningException.class, () -> control().get("/health/live"));

    listen(services(ME, List.of()));
    assertEquals(200, control().get("/health/live").status());
  }

  @Test
  void aTakenPortSaysWhatToDo() throws IOException {
    Path other = directory.resolve("d");
    DaemonServer.Settings taken =
        new DaemonServer.Settings(
            other,
            port,
            Optional.empty(),
            false,
            new DaemonServer.Share(8, 32),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));
    IOException e =
        assertThrows(IOException.class, () -> DaemonServer.start(taken, services(ME, List.of())));
    Files.deleteIfExists(other);
    assertTrue(String.valueOf(e.getMessage()).contains("server.port"), e.getMessage());
  }

  /// The signature of a grant is its authority, not who hands it in.
  @Test
  void anyAccountHandsInGrantsOnTheSocketOnly() throws Exception {
    assertEquals(
        ME + " note",
        control()
            .post("/v1/elevations", Json.object().put("grant", "note"))
            .body()
            .path("applied")
            .asString(""));
    assertEquals(ME, control().get("/v1/elevations").body().path("of").asString(""));
    assertEquals(400, control().post("/v1/elevations", Json.object().put("account", ME)).status());
    assertEquals(
        404,
        http.send(request("/v1/elevations").GET().build(), BodyHandlers.ofString()).statusCode());
  }

  @Test
  void anAdministratorIsServedOnTheControlSocket() throws Exception {
    assertEquals(200, control().post("/v1/admin/sync", Json.object()).status());
    assertEquals(
        200, control().post("/v1/admin/elevations", Json.object().put("account", "x")).status());
    assertEquals(
        ME + " abc why",
        control()
            .post("/v1/appeals", Json.object().put("id", "abc").put("text", "why"))
            .body()
            .path("appeal")
            .stringValue());
    assertEquals(List.of("sync " + ME, "elevate " + ME), admin);
  }

  @Test
  void whoIsNotAdministratorIsRefused() throws Exception {
    assumeFalse(ME.equals("root"), "root always is administrator");
    servers.forEach(DaemonServer::close);
    servers.clear();
    listen(services("somebody-else", List.of()));
    for (String path : List.of("/v1/admin/sync", "/v1/admin/elevations", "/v1/admin/stop")) {
      assertEquals(403, control().post(path, Json.object()).status());
    }
    assertEquals(List.of(), admin);
  }

  @Test
  void closingFinishesARunningRequest() throws Exception {
    CompletableFuture<HttpResponse<String>> running =
        http.sendAsync(request("/metrics").GET().build(), BodyHandlers.ofString());
    assertTrue(slowBegan.await(10, TimeUnit.SECONDS));

    CompletableFuture<Void> closing = CompletableFuture.runAsync(servers.getFirst()::close);
    Thread.sleep(300);
    slowMayEnd.countDown();

    assertEquals("up 1\n", running.get(10, TimeUnit.SECONDS).body());
    closing.get(10, TimeUnit.SECONDS);
  }

  private String mcp(String method, String params) throws IOException, InterruptedException {
    HttpResponse<String> response =
        mcpPost(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}"
                .formatted(method, params.replace('\'', '"')));
    assertEquals(200, response.statusCode(), response.body());
    return response.body();
  }

  private HttpResponse<String> mcpPost(String body) throws IOException, InterruptedException {
    return http.send(
        request("/mcp")
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private JsonNode call(String tool, String arguments) throws Exception {
    return Json.parse(
            "answer", mcp("tools/call", "{'name':'%s','arguments':%s}".formatted(tool, arguments)))
        .path("result");
  }

  private static String text(JsonNode result) {
    return result.path("content").path(0).path("text").stringValue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "entries;{};RecordQuery[since=Optional.empty, denied=false, everybody=false,"
            + " before=9223372036854775807, limit=100]",
        "entries;{'since':'2026-01-02T12:00:00Z','denied':true,'everybody':true,'before':7,'limit':200};"
            + "RecordQuery[since=Optional[2026-01-02T12:00:00Z], denied=true, everybody=true,"
            + " before=7, limit=200]",
        "entry;{'last':true};Optional.empty",
        "entry;{'id':'abcd1234'};Optional[abcd1234]",
        "entries;{'limit':1001};400",
        "entries;{'limit':0};400",
        "entries;{'limit':4294967297};400",
        "entries;{'limit':99999999999999999999};400",
        "entries;{'before':0};400",
        "entries;{'before':1.5};400",
        "entries;{'since':'yesterday'};400",
        "entries;{'denied':'yes'};400",
        "entries;{'account':'bob'};400",
        "entry;{};400",
        "entry;{'id':'x','last':true};400",
        "entry;{'id':'../x'};400",
        "entry;{'id':'x','account':'bob'};400"
      })
  void theJournalIsToldOnTheControlSocketOnly(String what, String request, String wanted)
      throws Exception {
    JsonNode body = Json.parse("request", request.replace('\'', '"'));
    ControlClient.Response response = control().post("/v1/journal/" + what, body);
    if (wanted.equals("400")) {
      assertEquals(400, response.status(), response.body().toString());
    } else {
      assertTrue(response.body().path("asked").asString("").endsWith(" " + wanted));
    }
    assertEquals(404, post("/v1/journal/" + what, Json.write(body)).statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-11-25", "2024-11-05"})
  void mcpAgreesOnTheClientsProtocol(String version) throws Exception {
    JsonNode result =
        Json.parse(
                "answer",
                mcp(
                    "initialize",
                    "{'protocolVersion':'%s','capabilities':{},'clientInfo':{'name':'t','version':'1'}}"
                        .formatted(version)))
            .path("result");
    assertEquals(version, result.path("protocolVersion").stringValue());
    assertEquals("skillwarden", result.path("serverInfo").path("name").stringValue());
  }

  @Test
  void mcpListsItsTwoTools() throws Exception {
    JsonNode tools = Json.parse("answer", mcp("tools/list", "{}")).path("result").path("tools");
    List<String> names = new ArrayList<>();
    tools.forEach(t -> names.add(t.path("name").stringValue()));
    assertEquals(List.of("invoke_skill", "search_skills"), names.stream().sorted().toList());
    tools.forEach(
        t -> assertFalse(t.path("inputSchema").path("additionalProperties").asBoolean(true)));
  }

  @Test
  void mcpFindsOnlyWhatTheCallerMayUse() throws Exception {
    String found = text(call("search_skills", "{'query':'restart a stuck service','k':5}"));
    assertTrue(found.contains("ops/restart"), found);
    String closed = text(call("search_skills", "{'query':'refund a card payment'}"));
    assertFalse(closed.contains("pay/refund"), closed);
  }

  @Test
  void mcpHandsOutAnOpenSkillAndRefusesAClosedOne() throws Exception {
    JsonNode open = call("invoke_skill", "{'name':'ops/restart','version_constraint':'1.x'}");
    assertFalse(open.path("isError").asBoolean(false));
    assertTrue(text(open).contains("Steps of ops/restart."), text(open));

    JsonNode closed = call("invoke_skill", "{'name':'pay/refund','version_constraint':'1.x'}");
    assertTrue(closed.path("isError").asBoolean(false));
    assertTrue(text(closed).contains("ACL_DENIED"), text(closed));
    assertFalse(text(closed).contains("Steps of"), text(closed));
  }

  /// As the client does: it asks in the hook, then calls with the same id in `_meta`.
  @Test
  void mcpCallsHaveTheRightsOfTheAgentThatTheHookNamed() throws Exception {
    servers.removeFirst().close();
    String caps = "version: 1\nteams: [ops, pay]\nagents: {reviewer: {teams: [ops]}}\n";
    Organization organization = Organization.parse("o", caps.getBytes(StandardCharsets.UTF_8));
    port = listen(services(ME, List.of("pay"), world.gate(organization))).port();
    asked("main", "");
    asked("sub", "'agent_id':'a1','agent_type':'reviewer',");
    asked("unnamed", "'agent_id':'a2',");
    assertTrue(text(refund("main")).contains("Steps of pay/refund."), text(refund("main")));
    for (String id : List.of("sub", "unnamed", "made-up")) {
      assertTrue(refund(id).path("isError").asBoolean(false), id);
      assertTrue(text(refund(id)).contains("NARROWED"), text(refund(id)));
    }
    assertFalse(searched("main").contains("pay/refund"), "asked for the other tool");
    String direct = post("/v1/invoke", "{\"name\":\"pay/refund\"}").body();
    assertTrue(direct.contains("NARROWED"), direct);
  }

  private void asked(String id, String agent) throws Exception {
    String event =
        "{'session_id':'s','cwd':'/w',%s'hook_event_name':'PreToolUse','tool_use_id':'%s','tool_name':'mcp__skillwarden__invoke_skill','tool_input':{'name':'pay/refund'}}"
            .formatted(agent, id);
    assertEquals("{}", post("/v1/hooks/claude-code", event.replace('\'', '"')).body());
  }

  private JsonNode refund(String id) throws Exception {
    return Json.parse(
            "answer",
            mcp(
                "tools/call",
                "{'name':'invoke_skill','arguments':{'name':'pay/refund'},'_meta':{'claudecode/toolUseId':'%s'}}"
                    .formatted(id)))
        .path("result");
  }

  private String searched(String id) throws Exception {
    return mcp(
        "tools/call",
        "{'name':'search_skills','arguments':{'query':'refund a card payment'},'_meta':{'claudecode/toolUseId':'%s'}}"
            .formatted(id));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "search_skills;{'query':7}",
        "search_skills;{}",
        "search_skills;{'query':'x','k':0}",
        "search_skills;{'query':'x','k':'many'}",
        "search_skills;{'query':'x','surprise':1}",
        "invoke_skill;{'name':['a/b']}",
        "invoke_skill;{'name':'no-team'}",
        "invoke_skill;{'name':'ops/restart','version_constraint':'newest'}",
        "invoke_skill;{'name':'ops/restart','payload':'text'}"
      })
  void mcpTellsWrongArgumentsAsAnErrorOfTheTool(String tool, String arguments) throws Exception {
    JsonNode result = call(tool, arguments);
    assertTrue(result.path("isError").asBoolean(false), result.toString());
  }

  @Test
  void mcpAcceptsANotificationAndRefusesTheRest() throws Exception {
    assertEquals(
        202,
        mcpPost("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}").statusCode());
    assertEquals(400, mcpPost("garbage").statusCode());
    assertEquals(
        400, mcpPost("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}").statusCode());
    assertEquals(400, mcpPost("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}").statusCode());
    assertEquals(
        405, http.send(request("/mcp").GET().build(), BodyHandlers.ofString()).statusCode());
  }

  private final class FakeAdmin implements Admin {
    @Override
    public Outcome<ObjectNode> sync(Caller caller) {
      admin.add("sync " + caller.account());
      return new Outcome.Ok<>(Json.object());
    }

    @Override
    public Outcome<ObjectNode> elevate(Caller caller, JsonNode request) {
      admin.add("elevate " + caller.account());
      return new Outcome.Ok<>(Json.object());
    }

    @Override
    public Outcome<ObjectNode> upload(Caller caller) {
      admin.add("upload " + caller.account());
      return new Outcome.Ok<>(Json.object());
    }

    @Override
    public Outcome<ObjectNode> stop(Caller caller, String reason) {
      admin.add("stop " + caller.account() + reason);
      return new Outcome.Ok<>(Json.object().put("stopping", true));
    }
  }

  private static final class FakeGrants implements Grants {
    @Override
    public Outcome<ObjectNode> apply(Caller caller, String grant) {
      return new Outcome.Ok<>(Json.object().put("applied", caller.account() + " " + grant));
    }

    @Override
    public Outcome<ObjectNode> held(Caller caller) {
      return new Outcome.Ok<>(Json.object().put("of", caller.account()));
    }
  }

  private static final class FakeRecords implements Records {
    @Override
    public Outcome<ObjectNode> entries(Caller caller, RecordQuery query) {
      return new Outcome.Ok<>(Json.object().put("asked", caller.account() + " " + query));
    }

    @Override
    public Outcome<ObjectNode> entry(Caller caller, Optional<String> id) {
      return new Outcome.Ok<>(Json.object().put("asked", caller.account() + " " + id));
    }
  }

  /// Not ready in the worst way; its metrics take until they may end.
  private final class FakeHealth implements Health {
    @Override
    public boolean ready() {
      throw new IllegalStateException("a defect, on purpose");
    }

    @Override
    public ObjectNode summary() {
      return Json.object().put("kind", "summary");
    }

    @Override
    public ObjectNode details(Caller caller) {
      return Json.object().put("kind", "details");
    }

    @Override
    public String metrics() {
      slowBegan.countDown();
      try {
        slowMayEnd.await(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return "interrupted\n";
      }
      return "up 1\n";
    }
  }

  private SSLContext trusting(LoopbackCertificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    store.setCertificateEntry("ours", certificate.authority());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private String overTls(int tlsPort, LoopbackCertificate trusted) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting(trusted)).build()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("https://localhost:" + tlsPort + "/v1/hooks/claude-code"))
                  .POST(BodyPublishers.ofString(BENIGN))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void thePortSpeaksTlsAndItsCertificateChangesWithoutARestart() throws Exception {
    LoopbackCertificate first = LoopbackCertificate.issue("one", Instant.now());
    LoopbackCertificate second = LoopbackCertificate.issue("two", Instant.now());
    AtomicReference<LoopbackCertificate> current = new AtomicReference<>(first);
    Path other = directory.resolve("t");
    try (DaemonServer server =
        DaemonServer.start(
            new DaemonServer.Settings(
                other,
                0,
                Optional.of(current::get),
                true,
                new DaemonServer.Share(64, 32),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)),
            services(ME, List.of()))) {
      assertEquals("{}", overTls(server.port(), first));
      assertThrows(IOException.class, () -> overTls(server.port(), second), "another authority");
      current.set(second);
      assertEquals("{}", overTls(server.port(), second));
      assertEquals(
          "rw-rw-rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(other)));
    }
  }

  @Test
  void aTakenPortIsSaidAndTakenOverWhenItIsFree() throws Exception {
    LoopbackCertificate ours = LoopbackCertificate.issue("one", Instant.now());
    ServerSocket rogue = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    try (rogue;
        DaemonServer server =
            DaemonServer.start(
                new DaemonServer.Settings(
                    directory.resolve("t"),
                    rogue.getLocalPort(),
                    Optional.of(() -> ours),
                    true,
                    new DaemonServer.Share(64, 32),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5)),
                services(ME, List.of()))) {
      assertEquals(0, server.port());
      assertTrue(server.problem().contains("taken by another process"), server.problem());
      assertEquals(200, new ControlClient(directory.resolve("t")).get("/health/live").status());
      int wanted = rogue.getLocalPort();
      rogue.close();
      for (int i = 0; i < 100 && server.port() == 0; i++) {
        Thread.sleep(100);
      }
      assertEquals("{}", overTls(wanted, ours));
      assertEquals("", server.problem());
    }
  }

  @Test
  void anAccountCrowdsOutItselfOnly() throws Exception {
    Path other = directory.resolve("t");
    try (DaemonServer server =
        DaemonServer.start(
            new DaemonServer.Settings(
                other,
                0,
                Optional.empty(),
                false,
                new DaemonServer.Share(4, 2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)),
            services(ME, List.of()))) {
      List<Socket> idle = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream().write("POST /v1/hooks/claude".getBytes(StandardCharsets.US_ASCII));
        idle.add(socket);
      }
      // The control socket's account is another name here, so its share is untouched.
      assertEquals(200, new ControlClient(other).get("/health/live").status());
      // The port's own account still gets through: its oldest connections make room.
      assertEquals(
          200,
          http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + server.port() + "/health/live"))
                      .build(),
                  BodyHandlers.ofString())
              .statusCode());
      int open = 0;
      for (Socket socket : idle) {
        socket.setSoTimeout(200);
        try {
          open += socket.getInputStream().read() < 0 ? 0 : 1;
        } catch (java.net.SocketTimeoutException e) {
          open++;
        } catch (SocketException e) {
          assertFalse(String.valueOf(e.getMessage()).isEmpty(), "reset: it was shed");
        }
        socket.close();
      }
      assertTrue(open <= 4, open + " are open");
    }
  }

  /// A request that has been sent but for its last byte.
  private static Socket begun(int port, String path, int size) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    OutputStream out = socket.getOutputStream();
    out.write(
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(path, size)
            .getBytes(StandardCharsets.US_ASCII));
    byte[] body = new byte[size - 1];
    java.util.Arrays.fill(body, (byte) ' ');
    byte[] head = BENIGN.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(head, 0, body, 0, head.length);
    out.write(body);
    out.flush();
    return socket;
  }

  /// Sends the last byte.
  ///
  /// @return status and body
  private static String ended(Socket socket) throws IOException {
    try (socket) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(' ');
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        assertTrue(next >= 0, "cut off after: " + answer);
        answer.append((char) next);
      }
      Matcher length = LENGTH.matcher(answer);
      assertTrue(length.find(), answer.toString());
      String body =
          new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8);
      return answer.substring(9, 12) + " " + body;
    }
  }

  @Test
  void bigBodiesOfOneAccountTakeItsShareOfTheMemoryOnly() throws Exception {
    Path other = directory.resolve("t");
    int part = 100 << 10;
    try (DaemonServer server =
        DaemonServer.start(
            new DaemonServer.Settings(
                other,
                0,
                Optional.empty(),
                false,
                new DaemonServer.Share(64, 32, new DaemonServer.Bodies(8L * part, 6L * part)),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)),
            services(ME, List.of()))) {
      String hooks = "/v1/hooks/claude-code";
      Socket first = held(server.port(), hooks, 5 * part);
      for (int i = 0; i < 3; i++) {
        String answer = ended(begun(server.port(), hooks, 5 * part));
        assertTrue(
            answer.startsWith("200 {\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\""),
            answer);
        assertTrue(answer.contains("\"permissionDecision\":\"deny\""), answer);
        assertTrue(answer.contains("more than 614,400 bytes of memory"), answer);
      }
      assertEquals("200 {}", ended(begun(server.port(), hooks, 16_000)), "small ones pass");
      assertEquals("200 {}", ended(first));
      // All is given back: as much passes again, and one above the share alone does not.
      assertEquals("200 {}", ended(begun(server.port(), hooks, 5 * part)));
      String alone = ended(begun(server.port(), hooks, 7 * part));
      assertTrue(alone.startsWith("200 ") && alone.contains("\"deny\""), alone);
    }
  }

  /// Begins a body that the daemon has taken memory for: 200 KiB more of the account are too many
  /// then. What asks that may itself have been first, and the body refused: then it is begun again.
  private static Socket held(int port, String path, int length) throws Exception {
    for (int i = 1; i <= 20; i++) {
      Socket first = begun(port, path, length);
      Thread.sleep(50L * i);
      if (ended(begun(port, path, 200 << 10)).contains("bytes of memory")) {
        return first;
      }
      first.close();
    }
    throw new AssertionError("the first is not held within 1 s");
  }

  @Test
  void otherRequestsOverTheShareAreTold503() throws Exception {
    Path other = directory.resolve("t");
    try (DaemonServer server =
        DaemonServer.start(
            new DaemonServer.Settings(
                other,
                0,
                Optional.empty(),
                false,
                new DaemonServer.Share(64, 32, new DaemonServer.Bodies(1 << 20, 600 << 10)),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)),
            services(ME, List.of()))) {
      String search = ended(begun(server.port(), "/v1/search", 700_000));
      assertTrue(search.startsWith("503 ") && search.contains("NOT_READY"), search);
      assertTrue(ended(begun(server.port(), "/mcp", 700_000)).startsWith("503 "));
    }
  }

  @Test
  void aPayloadOfCountlessPartsIsRefused() throws Exception {
    String parts = "{},".repeat(Json.MAX_REQUEST_TOKENS / 2);
    HttpResponse<String> response =
        post("/v1/hooks/claude-code", BENIGN.replace("\"ls\"", "[" + parts + "{}]"));
    assertEquals(200, response.statusCode());
    assertEquals("deny", denial(response.body()));
    assertTrue(response.body().contains("malformed-input"), response.body());
  }
}
