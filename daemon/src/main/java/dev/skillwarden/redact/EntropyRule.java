package dev.skillwarden.redact;

import java.util.List;
import java.util.stream.Stream;

/// A word that looks drawn by lot near a word that says what for, where no other rule knows the
/// form. Digests, ids and public keys look drawn by lot too, so what is known to be one of them is
/// left, and so are paths, addresses and file names.
record EntropyRule(String keyword) implements Rule {
  static final String LABEL = "high-entropy";

  static final List<EntropyRule> ALL =
      Stream.of("key", "token", "secret", "auth", "credential", "passw", "passphrase")
          .map(EntropyRule::new)
          .toList();

  /// Shortest word that is taken for a secret.
  private static final int SHORTEST = 20;

  /// Longest word looked at; what is longer is data.
  private static final int LONGEST = 512;

  /// Characters between the saying word and the secret, after and before it.
  private static final int AFTER = 32;

  private static final int BEFORE = 16;

  private static final int CHARACTERS_JUDGED_PER_UNIT = 2;

  private static final String MARKER = "[redacted:";

  /// Characters from the beginning of a marker to the end of its label.
  private static final int LONGEST_MARKER = 32;

  @Override
  public List<Hit> find(Window window, int at) {
    String text = window.text();
    int after = at + keyword.length();
    window.spend((AFTER + BEFORE) / Window.PLAIN_CHARACTERS);
    if (isOther(text, at, after)) {
      return List.of();
    }
    return Stream.concat(behind(window, after).stream(), before(window, at).stream()).toList();
  }

  /// Words that only look like one of the saying words.
  private boolean isOther(String text, int at, int after) {
    boolean marker = isInMarker(text, at);
    boolean author =
        keyword.equals("auth") && text.startsWith("or", after) && !text.startsWith("oriz", after);
    boolean shown =
        keyword.equals("key") && (endsWith(text, at, "public") || endsWith(text, at, "cache"));
    return marker || author || shown;
  }

  private static boolean isInMarker(String text, int at) {
    int least = Math.max(0, at - LONGEST_MARKER);
    return text.substring(least, at).lastIndexOf(MARKER) >= 0 && text.indexOf(']', least, at) < 0;
  }

  private static boolean endsWith(String text, int at, String word) {
    int end = at > 0 && "-_ ".indexOf(text.charAt(at - 1)) >= 0 ? at - 1 : at;
    return end >= word.length()
        && text.regionMatches(true, end - word.length(), word, 0, word.length());
  }

  /// The first long word behind, if it is one. Nothing is seen through what was taken out, so that
  /// a second pass finds no more than the first.
  private static List<Hit> behind(Window window, int from) {
    String text = window.text();
    int to = Math.min(text.length(), from + AFTER);
    int begin = from;
    while (begin < to && isOfWord(text.charAt(begin)) && text.charAt(begin) != '=') {
      begin++; // the rest of the name
    }
    for (int at = begin; at < to; at++) {
      if (text.charAt(at) == '[' && text.startsWith(MARKER, at)) {
        return List.of();
      }
      if (isOfWord(text.charAt(at)) && text.charAt(at) != '=') {
        int end = wordEnd(text, at);
        window.spend((end - at) / Window.PLAIN_CHARACTERS);
        if (end - at >= SHORTEST) {
          return hit(window, at, end, isAssigned(text, begin, at));
        }
        at = end;
      }
    }
    return List.of();
  }

  /// Whether nothing but a sign or white space stands between a name and a value.
  private static boolean isAssigned(String text, int from, int to) {
    for (int at = from; at < to; at++) {
      if ("=: \"'".indexOf(text.charAt(at)) < 0) {
        return false;
      }
    }
    return from < to;
  }

  /// The last long word before it, if it is one.
  private static List<Hit> before(Window window, int to) {
    String text = window.text();
    int from = Math.max(0, to - BEFORE);
    int end = to;
    while (end > from && isOfWord(text.charAt(end - 1))) {
      end--; // the rest of the name
    }
    while (end > from && text.charAt(end - 1) != ']' && text.charAt(end - 1) != '\n') {
      int begin = wordBegin(text, end);
      window.spend((end - begin) / Window.PLAIN_CHARACTERS);
      if (end - begin >= SHORTEST) {
        return hit(window, begin, end, false);
      }
      end = Math.min(begin, end - 1);
    }
    return List.of();
  }

  private static int wordBegin(String text, int end) {
    int from = Math.max(0, end - LONGEST - 1);
    int begin = end;
    while (begin > from && isOfWord(text.charAt(begin - 1))) {
      begin--;
    }
    return begin;
  }

  /// @param assigned whether the value belongs to the name and not only stands near it
  private static List<Hit> hit(Window window, int begin, int end, boolean assigned) {
    window.spend((end - begin) / CHARACTERS_JUDGED_PER_UNIT + Window.PATTERN);
    String text = window.text();
    return end - begin <= LONGEST
            && !isNamed(text, begin, end)
            && !isPlace(text, begin, end)
            && Randomness.of(text, begin, end).isDrawn(assigned)
        ? List.of(new Hit(begin, end, LABEL))
        : List.of();
  }

  /// Whether what stands before says that it is a digest or a public key.
  private static boolean isNamed(String text, int begin, int end) {
    return text.startsWith("AAAA", begin) // an SSH public key
        || text.regionMatches(true, begin, "sha", 0, 3)
        || (begin > 0
            && (text.charAt(begin - 1) == ':' || text.charAt(begin - 1) == '@')
            && isDigestName(text, begin - 1))
        || isUuid(text, begin, end);
  }

  private static boolean isDigestName(String text, int end) {
    int begin = end;
    while (begin > 0 && end - begin < 8 && Character.isLetterOrDigit(text.charAt(begin - 1))) {
      begin--;
    }
    String name = text.substring(begin, end);
    return name.equals("h1") // of a Go module
        || name.equalsIgnoreCase("md5")
        || name.regionMatches(true, 0, "sha", 0, 3)
        || name.startsWith("blake");
  }

  private static boolean isUuid(String text, int begin, int end) {
    for (int at = begin; at + 36 <= end; at++) {
      if (text.charAt(at + 8) == '-'
          && text.charAt(at + 13) == '-'
          && text.charAt(at + 18) == '-'
          && text.charAt(at + 23) == '-') {
        return true;
      }
    }
    return false;
  }

  /// Whether it is part of a path, an address or a file's name.
  private static boolean isPlace(String text, int begin, int end) {
    boolean rooted =
        text.charAt(begin) == '/'
            && text.indexOf('/', begin + 1, Math.min(end, begin + SHORTEST)) > 0;
    char before = begin > 0 ? text.charAt(begin - 1) : ' ';
    boolean inPath =
        rooted || (text.substring(begin, end).indexOf('/') >= 0 && ".~:@".indexOf(before) >= 0);
    return inPath || before == '$' || isFile(text, end);
  }

  /// Whether a short extension follows.
  private static boolean isFile(String text, int end) {
    int at = end + 1;
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    return end < text.length() && text.charAt(end) == '.' && at > end + 1 && at <= end + 6;
  }

  private static int wordEnd(String text, int begin) {
    int to = Math.min(text.length(), begin + LONGEST + 1);
    int end = begin;
    while (end < to && isOfWord(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /// What hexadecimal digits and both kinds of base64 are made of.
  private static boolean isOfWord(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "+/=_-".indexOf(c) >= 0;
  }
}
