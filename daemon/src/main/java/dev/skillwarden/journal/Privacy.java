package dev.skillwarden.journal;

import dev.skillwarden.redact.Redactor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;

/// What an entry may tell of people and their secrets.
///
/// @param digest of commands of which something was left out
/// @param pseudonyms when accounts are not to be named
record Privacy(KeyedDigest digest, Optional<Pseudonyms> pseudonyms) {
  private static final System.Logger LOG = System.getLogger(Privacy.class.getName());

  static final String KEY_FILE = "digest.key";

  private static final int DIGEST_BYTES = 16;

  /// With the key of this journal, made at its first use. A journal whose key cannot be read or
  /// made works all the same: until the next start its digests are like no others.
  static Privacy open(Path directory, Optional<Pseudonyms> pseudonyms) {
    Path file = directory.resolve(KEY_FILE);
    try {
      return new Privacy(KeyFile.open(file), pseudonyms);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "equal commands will not be known as such: no key in " + file, e);
      return new Privacy(KeyedDigest.ofTheMoment(), pseudonyms);
    }
  }

  String account(JournalEntry entry) {
    return pseudonyms.map(p -> p.of(entry.account())).orElse(entry.account());
  }

  /// Text of the call.
  String called(JournalEntry entry, String text) {
    return Redactor.redact(withoutHome(entry, text)); // before it is cut, which may split a name
  }

  /// The command of an entry, with what matched.
  String command(JournalEntry entry) {
    JournalEntry.Span matched = entry.matched();
    String command = entry.command();
    int start = Math.clamp(matched.start(), 0, command.length());
    int end = Math.clamp(matched.end(), start, command.length());
    // In three parts, so that the place of what matched stays known.
    String before = withoutHome(entry, command.substring(0, start));
    String span = withoutHome(entry, command.substring(start, end));
    String after = withoutHome(entry, command.substring(end));
    return Redactor.redact(before + span + after, before.length(), before.length() + span.length());
  }

  /// What the daemon says of the call.
  String said(JournalEntry entry, String text) {
    String shown = pseudonyms.map(p -> p.withoutName(text, entry.account())).orElse(text);
    return called(entry, shown);
  }

  private String withoutHome(JournalEntry entry, String text) {
    return pseudonyms.map(p -> p.withoutHome(text, entry.account())).orElse(text);
  }

  /// Digest of what was called, empty when the entry has all of it.
  String digest(String called, String stored) {
    return called.equals(stored) ? "" : digest.of(called, DIGEST_BYTES);
  }
}
