package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalStatsTest {
  @Test
  void countsByEveryKey() {
    JournalStats.Counter counter = new JournalStats.Counter();
    List<JournalEntry> entries =
        List.of(
            Entries.of("a", "alice", "deny", Entries.NOON),
            Entries.of("b", "alice", "deny", Entries.NOON.plus(Duration.ofDays(1))),
            Entries.of("c", "bob", "ACL_DENIED", Entries.NOON),
            Entries.of("d", "bob", "none", Entries.NOON),
            Entries.small("e"));
    entries.forEach(entry -> counter.add(new StoredEntry(1, entry)));
    assertEquals(
        new JournalStats(
            5,
            Map.of("tool", 4L, "sync", 1L),
            Map.of("deny", 2L, "ACL_DENIED", 1L, "none", 1L),
            Map.of("rule-a", 2L),
            Map.of("Bash", 4L),
            Map.of("rule-a", 2L, "ACL_DENIED", 1L),
            Map.of(
                "2026-11-20",
                new JournalStats.Day(4, 2),
                "2026-11-21",
                new JournalStats.Day(1, 1))),
        counter.stats());
    assertEquals(
        List.of("deny", "ACL_DENIED", "none"), List.copyOf(counter.stats().byDecision().keySet()));
  }
}
