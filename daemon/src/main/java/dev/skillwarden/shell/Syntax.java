package dev.skillwarden.shell;

import java.util.List;
import java.util.Optional;

/// What the parser makes of shell text.
sealed interface Syntax {
  /// @param pieces text and expansions in order
  /// @param span the word as written
  record Word(List<Piece> pieces, String span) {
    public Word {
      pieces = List.copyOf(pieces);
    }
  }

  /// Part of a word.
  sealed interface Piece {
    /// @param quoted whether quotes or a backslash protect it from globbing and braces
    record Text(String text, boolean quoted) implements Piece {}

    /// @param fallback word of `${name:-word}` and its kin, when there is one
    record Variable(String name, Optional<Word> fallback) implements Piece {}

    /// `$(…)`, backticks, `<(…)`, `>(…)`.
    record Substitution(Syntax body, boolean process) implements Piece {}

    /// `$((…))` and other expansions whose value is not followed.
    record Opaque(List<Syntax> inside) implements Piece {
      public Opaque {
        inside = List.copyOf(inside);
      }
    }
  }

  /// @param descriptor the number written before the operator, -1 when none
  /// @param hereDocument the body of a here-document or here-string, when it is one
  record Redirect(String operator, int descriptor, Word target, Optional<Word> hereDocument) {}

  record Assignment(String name, Word value) {}

  record Simple(
      List<Assignment> assignments, List<Word> words, List<Redirect> redirects, String span)
      implements Syntax {}

  /// Commands joined by `|`.
  record Pipeline(List<Syntax> stages, String span) implements Syntax {}

  /// Commands one after the other, whatever joins them.
  record Sequence(List<Syntax> items) implements Syntax {}

  /// A loop over words.
  record For(String variable, List<Word> words, Syntax body) implements Syntax {}

  /// A group, subshell or control structure: all its parts may run.
  record Compound(List<Syntax> parts, List<Word> words, List<Redirect> redirects, boolean subshell)
      implements Syntax {}

  record Function(String name, Syntax body) implements Syntax {}
}
