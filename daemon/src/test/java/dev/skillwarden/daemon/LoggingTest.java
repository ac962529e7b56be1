package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private static LogRecord event(String message) {
    LogRecord event = new LogRecord(Level.WARNING, message);
    event.setLoggerName("dev.skillwarden.sync.SyncService");
    event.setInstant(Instant.parse("2026-11-20T09:00:00Z"));
    return event;
  }

  @Test
  void everyEventIsALine() {
    assertEquals(
        "2026-11-20T09:00:00Z WARNING sync.SyncService: one\n  two\n",
        new Logging.Lines().format(event("one\ntwo")));
  }

  @Test
  void neitherMessageNorCauseTellsASecret() {
    LogRecord event = event("cannot fetch https://bob:hunter22@git.example/a");
    event.setThrown(
        new IllegalStateException(
            "x".repeat(20_000) + " failed",
            new IllegalArgumentException("git fetch --token hunter33\nAPI_KEY=hunter44")));
    String line = new Logging.Lines().format(event);
    assertTrue(line.contains("https://bob:[redacted:url-password]@git.example/a"), line);
    assertTrue(line.contains("x".repeat(20_000)), "nothing is cut");
    assertFalse(line.contains("hunter"), line);
  }
}
