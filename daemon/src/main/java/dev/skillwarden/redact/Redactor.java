package dev.skillwarden.redact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Replaces secrets in free text by markers such as `[redacted:aws-key]` and cuts long text.
///
/// A text over [#LIMIT] characters keeps its first [#HEAD], the span that mattered with [#AROUND]
/// on either side, and its last [#TAIL] characters; each cut says how much is missing and one
/// marker how long the whole was. Nothing is derived from the whole: a plain digest of it would
/// tell a short secret to whoever tries all. Only what is kept, and [#MARGIN] characters around it,
/// is searched, and a text that was made to be slow becomes a marker with its length, so the work
/// is bounded whatever the text. Applying it again changes nothing.
public final class Redactor {
  /// Number of the rules, recorded with the journal: what they leave is not what others leave.
  /// Raised whenever rules change; a test holds it to them.
  public static final int VERSION = 1;

  /// Characters kept as they are.
  public static final int LIMIT = 8192;

  /// Characters kept at the beginning of a long text.
  public static final int HEAD = 4096;

  /// Characters kept at the end of a long text.
  public static final int TAIL = 2048;

  /// Longest part of the span that is kept.
  public static final int SPAN = 1024;

  /// Characters kept before and after the span.
  public static final int AROUND = 512;

  /// Characters searched beyond what is kept, for secrets that cross the cut.
  static final int MARGIN = 1024;

  /// Begins what is said of a text that was cut.
  private static final String WHOLE = "[whole: ";

  private Redactor() {}

  /// Whether parts of the text were left out by [#redact(String)].
  public static boolean isCut(String text) {
    return text.contains(WHOLE);
  }

  /// The text without secrets, cut to head and tail when it is long.
  public static String redact(String text) {
    return redact(text, 0, 0);
  }

  /// The whole text without secrets, nothing cut.
  public static String withoutSecrets(String text) {
    StringBuilder out = new StringBuilder(text.length() + 128);
    render(text, 0, text.length(), out);
    return wellFormed(out.toString());
  }

  /// As [#redact(String)], keeping the characters from `start` to `end` too.
  ///
  /// @param start first character of the span that mattered
  /// @param end one past its last character, at most the length of the text
  public static String redact(String text, int start, int end) {
    if (start < 0 || end < start || end > text.length()) {
      throw new IllegalArgumentException(
          "span %d..%d is outside the text of %d characters".formatted(start, end, text.length()));
    }
    StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT) + 128);
    int done = 0;
    List<int[]> kept = kept(text, start, end);
    for (int[] part : kept) {
      if (part[0] > done) {
        cut(out, part[0] - done);
      }
      render(text, part[0], part[1], out);
      done = part[1];
    }
    if (text.length() > LIMIT) {
      out.append(WHOLE).append(text.length()).append(" characters]");
    }
    return wellFormed(out.toString());
  }

  /// The parts of the text that are kept, in order, not overlapping.
  private static List<int[]> kept(String text, int start, int end) {
    int length = text.length();
    if (length <= LIMIT) {
      return List.of(new int[] {0, length});
    }
    int around = start < end ? AROUND : 0;
    int spanStart = Math.max(start - around, HEAD);
    int spanEnd = Math.min(Math.min(end, start + SPAN) + around, length - TAIL);
    int[] head = {0, HEAD};
    int[] tail = {length - TAIL, length};
    return spanStart < spanEnd
        ? List.of(head, new int[] {spanStart, spanEnd}, tail)
        : List.of(head, tail);
  }

  private static void cut(StringBuilder out, int characters) {
    out.append("[cut: ").append(characters).append(" characters]");
  }

  private static void render(String text, int from, int to, StringBuilder out) {
    int done = from;
    for (Hit hit : hits(text, Math.max(0, from - MARGIN), Math.min(text.length(), to + MARGIN))) {
      if (hit.end() <= done || hit.start() >= to) {
        continue;
      }
      out.append(text, done, Math.max(done, hit.start()));
      out.append("[redacted:").append(hit.label());
      if (hit.label().equals(Rules.UNSEARCHED)) {
        out.append(", ").append(hit.end() - hit.start()).append(" characters");
      }
      out.append(']');
      done = Math.min(to, hit.end());
    }
    out.append(text, done, to);
  }

  /// Secrets in the window, by position; of two that overlap the earlier one stays, widened over
  /// both.
  private static List<Hit> hits(String text, int from, int to) {
    List<Hit> found = new ArrayList<>();
    for (Hit hit : Rules.ALL.find(new Window(text.substring(from, to)))) {
      found.add(new Hit(from + hit.start(), from + hit.end(), hit.label()));
    }
    PrivateKeys.find(text, from, to, found);
    found.removeIf(hit -> text.startsWith("[redacted:", hit.start()));
    found.sort(Comparator.comparingInt(Hit::start).thenComparingInt(hit -> -hit.end()));
    return merged(found);
  }

  private static List<Hit> merged(List<Hit> sorted) {
    List<Hit> merged = new ArrayList<>();
    for (Hit hit : sorted) {
      if (merged.isEmpty() || hit.start() >= merged.getLast().end()) {
        merged.add(hit);
      } else if (hit.end() > merged.getLast().end()) {
        Hit last = merged.removeLast();
        merged.add(new Hit(last.start(), hit.end(), last.label()));
      }
    }
    return merged;
  }

  /// A cut can split a surrogate pair, and input can hold half of one.
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return repaired(new StringBuilder(text));
      }
    }
    return text;
  }

  private static String repaired(StringBuilder out) {
    for (int i = 0; i < out.length(); i++) {
      if (!Character.isSurrogate(out.charAt(i))) {
        continue;
      }
      if (i + 1 < out.length() && Character.isSurrogatePair(out.charAt(i), out.charAt(i + 1))) {
        i++;
      } else {
        out.setCharAt(i, '\uFFFD');
      }
    }
    return out.toString();
  }
}
