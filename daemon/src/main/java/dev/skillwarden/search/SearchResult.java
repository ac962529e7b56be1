package dev.skillwarden.search;

import dev.skillwarden.skill.Skill;
import java.util.List;

/// Hits, best first.
///
/// @param mode which arms answered
/// @param abstained whether the best candidates look too weak to be what was asked for
public record SearchResult(List<Hit> hits, Mode mode, boolean abstained) {
  public SearchResult {
    hits = List.copyOf(hits);
  }

  /// @param score fused score, higher is better, comparable within one result only
  public record Hit(Skill skill, double score) {}

  public enum Mode {
    HYBRID,
    LEXICAL,
    DENSE
  }
}
