package dev.skillwarden.lint;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.Finding.Severity;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A report as text for people, as JSON, as annotations of GitHub Actions, and as SARIF 2.1.0
/// (OASIS standard) for code scanning.
public final class Output {
  /// Annotations of one level that GitHub shows for one step.
  static final int MAX_ANNOTATIONS = 10;

  /// Largest step summary, in bytes; GitHub refuses more than 1 MiB.
  static final int MAX_SUMMARY = 1_000_000;

  /// Results of one SARIF run that GitHub takes.
  static final int MAX_RESULTS = 25_000;

  private static final String DOCUMENTATION = "https://skillwarden.dev/docs/registry#";

  private static final List<SkillRule> RULES = List.of(SkillRule.values());

  private final Report report;
  private final Duration took;
  private final Map<String, List<String>> lines;

  public Output(Report report, Duration took) {
    this.report = report;
    this.took = took;
    this.lines = report.lines();
  }

  /// One line a finding: `path:line:col: error SK020 version-not-semver: message. Hint.`, then a
  /// summary.
  public String text() {
    StringBuilder out = new StringBuilder();
    for (Finding finding : report.findings()) {
      out.append(finding).append(". ").append(finding.rule().hint()).append('\n');
    }
    return out.append(summary()).append('\n').toString();
  }

  /// `214 skills, 3 errors, 1 warning, 0 infos in 0.41 s`.
  public String summary() {
    return "%,d skill%s: %s, %s, %s in %.2f s"
        .formatted(
            report.skills(),
            report.skills() == 1 ? "" : "s",
            counted(Severity.ERROR, "error"),
            counted(Severity.WARNING, "warning"),
            counted(Severity.INFO, "note"),
            took.toMillis() / 1000.0);
  }

  private String counted(Severity severity, String word) {
    long count = report.count(severity);
    return "%,d %s%s".formatted(count, word, count == 1 ? "" : "s");
  }

  public ObjectNode json() {
    ObjectNode root = Json.object().put("schema", 1);
    root.putObject("summary")
        .put("skills", report.skills())
        .put("errors", report.count(Severity.ERROR))
        .put("warnings", report.count(Severity.WARNING))
        .put("infos", report.count(Severity.INFO))
        .put("duration_ms", took.toMillis());
    ArrayNode findings = root.putArray("findings");
    Map<String, Integer> seen = new HashMap<>();
    for (Finding f : report.findings()) {
      Region region = region(f);
      findings
          .addObject()
          .put("rule", f.rule().id())
          .put("name", f.rule().slug())
          .put("level", f.severity().text())
          .put("file", f.at().file())
          .put("line", region.line())
          .put("col", region.column())
          .put("endLine", region.line())
          .put("endCol", region.endColumn())
          .put("skill", skill(f.at().file()))
          .put("message", f.at().message())
          .put("hint", f.rule().hint())
          .put("fingerprint", fingerprint(f, region, seen));
    }
    return root;
  }

  /// The skill a path stands for; empty for other files.
  private static String skill(String path) {
    return path.startsWith(".claude/skills/") && path.endsWith(".md")
        ? path.substring(".claude/skills/".length(), path.length() - ".md".length())
        : "";
  }

  /// Where a finding is shown: from its column to the end of the line.
  ///
  /// @param line 1-based
  /// @param column 1-based
  /// @param endColumn one past the last character, at least `column + 1`
  /// @param text the whole line
  private record Region(int line, int column, int endColumn, String text) {}

  private Region region(Finding finding) {
    List<String> of = lines.getOrDefault(finding.at().file(), List.of());
    int line = Math.max(1, finding.at().line());
    String text = line <= of.size() ? of.get(line - 1) : "";
    int column = Math.max(1, finding.at().column());
    int end = Math.max(column + 1, text.stripTrailing().length() + 1);
    return new Region(line, column, end, text);
  }

  /// The same while the line's text is the same, wherever it moves to in the file.
  private static String fingerprint(Finding finding, Region region, Map<String, Integer> seen) {
    String key = finding.rule().id() + "|" + finding.at().file() + "|" + region.text().strip();
    int occurrence = seen.merge(key, 1, Integer::sum);
    return Sha256.of(key + "|" + occurrence).substring(0, 16);
  }

  /// Workflow commands for standard output: at most [#MAX_ANNOTATIONS] a level, since GitHub drops
  /// the rest without a word. Errors first, then files of the change.
  public String github() {
    StringBuilder out = new StringBuilder();
    int hidden = 0;
    for (Severity severity : Severity.values()) {
      List<Finding> of =
          report.findings().stream()
              .filter(f -> f.severity() == severity)
              .sorted(
                  Comparator.comparing((Finding f) -> !report.changed().contains(f.at().file())))
              .toList();
      of.stream().limit(room(severity)).forEach(f -> out.append(annotation(f)));
      hidden += Math.max(0, of.size() - room(severity));
    }
    if (hidden > 0) {
      out.append("::notice::and %,d more - see the step summary\n".formatted(hidden));
    }
    return out.append(summary()).append('\n').toString();
  }

  /// One notice is kept for "and N more".
  private static int room(Severity severity) {
    return severity == Severity.INFO ? MAX_ANNOTATIONS - 1 : MAX_ANNOTATIONS;
  }

  private String annotation(Finding finding) {
    String command =
        switch (finding.severity()) {
          case ERROR -> "error";
          case WARNING -> "warning";
          case INFO -> "notice";
        };
    Region region = region(finding);
    return "::%s file=%s,line=%d,endLine=%d,col=%d,title=%s::%s\n"
        .formatted(
            command,
            property(finding.at().file()),
            region.line(),
            region.line(),
            region.column(),
            property(finding.rule().id() + " " + finding.rule().slug()),
            data(finding.at().message() + ". " + finding.rule().hint()));
  }

