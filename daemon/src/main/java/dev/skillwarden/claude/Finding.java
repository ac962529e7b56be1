package dev.skillwarden.claude;

import dev.skillwarden.text.Json;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// One thing that was looked at.
///
/// @param cause what was found
/// @param next what to do, empty when it is good
public record Finding(FindingCode code, boolean ok, String cause, String next) {
  public static Finding good(FindingCode code, String cause) {
    return new Finding(code, true, cause, "");
  }

  public static Finding bad(FindingCode code, String cause, String next) {
    return new Finding(code, false, cause, next);
  }

  /// As in every `--format json`.
  public ObjectNode json() {
    return Json.object().put("code", code.id()).put("ok", ok).put("cause", cause).put("next", next);
  }

  /// `healthy`, or `unhealthy:` and each code once: what device management reads.
  public static String oneLine(List<Finding> findings) {
    String bad =
        findings.stream()
            .filter(f -> !f.ok())
            .map(f -> f.code().id())
            .distinct()
            .collect(Collectors.joining(" "));
    return bad.isEmpty() ? "healthy" : "unhealthy: " + bad;
  }
}
