package dev.skillwarden.cli;

import dev.skillwarden.journal.JournalStats;
import dev.skillwarden.journal.ReadReport;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Counts of a journal as text and as JSON.
final class StatsText {
  private StatsText() {}

  static String text(JournalStats stats) {
    StringBuilder out = new StringBuilder();
    out.append(stats.entries()).append(" entries\n");
    section(out, "KIND", stats.byKind());
    section(out, "DECISION", stats.byDecision());
    section(out, "RULE", stats.byRule());
    section(out, "TOOL", stats.byTool());
    section(out, "TOP DENIED", stats.topDenied());
    Table days = new Table("DAY", "ENTRIES", "DENIED");
    stats.byDay().forEach((day, count) -> days.row(day, count.entries(), count.denied()));
    return out.append('\n').append(days).toString();
  }

  private static void section(StringBuilder out, String title, Map<String, Long> counts) {
    if (!counts.isEmpty()) {
      Table table = new Table(title, "COUNT");
      counts.forEach((key, count) -> table.row(EntryText.plain(key), count));
      out.append('\n').append(table);
    }
  }

  static ObjectNode json(JournalStats stats, ReadReport report) {
    ObjectNode json = Json.object();
    json.put("entries", stats.entries());
    json.put("unreadable", report.unreadable());
    json.put("missing", report.missing());
    counts(json, "by_kind", stats.byKind());
    counts(json, "by_decision", stats.byDecision());
    counts(json, "by_rule", stats.byRule());
    counts(json, "by_tool", stats.byTool());
    counts(json, "top_denied", stats.topDenied());
    ObjectNode days = json.putObject("by_day");
    stats
        .byDay()
        .forEach((day, count) ->
            days.putObject(day).put("entries", count.entries()).put("denied", count.denied()));
    return json;
  }

  private static void counts(ObjectNode json, String key, Map<String, Long> counts) {
    ObjectNode object = json.putObject(key);
    counts.forEach(object::put);
  }
}
