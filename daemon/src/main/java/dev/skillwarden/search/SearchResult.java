package dev.skillwarden.search;

import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.Version;
import java.util.List;
import java.util.OptionalDouble;

/// Hits, best first.
///
/// @param mode which arms answered
/// @param abstained whether the best candidates look too weak to be what was asked for
public record SearchResult(List<Hit> hits, Mode mode, boolean abstained) {
  public SearchResult {
    hits = List.copyOf(hits);
  }

  /// @param skill the highest permitted release
  /// @param score 0 to 1 in steps of 0.001, higher is better; that of the best hit tells how well
  ///   it fits
  /// @param majors versions of the highest permitted release of each major, highest first
  /// @param words of the query that the skill has, as the query spells them
  /// @param similarity cosine between the query and what the skill says of itself, -1 to 1 in steps
  ///   of 0.001; empty when answered by words
  public record Hit(
      Skill skill,
      double score,
      List<Version> majors,
      List<String> words,
      OptionalDouble similarity) {
    public Hit {
      majors = List.copyOf(majors);
      words = List.copyOf(words);
    }
  }

  public enum Mode {
    HYBRID,
    LEXICAL,
    DENSE
  }
}
