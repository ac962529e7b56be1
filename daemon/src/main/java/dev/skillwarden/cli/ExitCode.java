package dev.skillwarden.cli;

/// Exit codes of every verb.
final class ExitCode {
  static final int DONE = 0;

  /// A gate failed, a request was denied, or cases did not match.
  static final int REFUSED = 1;

  /// Wrong usage, or nothing to check.
  static final int USAGE = 2;

  /// No decision could be made, for example because no daemon runs.
  static final int UNDECIDED = 3;

  /// Input or output, git, or an internal failure.
  static final int FAILURE = 4;

  private ExitCode() {}
}
