package dev.skillwarden.eval;

import java.util.Map;

/// A query with what a person says its answer is.
///
/// @param type class of the query, such as `easy`; [#NO_ANSWER] when nothing answers it
/// @param relevant grade by id: 2 is what was wanted, 1 helps, 0 does not
public record GradedQuery(String qid, String type, Map<String, Integer> relevant) {
  /// Class of the queries that nothing answers.
  public static final String NO_ANSWER = "no-answer";

  /// Highest grade.
  public static final int MAX_GRADE = 2;

  public GradedQuery {
    relevant = Map.copyOf(relevant);
    if (type.equals(Quality.ALL)) {
      throw new IllegalArgumentException(
          "class '%s' stands for all queries together; take another".formatted(type));
    }
    for (Map.Entry<String, Integer> entry : relevant.entrySet()) {
      if (entry.getValue() < 0 || entry.getValue() > MAX_GRADE) {
        throw new IllegalArgumentException(
            "the grade of '%s' wants 0 to %d, found %d"
                .formatted(entry.getKey(), MAX_GRADE, entry.getValue()));
      }
    }
    boolean answered = relevant.values().stream().anyMatch(grade -> grade > 0);
    if (answered && type.equals(NO_ANSWER)) {
      throw new IllegalArgumentException("has class no-answer and relevant ids; keep one");
    }
    if (!answered && !type.equals(NO_ANSWER)) {
      throw new IllegalArgumentException(
          "relevant wants an id with a grade above 0, or class no-answer");
    }
  }

  boolean hasAnswer() {
    return !type.equals(NO_ANSWER);
  }
}
