package dev.skillwarden.cli;

import dev.skillwarden.journal.EntryCodec;
import dev.skillwarden.journal.JournalEntry;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// An entry as one line for people. Control characters are shown, never sent to the terminal: they
/// come from what an agent wanted to run.
final class EntryText {
  private static final int LONGEST_COMMAND = 120;

  private EntryText() {}

  static String line(JournalEntry entry) {
    String subject = entry.skill().isEmpty() ? entry.tool() : versioned(entry);
    String text = entry.command().isEmpty() ? rest(entry) : entry.command();
    String line =
        String.format(
            Locale.ROOT,
            "%s  %-8s  %-10s  %-13s  %-10s  %-5s  %-20s  %s",
            entry.time().truncatedTo(ChronoUnit.SECONDS),
            entry.id(),
            entry.account(),
            EntryCodec.kind(entry.kind()),
            subject,
            entry.decision(),
            entry.rule(),
            shortened(text));
    return plain(line).stripTrailing();
  }

  private static String versioned(JournalEntry entry) {
    return entry.version().isEmpty() ? entry.skill() : entry.skill() + "@" + entry.version();
  }

  private static String rest(JournalEntry entry) {
    if (!entry.paths().isEmpty()) {
      return String.join(" ", entry.paths());
    }
    return entry.reason().isEmpty()
        ? (entry.detail().isEmpty() ? entry.outcome() : entry.detail())
        : entry.reason();
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_COMMAND ? text : text.substring(0, LONGEST_COMMAND - 3) + "...";
  }

  /// The text with everything a terminal might obey made visible.
  static String plain(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (Character.getType(c)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.SURROGATE,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR ->
                out.append(c == '\n' ? "\\n" : "\\u{" + Integer.toHexString(c) + "}");
            default -> out.appendCodePoint(c);
          }
        });
    return out.toString();
  }
}
