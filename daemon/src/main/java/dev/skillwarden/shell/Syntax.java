package dev.skillwarden.shell;

import java.util.List;
import java.util.Optional;

/// What the parser makes of shell text.
public sealed interface Syntax {
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

    /// `$name`, `${name…}`.
    ///
    /// @param name also `@`, `*`, `#`, `?`, `$`, `!`, `-` and digits
    /// @param subscript of an array: `@`, `*` or an index
    /// @param arguments of the operator: the default, pattern and replacement, offset and length
    /// @param quoted whether it stands in double quotes, so that its value does not split
    record Parameter(
        String name,
        Optional<Word> subscript,
        Operator operator,
        List<Word> arguments,
        boolean quoted)
        implements Piece {
      public Parameter {
        arguments = List.copyOf(arguments);
      }
    }

    /// `$(…)`, backticks, `<(…)`, `>(…)`.
    record Substitution(Syntax body, Kind kind, boolean quoted) implements Piece {}

    /// `$((…))`: its value is not followed, substitutions in it run.
    record Arithmetic(List<Syntax> inside) implements Piece {
      public Arithmetic {
        inside = List.copyOf(inside);
      }
    }
  }

  /// What a `${…}` does with the value.
  enum Operator {
    NONE,
    /// `${x:-w}`, `${x-w}`.
    DEFAULT,
    /// `${x:=w}`, `${x=w}`.
    ASSIGN,
    /// `${x:+w}`, `${x+w}`.
    ALTERNATIVE,
    /// `${x:?w}`, `${x?w}`.
    REQUIRED,
    /// `${x#p}`, `${x##p}`.
    REMOVE_PREFIX,
    /// `${x%p}`, `${x%%p}`.
    REMOVE_SUFFIX,
    /// `${x/p/r}`, also anchored.
    REPLACE,
    /// `${x//p/r}`.
    REPLACE_ALL,
    /// `${x:o:l}`.
    SUBSTRING,
    /// `${x^}`, `${x^^}`.
    UPPER,
    /// `${x,}`, `${x,,}`.
    LOWER,
    /// `${#x}`.
    LENGTH,
    /// `${!x}`: the value of the variable that x names.
    INDIRECT,
    /// `${!x*}`, `${!x[@]}`, `${x@Q}` and others whose value is not followed.
    OTHER
  }

  /// Kinds of substitution.
  enum Kind {
    COMMAND,
    /// `<(…)`.
    INPUT,
    /// `>(…)`.
    OUTPUT
  }

  /// @param descriptor the number or `{name}` written before the operator, empty when none
  /// @param hereDocument the body of a here-document or here-string, when it is one
  record Redirect(String operator, String descriptor, Word target, Optional<Word> hereDocument) {}

  /// @param append whether it is `+=`
  /// @param elements the words of `name=(…)`; then `value` is empty
  record Assignment(String name, boolean append, Word value, Optional<List<Word>> elements) {}

  record Simple(
      List<Assignment> assignments, List<Word> words, List<Redirect> redirects, String span)
      implements Syntax {}

  /// Commands joined by `|`.
  record Pipeline(List<Syntax> stages, String span) implements Syntax {}

  /// Commands one after the other, whatever joins them.
  record Sequence(List<Syntax> items) implements Syntax {}

  /// A command followed by `&`.
  record Background(Syntax body) implements Syntax {}

  /// A loop over words.
  record For(String variable, List<Word> words, Syntax body) implements Syntax {}

  /// A group, subshell or control structure: all its parts may run.
  ///
  /// @param repeats whether it is a `while`, `until` or arithmetic `for`
  record Compound(
      List<Syntax> parts,
      List<Word> words,
      List<Redirect> redirects,
      boolean subshell,
      boolean repeats)
      implements Syntax {}

  record Function(String name, Syntax body) implements Syntax {}
}
