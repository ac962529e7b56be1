package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.redact.SecretCorpus;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// What the daemon says of itself quotes what failed: the corpus through log and status.
class SecretsInDiagnosticsTest {
  private static List<String> told(UnaryOperator<String> said) throws IOException {
    List<String> told = new ArrayList<>();
    for (String template : SecretCorpus.templates()) {
      SecretCorpus.Made made = SecretCorpus.made(template, 1);
      String text = said.apply(made.text());
      if (made.isTold(text)) {
        told.add(made.text() + " was told as " + text);
      }
    }
    return told;
  }

  @Test
  void theLogTellsNone() throws IOException {
    Logging.Lines lines = new Logging.Lines();
    assertEquals(
        List.of(),
        told(text -> {
          LogRecord event = new LogRecord(Level.SEVERE, "denied " + text);
          event.setLoggerName("dev.skillwarden.gate.Gatekeeper");
          event.setInstant(Instant.EPOCH);
          event.setThrown(new IOException("failed: " + text, new IOException(text)));
          return lines.format(event);
        }));
  }

  private static SyncResult.SourceStatus source(String text) {
    return new SyncResult.SourceStatus(
        "main",
        "branch " + text,
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        "FETCH",
        "cannot read " + text,
        0,
        Instant.MAX,
        Duration.ZERO,
        0,
        0);
  }

  @Test
  void theStatusTellsNone() throws IOException {
    assertEquals(
        List.of(),
        told(text -> {
          SyncResult result =
              new SyncResult(
                  SyncResult.Status.FAILED,
                  "FETCH",
                  "could not fetch: " + text,
                  "",
                  Instant.EPOCH,
                  Duration.ZERO,
                  0,
                  0,
                  List.of(source(text)));
          ObjectNode status = Json.object().put("progress", text);
          status.putArray("alarms").add("sync failed: " + text).add(1);
          status.set("last_sync", Administration.json(result));
          return Json.write(PublicJson.withoutSecrets(status));
        }));
  }
}
