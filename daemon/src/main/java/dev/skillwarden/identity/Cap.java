package dev.skillwarden.identity;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What remains of an account's rights somewhere. It gives none.
///
/// @param teams the only teams whose skills remain, `public` ones aside; empty for all
/// @param levels the only access levels that remain, `public` among them or not; empty for all
public record Cap(Optional<Set<String>> teams, Optional<Set<AccessLevel>> levels) {
  /// Takes nothing away.
  public static final Cap NONE = new Cap(Optional.empty(), Optional.empty());

  public Cap {
    teams = teams.map(Set::copyOf);
    levels = levels.map(Set::copyOf);
  }

  /// Whether a right to use the skill remains.
  ///
  /// @param level the level in force for it
  public boolean permits(SkillId skill, AccessLevel level) {
    return (level == AccessLevel.PUBLIC || teams.isEmpty() || teams.get().contains(skill.team()))
        && (levels.isEmpty() || levels.get().contains(level));
  }

  /// What remains under both.
  Cap and(Cap other) {
    return new Cap(both(teams, other.teams), both(levels, other.levels));
  }

  private static <T> Optional<Set<T>> both(Optional<Set<T>> one, Optional<Set<T>> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isEmpty() ? other : one;
    }
    Set<T> both = new HashSet<>(one.get());
    both.retainAll(other.get());
    return Optional.of(both);
  }

  /// For people: `teams [a, b], levels [public]`.
  String text() {
    return List.of(
            teams.map(t -> "teams " + t.stream().sorted().toList()),
            levels.map(l -> "levels " + l.stream().sorted().map(AccessLevel::text).toList()))
        .stream()
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", "));
  }
}
