package dev.skillwarden.shell;

/// The text is no shell command, or exceeds the budget of the analysis.
public final class ShellSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean budget;

  ShellSyntaxException(String message, boolean budget) {
    super(message, null, false, false);
    this.budget = budget;
  }

  /// Whether depth or size was exceeded; otherwise the text could not be parsed.
  public boolean budget() {
    return budget;
  }
}
