package dev.skillwarden.text;

/// One thing wrong in a text file.
///
/// @param file name to show, as the reader of the message knows it
/// @param line 1-based, 0 when the problem concerns the whole file
/// @param column 1-based, 0 when the problem concerns the whole line
/// @param kind what the strict reader refused, for readers that number their rules
/// @param message what was found, what is wanted, what to do
public record Problem(String file, int line, int column, Kind kind, String message) {
  /// Why the strict YAML reader refuses a text.
  public enum Kind {
    /// Not YAML, more than one document, or nested too deep.
    SYNTAX,
    DUPLICATE_KEY,
    /// An anchor, an alias or a tag.
    REFERENCE,
    /// Not UTF-8.
    ENCODING,
    SIZE,
    /// Readable, but not what is wanted.
    VALUE
  }

  /// A problem of a value.
  public Problem(String file, int line, int column, String message) {
    this(file, line, column, Kind.VALUE, message);
  }

  @Override
  public String toString() {
    if (line == 0) {
      return file + ": " + message;
    }
    return file + ":" + line + (column == 0 ? "" : ":" + column) + ": " + message;
  }
}
