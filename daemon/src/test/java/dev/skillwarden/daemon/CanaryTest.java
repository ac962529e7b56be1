package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.http.HookProbe;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CanaryTest {
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final String DENY =
      "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"deny\"}}";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private HttpServer server;

  private final Set<String> ids = new HashSet<>();
  private Function<String, String> answers = command -> command.equals("ls") ? "{}" : DENY;
  private Optional<PreferredSource> delivered = Optional.empty();
  private Instant now = NOON;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/hooks/claude-code",
        exchange -> {
          try (exchange) {
            JsonNode event = Json.parse("event", exchange.getRequestBody().readAllBytes());
            ids.add(event.path("tool_use_id").asString(""));
            byte[] answer =
                answers
                    .apply(event.at("/tool_input/command").asString(""))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          } catch (dev.skillwarden.text.InvalidTextException e) {
            throw new IOException(e);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private Canary canary(Home home) throws IOException {
    return canary(home, this::port);
  }

  private Canary canary(Home home, IntSupplier port) throws IOException {
    int own = (Integer) Files.getAttribute(directory, "unix:uid");
    InstantSource clock = () -> now;
    return new Canary(
        home, port, Set.of(own), List.of(Path.of("/opt/skillwarden")), () -> delivered, clock);
  }

  private static String codes(Canary canary) {
    return String.join(
        " ", canary.json().path("codes").valueStream().map(c -> c.asString("")).toList());
  }

  @Test
  void aDaemonThatDecidesIsHealthy() throws Exception {
    Canary canary = canary(Home.user(directory));
    assertTrue(canary.isPending());
    canary.look();
    canary.look();
    assertEquals("", codes(canary));
    assertEquals(List.of(), canary.alarms());
    assertEquals(NOON.toString(), canary.json().path("at").asString(""));
    assertEquals(4, ids.size(), "a call that is known already is not judged again: " + ids);
    assertTrue(ids.stream().allMatch(id -> id.startsWith(HookProbe.ID)));
  }

  @Test
  void aGateThatStandsOpenIsAnAlarmUntilItIsClosed() throws Exception {
    Canary canary = canary(Home.user(directory));
    answers = command -> "{}";
    canary.look();
    assertEquals("PORT_DENY", codes(canary));
    assertTrue(canary.alarms().getFirst().startsWith("PORT_DENY: "), canary.alarms().toString());
    answers = command -> DENY;
    canary.look();
    assertEquals("PORT_PASS", codes(canary));
    answers = command -> "no JSON";
    canary.look();
    assertEquals("PORT_SILENT", codes(canary));
    answers = command -> command.equals("ls") ? "{}" : DENY;
    canary.look();
    assertEquals("", codes(canary));
  }

  @Test
  void whatWasProvenLongAgoIsNotProven() throws Exception {
    Canary canary = canary(Home.user(directory));
    canary.look();
    now = NOON.plus(Canary.STALE).plus(Duration.ofSeconds(1));
    assertEquals("CANARY_STALE", codes(canary));
  }

  private Path managed(Home home) throws IOException {
    Path settings = Files.createDirectories(home.managedSettings());
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rwxr-xr-x"));
    return settings.resolve("managed-settings.json");
  }

  private void write(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private JsonNode ours(Home home) {
    return ManagedSettings.of(
            ManagedSettings.Profile.STANDARD,
            ManagedSettings.Client.CURRENT,
            home.machine(port(), Path.of("/opt/skillwarden")),
            List.of())
        .settings();
  }

  /// This server speaks no TLS: the port is silent in all of these.
  private static String settingsOnly(Canary canary) {
    return codes(canary).replace("PORT_SILENT", "").strip();
  }

  /// A machine gets its settings after its daemon is healthy. Once they were there, they must be.
  @Test
  void settingsThatGoAwayAreAnAlarm() throws Exception {
    Home home = Home.system(directory);
    Files.createDirectories(home.root());
    Canary canary = canary(home);
    canary.look();
    assertEquals("PORT_SILENT", codes(canary));
    write(managed(home), "{\"env\":{\"COMPANY\":\"1\"}}"); // others' settings
    canary.look();
    assertEquals("", settingsOnly(canary));
    write(managed(home), Json.write(ours(home)));
    canary.look();
    assertEquals("", settingsOnly(canary));
    write(managed(home), "{}");
    canary.look();
    assertEquals("HOOK_PreToolUse HOOK_UserPromptExpansion PINS", settingsOnly(canary));
    Files.delete(managed(home));
    Canary restarted = canary(home);
    restarted.look();
    assertEquals("MANAGED_MISSING", settingsOnly(restarted));
  }

  @Test
  void whatTakesHooksAwayIsFoundBeforeAnySettingsOfOurs() throws Exception {
    Home home = Home.system(directory);
    Files.createDirectories(home.root());
    write(managed(home), "{\"disableAllHooks\":true}");
    Canary canary = canary(home);
    canary.look();
    assertEquals("HOOKS_OFF", settingsOnly(canary));
  }

  /// Where device management delivers, no files are expected, and none count.
  @Test
  void settingsThatComeAnotherWayAreTheOnesThatCount() throws Exception {
    Home home = Home.system(directory);
    Files.createDirectories(home.root());
    Canary canary = canary(home);
    delivered = source(Optional.of(Json.object().put("company", true)));
    canary.look();
    assertEquals("", settingsOnly(canary), "others' settings: the machine waits for ours");
    delivered = source(Optional.of(ours(home)));
    canary.look();
    assertEquals("", settingsOnly(canary));
    assertTrue(Files.exists(home.managedSeen()));
    write(managed(home), Json.write(ours(home)));
    delivered = source(Optional.of(Json.object().put("disableAllHooks", true)));
    canary.look();
    assertEquals(
        "SOURCE HOOKS_OFF HOOK_PreToolUse HOOK_UserPromptExpansion PINS", settingsOnly(canary));
    delivered = source(Optional.empty());
    canary.look();
    assertEquals("SOURCE", settingsOnly(canary), "there, but it cannot be read");
    delivered = Optional.empty();
    canary.look();
    assertEquals("", settingsOnly(canary), "files count again");
  }

  private static Optional<PreferredSource> source(Optional<JsonNode> settings) {
    return Optional.of(new PreferredSource("the machine's property list", settings));
  }

  @Test
  void aRoundThatFailsIsAnAlarmAndNotTheLast() throws Exception {
    AtomicBoolean failing = new AtomicBoolean(true);
    Canary canary =
        canary(
            Home.user(directory),
            () -> {
              if (failing.get()) {
                throw new IllegalStateException("no port");
              }
              return port();
            });
    canary.look();
    assertEquals("CANARY", codes(canary));
    assertTrue(canary.alarms().getFirst().contains("no port"), canary.alarms().toString());
    failing.set(false);
    canary.look();
    assertEquals("", codes(canary));
  }
}
