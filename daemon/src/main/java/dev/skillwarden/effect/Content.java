package dev.skillwarden.effect;

import java.util.Optional;

/// What flows through a pipe, lies in a file or comes out of a substitution.
///
/// @param taints where it comes from
/// @param text the text itself, where it is known
public record Content(Taints taints, Optional<String> text) {
  /// Nothing is known of it, but that it is nothing special.
  static final Content PLAIN = new Content(Taints.NONE, Optional.empty());

  static final Content EMPTY = new Content(Taints.NONE, Optional.of(""));

  static Content of(String text) {
    return new Content(Taints.NONE, Optional.of(text));
  }

  /// Text of an origin, the text itself not known.
  public static Content of(Taints taints) {
    return new Content(taints, Optional.empty());
  }

  /// As the content of a word: all its words in one text.
  static Content of(Value value) {
    return new Content(
        value.taints(), value.known() ? Optional.of(value.text()) : Optional.empty());
  }

  Content with(Taints more) {
    return new Content(taints.plus(more), text);
  }

  /// This and then the other.
  Content then(Content next) {
    if (next.equals(EMPTY)) {
      return this;
    }
    if (equals(EMPTY)) {
      return next;
    }
    return new Content(
        taints.plus(next.taints), text.flatMap(t -> next.text.map(n -> Content.bounded(t + n))));
  }

  /// One of the two, not known which: their texts are both run when it is run.
  Content or(Content other) {
    if (other.equals(EMPTY) || equals(other)) {
      return this;
    }
    if (equals(EMPTY)) {
      return other;
    }
    Optional<String> both =
        text.isPresent() && other.text.isPresent()
            ? text.map(t -> bounded(t + "\n" + other.text.get()))
            : text.or(other::text);
    return new Content(taints.plus(other.taints), both);
  }

  /// The longest text that is remembered, in characters.
  public static final int MAX_TEXT = 64 << 10;

  private static String bounded(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  Value value() {
    return text.map(t -> new Value(t, true, taints, false)).orElseGet(() -> Value.unknown(taints));
  }
}
