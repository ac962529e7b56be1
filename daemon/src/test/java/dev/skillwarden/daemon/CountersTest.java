package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalFilter;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CountersTest {
  private boolean full;
  private final Counters counters =
      new Counters(entry -> {
        if (full) {
          throw new IOException("full");
        }
        return 0;
      });

  private static JournalEntry denied(String session) {
    return JournalEntry.of(
            Instant.parse("2026-11-28T12:00:00Z"), "id", JournalEntry.Kind.TOOL, "ana")
        .call(session, "Bash", "t")
        .decision("deny", "rule", "reason")
        .build();
  }

  @Test
  void whatProbesAskIsInNoCountOfDecisions() throws IOException {
    AtomicInteger told = new AtomicInteger();
    counters.whenDenied(told::incrementAndGet);
    counters.append(denied("s"));
    counters.append(denied(JournalFilter.PROBE_SESSION));
    assertEquals(1, counters.decisions("deny"));
    assertEquals(2, told.get(), "each is sent at once");
    assertTrue(
        counters
            .exposition()
            .contains("skillwarden_entries_total{kind=\"probe\",decision=\"deny\"} 1\n"),
        counters.exposition());
  }

  @Test
  void aFullJournalTakesNothingAway() throws IOException {
    counters.append(denied("s"));
    full = true;
    for (int i = 0; i < 3; i++) {
      assertThrows(IOException.class, () -> counters.append(denied(JournalFilter.PROBE_SESSION)));
    }
    assertEquals(1, counters.decisions("deny"));
  }
}
