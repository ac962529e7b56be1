package dev.skillwarden.search;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.util.Optional;

/// What to find.
///
/// @param text what the agent wants to do, 1 to [#MAX_LENGTH] characters
/// @param k how many hits at most, 1 to [#MAX_K]
public record SearchQuery(
    String text,
    int k,
    Optional<String> team,
    Optional<AccessLevel> accessLevel,
    Optional<String> tag) {
  public static final int MAX_K = 50;
  public static final int MAX_LENGTH = 2_000;

  public SearchQuery {
    if (text.isBlank() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "query wants 1 to %,d characters, found %,d".formatted(MAX_LENGTH, text.length()));
    }
    if (k < 1 || k > MAX_K) {
      throw new IllegalArgumentException("k wants 1 to %d, found %d".formatted(MAX_K, k));
    }
  }

  public static SearchQuery of(String text, int k) {
    return new SearchQuery(text, k, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// Whether a release passes the filters.
  boolean admits(Skill skill) {
    if (team.isEmpty() && accessLevel.isEmpty() && tag.isEmpty()) {
      return true; // asked of thousands, and filters are seldom set
    }
    return team.map(skill.id().team()::equals).orElse(true)
        && accessLevel.map(skill.accessLevel()::equals).orElse(true)
        && tag.map(skill.tags()::contains).orElse(true);
  }
}
