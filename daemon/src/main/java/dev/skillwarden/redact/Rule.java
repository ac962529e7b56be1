package dev.skillwarden.redact;

import java.util.List;

/// Recognises secrets of one kind.
sealed interface Rule permits TokenRule, CredentialRule, CommandRule, EntropyRule {
  /// What the text must hold, in lower case, at least two ASCII characters; the rule is asked only
  /// where it stands.
  String keyword();

  /// The secrets that a keyword tells of. Looks no further than a bounded number of characters, so
  /// that all rules together stay linear.
  ///
  /// @param at where the keyword begins
  List<Hit> find(Window window, int at);
}
