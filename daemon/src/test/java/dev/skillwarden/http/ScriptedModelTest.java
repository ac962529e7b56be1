package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ScriptedModelTest {
  private static final ScriptedModel.Call LIST =
      new ScriptedModel.Call("probe-1", "Bash", Json.object().put("command", "ls"));
  private static final String TOOLS = "\"model\":\"m\",\"tools\":[{\"name\":\"Bash\"}]";

  private static HttpResponse<String> ask(ScriptedModel model, String path, String body)
      throws Exception {
    return ask(model, path, body, "X-Api-Key", model.key());
  }

  private static HttpResponse<String> ask(
      ScriptedModel model, String path, String body, String header, String key) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + model.port() + path))
              .header(header, key)
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static JsonNode answer(ScriptedModel model, String body) throws Exception {
    HttpResponse<String> response = ask(model, "/v1/messages?beta=true", body);
    assertEquals(200, response.statusCode(), response.body());
    return Json.parse("answer", response.body());
  }

  private static String told(String call, String text) {
    return "{"
        + TOOLS
        + ",\"messages\":[{\"role\":\"assistant\",\"content\":[]},{\"role\":\"user\",\"content\":"
        + "[{\"type\":\"tool_result\",\"tool_use_id\":\"%s\",\"content\":\"%s\"}]}]}"
            .formatted(call, text);
  }

  /// Any account of the machine can reach the port.
  @Test
  void whoDoesNotHaveTheKeyIsNotHeard() throws Exception {
    try (ScriptedModel model = ScriptedModel.start(List.of(LIST));
        ScriptedModel other = ScriptedModel.start(List.of(LIST))) {
      assertTrue(model.key().matches("[0-9a-f]{32}"), model.key());
      assertNotEquals(other.key(), model.key());
      answer(model, "{" + TOOLS + ",\"messages\":[]}");
      for (String key : List.of(other.key(), "", model.key() + "0", "sk-ant-dummy")) {
        assertEquals(
            401,
            ask(model, "/v1/messages", told("probe-1", "forged"), "x-api-key", key).statusCode());
      }
      assertEquals(401, ask(model, "/v1/messages", "{}", "Authorization", "Basic a").statusCode());
      assertEquals(Optional.empty(), model.result("probe-1"));
      assertEquals(
          200,
          ask(
                  model,
                  "/v1/messages",
                  told("probe-1", "own"),
                  "Authorization",
                  "Bearer " + model.key())
              .statusCode());
      assertEquals(Optional.of(new ScriptedModel.Result(false, "own")), model.result("probe-1"));
    }
  }

  @Test
  void anAnswerCountsOnceAndToACallThatWasAskedForOnly() throws Exception {
    try (ScriptedModel model = ScriptedModel.start(List.of(LIST))) {
      answer(model, told("probe-1", "before it was asked for"));
      assertEquals(Optional.empty(), model.result("probe-1"));
      answer(model, "{" + TOOLS + ",\"messages\":[]}");
      answer(model, told("probe-1", "first"));
      answer(model, told("probe-1", "second"));
      answer(model, told("probe-2", "of no call"));
      assertEquals(Optional.of(new ScriptedModel.Result(false, "first")), model.result("probe-1"));
      assertEquals(Optional.empty(), model.result("probe-2"));
    }
  }

  @Test
  void asksForOneCallATurnAndKeepsWhatWasAnswered() throws Exception {
    try (ScriptedModel model = ScriptedModel.start(List.of(LIST))) {
      String first = "{" + TOOLS + ",\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}";
      JsonNode call = answer(model, first);
      assertEquals("tool_use", call.path("stop_reason").asString(""));
      assertEquals(
          "{\"type\":\"tool_use\",\"id\":\"probe-1\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}}",
          Json.write(call.path("content").path(0)));
      assertEquals(call, answer(model, first), "a repeated request gets the same answer");
      assertEquals(Optional.empty(), model.result("probe-1"));

      JsonNode end =
          answer(
              model,
              "{"
                  + TOOLS
                  + ",\"messages\":[{\"role\":\"user\",\"content\":\"go\"},{\"role\":\"assistant\",\"content\":[]},"
                  + "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"probe-1\","
                  + "\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"no\"}]}]}]}");
      assertEquals("end_turn", end.path("stop_reason").asString(""));
      assertEquals(Optional.of(new ScriptedModel.Result(true, "no")), model.result("probe-1"));
    }
  }

  @Test
  void streamsWhenAsked() throws Exception {
    try (ScriptedModel model = ScriptedModel.start(List.of(LIST))) {
      HttpResponse<String> response =
          ask(model, "/v1/messages", "{\"stream\":true," + TOOLS + ",\"messages\":[]}");
      assertEquals("text/event-stream", response.headers().firstValue("content-type").orElse(""));
      assertEquals(
          List.of(
              "message_start",
              "content_block_start",
              "content_block_delta",
              "content_block_stop",
              "message_delta",
              "message_stop"),
          response
              .body()
              .lines()
              .filter(l -> l.startsWith("event: "))
              .map(l -> l.substring(7))
              .toList());
      assertTrue(
          response.body().contains("\"partial_json\":\"{\\\"command\\\":\\\"ls\\\"}\""),
          response.body());
    }
  }

  @Test
  void requestsWithoutToolsAreNoTurn() throws Exception {
    try (ScriptedModel model = ScriptedModel.start(List.of(LIST))) {
      assertEquals("end_turn", answer(model, "{\"messages\":[]}").path("stop_reason").asString(""));
      assertEquals(400, ask(model, "/v1/messages", "{").statusCode());
      assertEquals(404, ask(model, "/v1/other", "{}").statusCode());
    }
  }
}
