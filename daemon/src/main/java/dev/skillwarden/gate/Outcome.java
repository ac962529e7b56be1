package dev.skillwarden.gate;

/// What came of a request: a value, or the reason why not.
public sealed interface Outcome<T> {
  record Ok<T>(T value) implements Outcome<T> {}

  record Refused<T>(ApiError error) implements Outcome<T> {}
}
