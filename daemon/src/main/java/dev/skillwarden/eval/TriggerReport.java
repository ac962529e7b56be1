package dev.skillwarden.eval;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The results of a run for people and for programs.
///
/// @param mode arms that answered, `hybrid` or `lexical`
/// @param suites how many there are, those without triggers included
/// @param gone triggers of the baseline that are in no suite any more
public record TriggerReport(String mode, int suites, List<TriggerResult> results, int gone) {
  public TriggerReport {
    results = List.copyOf(results);
  }

  /// @param baseline every trigger of the baseline, empty without one
  public static TriggerReport of(
      String mode, List<Suite> suites, List<TriggerResult> results, Set<Baseline.Key> baseline) {
    Set<Baseline.Key> gone = new HashSet<>(baseline);
    results.forEach(r -> gone.remove(Baseline.Key.of(r.suite(), r.trigger())));
    return new TriggerReport(mode, suites.size(), results, gone.size());
  }

  public boolean fails() {
    return results.stream().anyMatch(r -> r.verdict().fails());
  }

  private int count(Verdict... verdicts) {
    return count(results, verdicts);
  }

  private static int count(List<TriggerResult> results, Verdict... verdicts) {
    Set<Verdict> wanted = Set.of(verdicts);
    return (int) results.stream().filter(r -> wanted.contains(r.verdict())).count();
  }

  /// A table of suites, then a line for each trigger that did more than pass, then the summary.
  public String text() {
    Table table = new Table("SKILL", "ASKED AS", "TRIGGERS", "PASSED", "FAILED", "KNOWN", "EDGE");
    bySuite()
        .forEach((suite, of) ->
            table.row(
                suite.skill(),
                asked(of.getFirst().caller()),
                of.size(),
                count(of, Verdict.PASSED, Verdict.FIXED),
                count(of, Verdict.FAILED, Verdict.REGRESSED),
                count(of, Verdict.KNOWN),
                count(of, Verdict.EDGE_MET, Verdict.EDGE_UNMET)));
    StringBuilder out = new StringBuilder(table.toString());
    results.stream()
        .filter(r -> r.verdict() != Verdict.PASSED && r.verdict() != Verdict.EDGE_MET)
        .forEach(r -> out.append(line(r)).append('\n'));
    return out.append(summary()).append('\n').toString();
  }

  private Map<Suite, List<TriggerResult>> bySuite() {
    return results.stream()
        .collect(
            Collectors.groupingBy(TriggerResult::suite, LinkedHashMap::new, Collectors.toList()));
  }

  private static String line(TriggerResult result) {
    return "%s: %s: \"%s\": %s"
        .formatted(
            result.suite().file(),
            result.verdict().text(),
            result.trigger().query(),
            result.detail());
  }

  /// `5 suites, 31 triggers: 29 passed, 1 failed, 1 edge`.
  public String summary() {
    List<String> parts = new ArrayList<>();
    parts.add(
        "%,d passed".formatted(count(Verdict.PASSED, Verdict.FIXED)) + of("fixed", Verdict.FIXED));
    parts.add(
        "%,d failed".formatted(count(Verdict.FAILED, Verdict.REGRESSED))
            + of("regressed", Verdict.REGRESSED));
    if (count(Verdict.KNOWN) > 0) {
      parts.add("%,d known".formatted(count(Verdict.KNOWN)));
    }
    if (count(Verdict.EDGE_MET, Verdict.EDGE_UNMET) > 0) {
      parts.add("%,d edge".formatted(count(Verdict.EDGE_MET, Verdict.EDGE_UNMET)));
    }
    if (gone > 0) {
      parts.add("%,d gone since the baseline".formatted(gone));
    }
    return "%s, %s: %s"
        .formatted(
            counted(suites, "suite"), counted(results.size(), "trigger"), String.join(", ", parts));
  }

  private String of(String word, Verdict verdict) {
    int n = count(verdict);
    return n == 0 ? "" : " (%,d %s)".formatted(n, word);
  }

  private static String counted(int n, String word) {
    return "%,d %s%s".formatted(n, word, n == 1 ? "" : "s");
  }

  /// Also what a later run takes as its baseline.
  public ObjectNode json() {
    ObjectNode root = Json.object().put("schema", 1).put("mode", mode);
    root.putObject("summary")
        .put("suites", suites)
        .put("triggers", results.size())
        .put("passed", count(Verdict.PASSED, Verdict.FIXED))
        .put("fixed", count(Verdict.FIXED))
        .put("failed", count(Verdict.FAILED, Verdict.REGRESSED))
        .put("regressed", count(Verdict.REGRESSED))
        .put("known", count(Verdict.KNOWN))
        .put("edge", count(Verdict.EDGE_MET, Verdict.EDGE_UNMET))
        .put("gone", gone);
    ArrayNode triggers = root.putArray("triggers");
    for (TriggerResult result : results) {
      ObjectNode node =
          triggers
              .addObject()
              .put("file", result.suite().file())
              .put("skill", result.suite().skill().toString())
              .put("query", result.trigger().query())
              .put("should_trigger", result.trigger().shouldTrigger())
              .put("kind", result.trigger().kind().name().toLowerCase(Locale.ROOT))
              .put("k", result.trigger().k())
              .put("asked_as", asked(result.caller()));
      result.place().ifPresent(place -> node.put("place", place));
      result.first().ifPresent(first -> node.put("first", first.toString()));
      node.put("abstained", result.abstained())
          .put("passed", result.passed())
          .put("verdict", result.verdict().text());
    }
    return root;
  }

  /// `team finance, elevated`.
  private static String asked(Caller caller) {
    if (caller.equals(Caller.UNKNOWN)) {
      return "anybody";
    }
    List<String> parts = new ArrayList<>();
    if (!caller.teams().isEmpty()) {
      parts.add("team " + String.join(" and ", new TreeSet<>(caller.teams())));
    }
    if (!caller.role().isEmpty()) {
      parts.add("role " + caller.role());
    }
    if (!caller.elevations().isEmpty()) {
      parts.add("elevated");
    }
    return String.join(", ", parts);
  }
}
