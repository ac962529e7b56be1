package dev.skillwarden.eval;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.skill.SkillId;
import java.util.Optional;
import java.util.OptionalInt;

/// What search answered to one trigger.
///
/// @param caller who asked
/// @param place of the skill, 1 for the first; empty when it is not among the best
///   [dev.skillwarden.search.SearchQuery#MAX_K]
/// @param first the first hit, empty when there is none
/// @param abstained whether search said that nothing fits well
/// @param passed whether it is as the trigger says
public record TriggerResult(
    Suite suite,
    Trigger trigger,
    Caller caller,
    OptionalInt place,
    Optional<SkillId> first,
    boolean abstained,
    boolean passed,
    Verdict verdict) {
  /// What was wanted and what was found, for people.
  public String detail() {
    String wanted =
        trigger.shouldTrigger()
            ? "should be among the first %d".formatted(trigger.k())
            : "should not be first";
    String found = place.isEmpty() ? "is not found" : "is number %d".formatted(place.getAsInt());
    String other =
        first.filter(id -> !id.equals(suite.skill())).map(id -> "; first is " + id).orElse("");
    return wanted
        + ", "
        + found
        + other
        + (abstained ? "; search says that nothing fits well" : "");
  }
}
