package dev.skillwarden.cli;

import dev.skillwarden.eval.Difference;
import dev.skillwarden.eval.Metrics;
import dev.skillwarden.eval.NoAnswer;
import dev.skillwarden.eval.Quality;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What came out of `search eval`, for people and for programs.
///
/// @param mode which arms answered
/// @param out where the answers are
/// @param quality without classes when no query has grades
/// @param differences to an earlier run, by class; empty without one
record SearchEvalReport(
    String mode,
    Path out,
    SearchEvalRun run,
    Quality quality,
    SequencedMap<String, Difference> differences) {
  SearchEvalReport {
    differences = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(differences));
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        new Table("mode", "skills", "queries", "abstained", "build ms", "p50 ms", "p95 ms")
            .row(
                mode,
                run.skills(),
                run.answers().size(),
                run.abstained(),
                rounded(2, run.buildMillis()),
                rounded(2, run.p50()),
                rounded(2, run.p95())));
    if (!quality.classes().isEmpty()) {
      text.append('\n').append(metrics());
    }
    quality.noAnswer().ifPresent(n -> text.append(noAnswer(n)).append('\n'));
    if (!differences.isEmpty()) {
      text.append('\n').append(comparison());
    }
    return text.toString();
  }

  private Table metrics() {
    Table table = new Table("class", "queries", "nDCG@5", "recall@5", "MRR@10", "P@1");
    quality
        .classes()
        .forEach((name, m) ->
            table.row(
                name,
                m.queries(),
                rounded(4, m.ndcg5()),
                rounded(4, m.recall5()),
                rounded(4, m.mrr10()),
                rounded(4, m.p1())));
    return table;
  }

  private static String noAnswer(NoAnswer n) {
    return "without an answer (%d): AUC of the top score %s, abstained %s; with one: abstained %s"
        .formatted(
            n.queries(),
            rounded(3, n.auc()),
            rounded(3, n.abstained()),
            rounded(3, n.abstainedWrongly()));
  }

  private Table comparison() {
    Table table =
        new Table("class", "queries", "nDCG@5 before", "now", "change", "95 % from", "to");
    differences.forEach((name, d) ->
        table.row(
            name,
            d.queries(),
            rounded(4, d.before()),
            rounded(4, d.now()),
            signed(d.change()),
            signed(d.low()),
            signed(d.high())));
    return table;
  }

  ObjectNode json() {
    ObjectNode root =
        Json.object()
            .put("mode", mode)
            .put("skills", run.skills())
            .put("queries", run.answers().size())
            .put("abstained", run.abstained())
            .put("build_ms", run.buildMillis())
            .put("query_ms_p50", run.p50())
            .put("query_ms_p95", run.p95())
            .put("out", out.toString());
    ArrayNode metrics = root.putArray("metrics");
    quality.classes().forEach((name, m) -> put(metrics.addObject(), name, m));
    quality
        .noAnswer()
        .ifPresent(n ->
            root.putObject("no_answer")
                .put("queries", n.queries())
                .put("auc", n.auc())
                .put("abstained", n.abstained())
                .put("abstained_wrongly", n.abstainedWrongly()));
    if (!differences.isEmpty()) {
      ObjectNode compared =
          root.putObject("compared")
              .put("measure", "ndcg_5")
              .put("resamples", Difference.RESAMPLES)
              .put("confidence", Difference.CONFIDENCE);
      ArrayNode classes = compared.putArray("classes");
      differences.forEach((name, d) ->
          classes
              .addObject()
              .put("class", name)
              .put("queries", d.queries())
              .put("before", d.before())
              .put("now", d.now())
              .put("change", d.change())
              .put("low", d.low())
              .put("high", d.high()));
    }
    return root;
  }

  private static void put(ObjectNode node, String name, Metrics m) {
    node.put("class", name)
        .put("queries", m.queries())
        .put("ndcg_5", m.ndcg5())
        .put("recall_5", m.recall5())
        .put("mrr_10", m.mrr10())
        .put("p_1", m.p1());
  }

  private static String rounded(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
  }
}
