package dev.skillwarden.journal.verify;

/// Hears from time to time how far a verification is.
@FunctionalInterface
public interface Progress {
  /// Nobody listens.
  Progress NONE = records -> {};

  /// Called every few thousand records; must return soon.
  ///
  /// @param records verified so far
  void reached(long records);
}
