package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Findings for people and for scripts. They may quote an address, a file or another program, so
/// secrets are taken out.
final class FindingsText {
  private FindingsText() {}

  static List<Finding> shown(List<Finding> findings) {
    return findings.stream()
        .map(f ->
            new Finding(
                f.code(),
                f.ok(),
                Redactor.withoutSecrets(f.cause()),
                Redactor.withoutSecrets(f.next())))
        .toList();
  }

  /// `ok`, and `findings` in the order they were found.
  static ObjectNode json(List<Finding> findings) {
    ObjectNode root = Json.object().put("ok", findings.stream().allMatch(Finding::ok));
    root.putArray("findings").addAll(shown(findings).stream().map(Finding::json).toList());
    return root;
  }

  static void print(List<Finding> findings, PrintWriter out) {
    for (Finding finding : shown(findings)) {
      out.println(
          "%-4s %-24s %s"
              .formatted(finding.ok() ? "ok" : "FAIL", finding.code().id(), finding.cause()));
      if (!finding.ok()) {
        out.println("     next: " + finding.next());
      }
    }
  }

  static int exitCode(List<Finding> findings) {
    return findings.stream().allMatch(Finding::ok) ? ExitCode.DONE : ExitCode.REFUSED;
  }
}
