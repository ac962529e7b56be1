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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Pattern DECISION =
      Pattern.compile("\\(rule [a-z-]{1,60}, id ([A-Za-z0-9_-]{1,40})\\)");
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

  /// What was decided.
  ///
  /// @param decision `deny`, `ask`, or empty when there is no objection
  /// @param reason as the agent reads it, empty without an objection
  public record Answer(String decision, String reason) {
    /// @param answer a hook's, as a client reads it
    public static Answer of(JsonNode answer) {
      JsonNode output = answer.path("hookSpecificOutput");
      return new Answer(
          output.path("permissionDecision").asString(""),
          output.path("permissionDecisionReason").asString(""));
    }
  }

  /// Under which id the journal has the decision that a text for agents tells of.
  public static Optional<String> decisionId(String text) {
    Matcher matcher = DECISION.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /// The decision on a command: `deny`, `ask`, or empty when there is no objection.
  ///
  /// @throws IOException when there is no answer that a client would take, saying why
  public String ask(String command) throws IOException, InterruptedException {
    return answer(command).decision();
  }

  /// The same with its reason.
  ///
  /// @throws IOException when there is no answer that a client would take, saying why
  public Answer answer(String command) throws IOException, InterruptedException {
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
      return Answer.of(Json.parse("the answer", response.body()));
    } catch (InvalidTextException e) {
      throw new IOException("no JSON from " + hook, e);
    }
  }
}
