package dev.skillwarden.redact;

import java.util.List;

/// Private keys in PEM. A block without its end is taken to the end of what is searched, an end
/// without its beginning from the beginning of it: the other half was cut off.
final class PrivateKeys {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String KIND = "PRIVATE KEY";

  /// Longest first or last line of a block.
  private static final int LINE = 80;

  private PrivateKeys() {}

  static void find(String text, int from, int to, List<Hit> hits) {
    int done = from;
    while (done < to) {
      int begin = marker(text, BEGIN, done, to);
      int end = marker(text, END, done, to);
      if (end >= 0 && (begin < 0 || end < begin)) {
        done = lineEnd(text, end, to);
        hits.add(new Hit(from, done, "private-key"));
      } else if (begin >= 0) {
        done = end < 0 ? to : lineEnd(text, end, to);
        hits.add(new Hit(begin, done, "private-key"));
      } else {
        return;
      }
    }
  }

  private static int marker(String text, String dashes, int from, int to) {
    int at = text.indexOf(dashes, from, to);
    while (at >= 0) {
      int kind = text.indexOf(KIND, at, Math.min(to, at + LINE));
      if (kind >= 0) {
        return at;
      }
      at = text.indexOf(dashes, at + dashes.length(), to);
    }
    return -1;
  }

  private static int lineEnd(String text, int end, int to) {
    int kind = text.indexOf(KIND, end, to) + KIND.length();
    while (kind < to && text.charAt(kind) == '-') {
      kind++;
    }
    return kind;
  }
}
