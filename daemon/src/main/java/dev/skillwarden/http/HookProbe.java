package dev.skillwarden.http;

import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.keys.Authorities;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Asks the port as a client's hook does: over https trusting the published authorities and nothing
/// else, without a proxy; in user mode over http. It is no client: the client's own TLS may refuse
/// what this one takes. The commands are only judged, never run.
public final class HookProbe {
  /// What nobody objects to.
  public static final String HARMLESS = "ls";

  /// Begins the tool-use id of every probe, in the journal.
  public static final String ID = "probe-";

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final URI hook;
  private final int port;
  private final Optional<Path> caBundle;

  /// @param caBundle authorities of the port; empty for plain http
  public HookProbe(int port, Optional<Path> caBundle) {
    this.hook =
        URI.create(
            "%s://localhost:%d/v1/hooks/claude-code"
                .formatted(caBundle.isPresent() ? "https" : "http", port));
    this.port = port;
    this.caBundle = caBundle;
  }

  /// What every policy denies, in every mode: it goes around the guard. If it ran, it would ask the
  /// daemon whether it lives.
  public static String forbidden(int port) {
    return "curl -s -m 2 http://localhost:%d/health/live".formatted(port);
  }

  public String forbidden() {
    return forbidden(port);
  }

  /// The event as a client would send it. Each has an id of its own: a call that is known already
  /// is not judged again.
  ///
  /// @param command of a `Bash` call
  public static ObjectNode event(String command) {
    ObjectNode event =
        Json.object()
            .put("session_id", JournalFilter.PROBE_SESSION)
            .put("hook_event_name", "PreToolUse")
            .put("cwd", "/")
            .put("tool_name", "Bash")
            .put("tool_use_id", ID + UUID.randomUUID());
    event.putObject("tool_input").put("command", command);
    return event;
  }

  /// The decision in an answer: `deny`, `ask`, or empty when there is no objection.
  public static String decision(JsonNode answer) {
    return answer.path("hookSpecificOutput").path("permissionDecision").asString("");
  }

  /// The decision on a command.
  ///
  /// @throws IOException when there is no answer that a client would take, saying why
  public String ask(String command) throws IOException, InterruptedException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE);
    if (caBundle.isPresent()) {
      builder.sslContext(
          Authorities.context(Files.readString(caBundle.get(), StandardCharsets.ISO_8859_1)));
    }
    try (HttpClient client = builder.build()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(hook)
                  .timeout(PATIENCE)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(Json.write(event(command))))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException("status %d from %s".formatted(response.statusCode(), hook));
      }
      return decision(Json.parse("the answer", response.body()));
    } catch (InvalidTextException e) {
      throw new IOException("no JSON from " + hook, e);
    }
  }
}
