package dev.skillwarden.cli;

import dev.skillwarden.http.ControlClient;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import tools.jackson.databind.JsonNode;

/// Asks the running daemon over the control socket and turns what comes back into exit codes.
final class Remote {
  private final ControlClient client;
  private final HomeOption home;
  private final PrintWriter err;

  Remote(HomeOption home, PrintWriter err) {
    this.home = home;
    this.err = err;
    this.client = new ControlClient(home.home().controlSocket());
  }

  /// What to do with an answer.
  @FunctionalInterface
  interface Show {
    /// @return the exit code
    int show(JsonNode answer);
  }

  int get(String path, Show show) {
    return ask(() -> client.get(path), show);
  }

  int post(String path, JsonNode body, Show show) {
    return ask(() -> client.post(path, body), show);
  }

  private interface Call {
    ControlClient.Response run() throws ControlClient.ControlException;
  }

  private int ask(Call call, Show show) {
    ControlClient.Response response;
    try {
      response = call.run();
    } catch (ControlClient.NotRunningException e) {
      err.println(
          "no daemon runs in "
              + home.home()
              + "; start one with: skillwarden start"
              + home.again());
      return ExitCode.UNDECIDED;
    } catch (ControlClient.ControlException e) {
      err.println(e.getMessage());
      return ExitCode.FAILURE;
    }
    if (response.status() == 200) {
      return show.show(response.body());
    }
    return refused(response.body());
  }

  private int refused(JsonNode error) {
    String code = error.path("code").asString("INTERNAL");
    err.println(code + ": " + error.path("message").asString("the daemon gave no reason"));
    if (!error.path("id").asString("").isEmpty()) {
      err.println(
          "id "
              + error.path("id").asString("")
              + "; see: skillwarden explain "
              + error.path("id").asString("")
              + home.again());
    }
    return switch (code) {
      case "INVALID_REQUEST" -> ExitCode.USAGE;
      case "NOT_READY" -> ExitCode.UNDECIDED;
      case "JOURNAL_UNAVAILABLE", "INTERNAL" -> ExitCode.FAILURE;
      default -> ExitCode.REFUSED;
    };
  }

  static String pretty(JsonNode node) {
    return Json.pretty(node);
  }
}
