package dev.skillwarden.cli;

import dev.skillwarden.policy.Rule;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.shell.Outline;
import dev.skillwarden.shell.PowerShellParser;
import dev.skillwarden.shell.ShellParser;
import dev.skillwarden.shell.ShellSyntaxException;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A judged call, told to a person or a program.
///
/// @param command shell text of the call, empty for other tools
/// @param now when allowances are proposed from
record Explanation(String tool, String command, ToolDecision decision, Instant now) {
  /// How long a proposed allowance lasts.
  private static final int ALLOWANCE_DAYS = 30;

  private Optional<Rule> rule() {
    return Rule.of(decision.rule());
  }

  private List<String> parse() {
    if (command.isEmpty()) {
      return List.of();
    }
    try {
      return Outline.of(
          tool.equals("PowerShell")
              ? PowerShellParser.parse(command, 0)
              : ShellParser.parse(command));
    } catch (ShellSyntaxException e) {
      return List.of("does not parse: " + e.getMessage());
    }
  }

  /// The line of the command that matched, and the same length of `^` below it; empty when the
  /// match is not there word for word.
  List<String> underlined() {
    String span = decision.span();
    int at = span.isEmpty() ? -1 : command.indexOf(span);
    if (at < 0) {
      return List.of();
    }
    int start = command.lastIndexOf('\n', at) + 1;
    int end = command.indexOf('\n', at);
    String line = command.substring(start, end < 0 ? command.length() : end);
    int length = Math.min(span.length(), line.length() - (at - start));
    return List.of(line, " ".repeat(at - start) + "^".repeat(Math.max(1, length)));
  }

  /// What a policy file would have to say for the call to pass.
  List<String> change() {
    if (rule().isEmpty()) {
      return List.of();
    }
    if (rule().get().alwaysEnforced()) {
      return List.of("nothing in policy.yaml softens this rule");
    }
    List<String> lines = new ArrayList<>();
    if (!command.isEmpty() && command.indexOf('\n') < 0) {
      lines.add("allowances:");
      lines.add("  - rule: " + decision.rule());
      lines.add("    command: '" + command.replace("'", "''") + "'");
      lines.add("    reason: WHY");
      lines.add(
          "    expires: " + now.plus(ALLOWANCE_DAYS, ChronoUnit.DAYS).truncatedTo(ChronoUnit.DAYS));
      lines.add("# or for every call:");
    }
    lines.add("rules:");
    lines.add(
        "  "
            + decision.rule()
            + (decision.verdict() == Verdict.DENY ? ": ask    # or off" : ": off"));
    return lines;
  }

  ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("decision", decision.verdict().text())
            .put("rule", decision.rule())
            .put("reason", decision.reason())
            .put("span", decision.span())
            .put("suggestion", decision.suggestion())
            .put("documentation", rule().map(Rule::documentation).orElse(""));
    int at = decision.span().isEmpty() ? -1 : command.indexOf(decision.span());
    node.put("span_start", at).put("span_end", at < 0 ? -1 : at + decision.span().length());
    array(node.putArray("effects"), decision.effects());
    array(node.putArray("parse"), parse());
    array(node.putArray("policy_change"), change());
    return node;
  }

  private static void array(ArrayNode array, List<String> lines) {
    lines.forEach(array::add);
  }

  void print(PrintWriter out) {
    boolean objects = decision.verdict() != Verdict.NONE;
    out.println("decision   " + (objects ? decision.verdict().text() : "no objection"));
    if (!decision.rule().isEmpty()) {
      out.println("rule       " + decision.rule());
      out.println("why        " + decision.reason());
      List<String> marked = underlined();
      block(out, "matched", marked.isEmpty() ? List.of(decision.span()) : marked);
      out.println("instead    " + decision.suggestion());
    }
    block(out, "effects", decision.effects());
    block(out, "parse", parse());
    block(out, "policy", change());
    rule().ifPresent(r -> out.println("more       " + r.documentation()));
  }

  private static void block(PrintWriter out, String label, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      out.println("%-11s%s".formatted(i == 0 ? label : "", lines.get(i)));
    }
  }
}
