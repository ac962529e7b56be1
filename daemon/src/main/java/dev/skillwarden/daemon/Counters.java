package dev.skillwarden.daemon;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalSink;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what goes into the journal, for `/metrics` and `status`. What probes asked is nobody's
/// call: it has a kind of its own and is in no count of decisions.
final class Counters implements JournalSink {
  private static final String PROBE = "probe";

  private final JournalSink journal;
  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();

  private volatile Runnable whenDenied = () -> {};

  Counters(JournalSink journal) {
    this.journal = journal;
  }

  @Override
  public long append(JournalEntry entry) throws IOException {
    String kind =
        entry.session().equals(JournalFilter.PROBE_SESSION)
            ? PROBE
            : entry.kind().name().toLowerCase(Locale.ROOT);
    try {
      long seq = journal.append(entry);
      if (JournalFilter.isDenied(entry)) {
        whenDenied.run();
      }
      count(
          "kind=\"%s\",decision=\"%s\"".formatted(kind, entry.decision().toLowerCase(Locale.ROOT)));
      return seq;
    } catch (IOException e) {
      count("kind=\"%s\",decision=\"not-journaled\"".formatted(kind));
      throw e;
    }
  }

  /// @param listener called after each denial that was journaled; must return at once
  void whenDenied(Runnable listener) {
    whenDenied = listener;
  }

  private void count(String labels) {
    counts.computeIfAbsent(labels, l -> new LongAdder()).increment();
  }

  /// Decisions, `deny` for example, since the start.
  long decisions(String decision) {
    return counts.entrySet().stream()
        .filter(e ->
            e.getKey().endsWith("decision=\"" + decision + "\"")
                && !e.getKey().startsWith("kind=\"" + PROBE + "\""))
        .mapToLong(e -> e.getValue().sum())
        .sum();
  }

  /// Prometheus text exposition.
  String exposition() {
    StringBuilder text = new StringBuilder();
    text.append("# HELP skillwarden_entries_total Journal entries since the start.\n");
    text.append("# TYPE skillwarden_entries_total counter\n");
    counts.forEach((labels, n) ->
        text.append("skillwarden_entries_total{")
            .append(labels)
            .append("} ")
            .append(n.sum())
            .append('\n'));
    return text.toString();
  }
}