  /// Escapes of workflow commands (actions/toolkit, docs/commands).
  static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }

  /// Every finding as a Markdown table, cut below the size GitHub takes.
  public String summaryMarkdown() {
    StringBuilder out = new StringBuilder("### Skills lint\n\n").append(summary()).append("\n\n");
    if (report.findings().isEmpty()) {
      return out.toString();
    }
    out.append("| | Rule | Where | What |\n|---|---|---|---|\n");
    int size = out.toString().getBytes(StandardCharsets.UTF_8).length;
    int written = 0;
    List<Finding> sorted = new ArrayList<>(report.findings());
    sorted.sort(Comparator.comparing(Finding::severity));
    for (Finding f : sorted) {
      String row =
          "| %s | %s %s | %s:%d | %s |\n"
              .formatted(
                  f.severity().text(),
                  f.rule().id(),
                  f.rule().slug(),
                  cell(f.at().file()),
                  f.at().line(),
                  cell(f.at().message() + ". " + f.rule().hint()));
      size += row.getBytes(StandardCharsets.UTF_8).length;
      if (size > MAX_SUMMARY - 200) {
        return out.append("\n%,d more are not shown.\n".formatted(sorted.size() - written))
            .toString();
      }
      out.append(row);
      written++;
    }
    return out.toString();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;");
  }

  /// @param version of the program
  public ObjectNode sarif(String version) {
    ObjectNode root =
        Json.object()
            .put(
                "$schema",
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
            .put("version", "2.1.0");
    ObjectNode run = root.putArray("runs").addObject();
    ObjectNode driver =
        run.putObject("tool")
            .putObject("driver")
            .put("name", "skillwarden")
            .put("semanticVersion", version)
            .put("informationUri", DOCUMENTATION.substring(0, DOCUMENTATION.length() - 1));
    ArrayNode rules = driver.putArray("rules");
    for (SkillRule rule : RULES) {
      ObjectNode node = rules.addObject().put("id", rule.id()).put("name", pascal(rule));
      node.putObject("shortDescription").put("text", rule.summary());
      node.putObject("fullDescription").put("text", rule.summary() + " " + rule.hint());
      node.putObject("help").put("text", rule.hint()).put("markdown", rule.hint());
      node.put("helpUri", DOCUMENTATION + rule.id().toLowerCase(Locale.ROOT));
      node.putObject("defaultConfiguration").put("level", level(rule.severity()));
    }
    run.putObject("automationDetails").put("id", "skillwarden/lint/");
    run.putObject("originalUriBaseIds")
        .putObject("SRCROOT")
        .putObject("description")
        .put("text", "The top of the skills repository.");
    run.put("columnKind", "utf16CodeUnits");
    ArrayNode results = run.putArray("results");
    Map<String, Integer> seen = new HashMap<>();
    report.findings().stream()
        .sorted(Comparator.comparing(Finding::severity))
        .limit(MAX_RESULTS)
        .forEach(f -> result(results.addObject(), f, seen));
    return root;
  }

  private void result(ObjectNode result, Finding finding, Map<String, Integer> seen) {
    Region region = region(finding);
    result
        .put("ruleId", finding.rule().id())
        .put("ruleIndex", RULES.indexOf(finding.rule()))
        .put("level", level(finding.severity()));
    result.putObject("message").put("text", finding.at().message() + ". " + finding.rule().hint());
    ObjectNode physical = result.putArray("locations").addObject().putObject("physicalLocation");
    physical
        .putObject("artifactLocation")
        .put("uri", uri(finding.at().file()))
        .put("uriBaseId", "SRCROOT");
    ObjectNode at =
        physical
            .putObject("region")
            .put("startLine", region.line())
            .put("startColumn", region.column())
            .put("endLine", region.line())
            .put("endColumn", region.endColumn());
    at.putObject("snippet").put("text", region.text());
    List<String> of = lines.getOrDefault(finding.at().file(), List.of());
    int from = Math.max(1, region.line() - 1);
    int to = Math.max(region.line(), Math.min(of.size(), region.line() + 1));
    ObjectNode context =
        physical.putObject("contextRegion").put("startLine", from).put("endLine", to);
    context
        .putObject("snippet")
        .put(
            "text",
            from <= of.size()
                ? String.join("\n", of.subList(from - 1, Math.min(to, of.size())))
                : "");
    result
        .putObject("partialFingerprints")
        .put("primaryLocationLineHash", fingerprint(finding, region, seen));
  }

  private static String level(Severity severity) {
    return switch (severity) {
      case ERROR -> "error";
      case WARNING -> "warning";
      case INFO -> "note";
    };
  }

  /// `VersionNotSemver`, the form SARIF's own rules ask of rule names.
  private static String pascal(SkillRule rule) {
    StringBuilder name = new StringBuilder();
    for (String word : rule.slug().split("-", -1)) {
      name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return name.toString();
  }

  private static String uri(String path) {
    StringBuilder uri = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0);
      uri.append(plain ? String.valueOf(c) : "%%%02X".formatted(b & 0xFF));
    }
    return uri.toString();
  }

  /// Whether the report fails at this level.
  public static boolean fails(Report report, Severity level) {
    return report.findings().stream().anyMatch(f -> f.severity().compareTo(level) <= 0);
  }

  /// The step summary's file when the program runs in GitHub Actions.
  public static Optional<String> summaryFile(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("GITHUB_STEP_SUMMARY")).filter(f -> !f.isBlank());
  }
}
