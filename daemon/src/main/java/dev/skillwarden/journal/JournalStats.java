package dev.skillwarden.journal;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts over the entries of a journal.
///
/// @param entries entries counted
/// @param byKind by kind, as written in the journal
/// @param byDecision by decision, of entries that have one
/// @param byRule by rule, of entries that name one
/// @param byTool by tool, of tool calls
/// @param topDenied rule or, without one, decision of denials, most frequent first, at most [#TOP]
/// @param byDay by day in UTC, oldest first
public record JournalStats(
    long entries,
    Map<String, Long> byKind,
    Map<String, Long> byDecision,
    Map<String, Long> byRule,
    Map<String, Long> byTool,
    Map<String, Long> topDenied,
    Map<String, Day> byDay) {
  public static final int TOP = 10;

  /// Counts of one day.
  public record Day(long entries, long denied) {}

  /// Collects entries one by one.
  public static final class Counter {
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Map<String, Long> decisions = new TreeMap<>();
    private final Map<String, Long> rules = new TreeMap<>();
    private final Map<String, Long> tools = new TreeMap<>();
    private final Map<String, Long> denials = new TreeMap<>();
    private final Map<String, Day> days = new TreeMap<>();
    private long entries;

    public void add(StoredEntry stored) {
      JournalEntry entry = stored.entry();
      boolean denied = JournalFilter.isDenied(entry);
      entries++;
      count(kinds, EntryCodec.kind(entry.kind()));
      count(decisions, entry.decision());
      count(rules, entry.rule());
      count(tools, entry.tool());
      if (denied) {
        count(denials, entry.rule().isEmpty() ? entry.decision() : entry.rule());
      }
      days.merge(
          entry.time().atOffset(ZoneOffset.UTC).toLocalDate().toString(),
          new Day(1, denied ? 1 : 0),
          (a, b) -> new Day(a.entries() + b.entries(), a.denied() + b.denied()));
    }

    private static void count(Map<String, Long> counts, String key) {
      if (!key.isEmpty()) {
        counts.merge(key, 1L, Long::sum);
      }
    }

    public JournalStats stats() {
      return new JournalStats(
          entries,
          frequentFirst(kinds, Integer.MAX_VALUE),
          frequentFirst(decisions, Integer.MAX_VALUE),
          frequentFirst(rules, Integer.MAX_VALUE),
          frequentFirst(tools, Integer.MAX_VALUE),
          frequentFirst(denials, TOP),
          new LinkedHashMap<>(days));
    }

    private static Map<String, Long> frequentFirst(Map<String, Long> counts, int most) {
      List<Map.Entry<String, Long>> sorted = new ArrayList<>(counts.entrySet());
      sorted.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
      Map<String, Long> first = new LinkedHashMap<>();
      sorted.stream().limit(most).forEach(e -> first.put(e.getKey(), e.getValue()));
      return first;
    }
  }
}
