package dev.skillwarden.claude;

import java.util.Optional;
import java.util.regex.Pattern;

/// What Claude Code does to the text of a skill file before the model reads it: it puts arguments
/// in the place of `$1`, runs the command in an exclamation mark and backticks, and attaches the
/// file after an `@`. The instructions of a registry are plain text, and no tool call is seen for
/// any of this.
final class ClientMarkup {
  /// Arguments by position; a backslash before it makes it text again.
  private static final Pattern POSITION = Pattern.compile("\\$(?=[0-9])");

  /// What has no spelling that the client leaves alone.
  private static final Pattern ACTIVE =
      Pattern.compile(
          "!`" // runs a command
              + "|(?m:^[ \\t>]*(?:`{3,}|~{3,})[ \\t]*!)" // a block of commands
              + "|\\$ARGUMENTS|\\$\\{CLAUDE" // replaced
              + "|\\\\\\$(?=[0-9])" // the escape itself
              + "|(?<![A-Za-z0-9._-])@(?=\\S)"); // attaches a file

  private ClientMarkup() {}

  /// The text spelled so that the client hands it on as it is; empty when there is no such
  /// spelling.
  static Optional<String> literal(String text) {
    return ACTIVE.matcher(text).find()
        ? Optional.empty()
        : Optional.of(POSITION.matcher(text).replaceAll("\\\\\\$"));
  }
}
