package dev.skillwarden.text;

/// One thing wrong in a text file.
///
/// @param file name to show, as the reader of the message knows it
/// @param line 1-based, 0 when the problem concerns the whole file
/// @param column 1-based, 0 when the problem concerns the whole line
/// @param message what was found, what is wanted, what to do
public record Problem(String file, int line, int column, String message) {
  @Override
  public String toString() {
    if (line == 0) {
      return file + ": " + message;
    }
    return file + ":" + line + (column == 0 ? "" : ":" + column) + ": " + message;
  }
}
