package dev.skillwarden.skill;

import dev.skillwarden.text.Json;
import java.time.LocalDate;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// What an owner says to those who still use a skill or one of its majors.
///
/// @param since date from which on nobody should start to use it
/// @param reason one line, why
/// @param replacement what to use instead
/// @param sunset date announced for its end, when it differs from the usual six months
public record Deprecation(
    LocalDate since, String reason, Optional<SkillId> replacement, Optional<LocalDate> sunset) {
  /// Calendar months between deprecation and archive.
  public static final int MONTHS_TO_ARCHIVE = 6;

  /// The date from which on it may be archived: the sunset, or six calendar months after `since`
  /// (31 August gives 28 or 29 February).
  public LocalDate archiveOn() {
    return sunset.orElseGet(() -> since.plusMonths(MONTHS_TO_ARCHIVE));
  }

  /// One line for agents and people.
  public String text() {
    return "deprecated since %s: %s; %sto be archived on %s"
        .formatted(
            since,
            reason,
            replacement.map(r -> "use %s instead; ".formatted(r)).orElse(""),
            archiveOn());
  }

  /// As in a catalog.
  public ObjectNode json() {
    ObjectNode node = Json.object().put("since", since.toString()).put("reason", reason);
    replacement.ifPresent(r -> node.put("replacement", r.toString()));
    sunset.ifPresent(s -> node.put("sunset", s.toString()));
    return node;
  }
}
