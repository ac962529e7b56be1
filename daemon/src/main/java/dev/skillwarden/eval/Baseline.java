package dev.skillwarden.eval;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What an earlier run found, from its JSON result.
///
/// @param mode arms that answered then, `hybrid` or `lexical`
/// @param passed whether each trigger passed; edge cases are not in it
public record Baseline(String mode, Map<Key, Boolean> passed) {
  /// By what a trigger is known again.
  ///
  /// @param skill `team/name`
  public record Key(String skill, String query, boolean shouldTrigger) {
    static Key of(Suite suite, Trigger trigger) {
      return new Key(suite.skill().toString(), trigger.query(), trigger.shouldTrigger());
    }
  }

  public Baseline {
    passed = Map.copyOf(passed);
  }

  /// @throws InvalidTextException when the file is no result of `eval triggers`
  public static Baseline parse(String file, byte[] utf8) throws InvalidTextException {
    JsonNode root = Json.parse(file, utf8);
    List<Problem> problems = new ArrayList<>();
    if (!root.path("mode").isString() || !root.path("triggers").isArray()) {
      problems.add(problem(file, "wants what `eval triggers --out FILE` wrote"));
    }
    Map<Key, Boolean> passed = new HashMap<>();
    int index = 0;
    for (JsonNode trigger : root.path("triggers")) {
      if (!trigger.path("skill").isString()
          || !trigger.path("query").isString()
          || !trigger.path("kind").isString()
          || !trigger.path("should_trigger").isBoolean()
          || !trigger.path("passed").isBoolean()) {
        problems.add(
            problem(
                file,
                "triggers[%d] wants skill, query, kind, should_trigger and passed"
                    .formatted(index)));
      } else if (!trigger.path("kind").stringValue().equals("edge")) {
        passed.put(
            new Key(
                trigger.path("skill").stringValue(),
                trigger.path("query").stringValue(),
                trigger.path("should_trigger").booleanValue()),
            trigger.path("passed").booleanValue());
      }
      index++;
    }
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    return new Baseline(root.path("mode").stringValue(), passed);
  }

  /// Whether the trigger passed then; empty when it was not there.
  Optional<Boolean> passed(Key key) {
    return Optional.ofNullable(passed.get(key));
  }

  private static Problem problem(String file, String message) {
    return new Problem(file, 1, 1, message);
  }
}
