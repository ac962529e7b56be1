package dev.skillwarden.effect;

/// Matches shell patterns: `*`, `?` and `[…]`.
public final class Glob {
  private Glob() {}

  /// Takes time proportional to the product of both lengths at most.
  public static boolean matches(String pattern, String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int mark = 0;
    while (t < text.length()) {
      int next = p < pattern.length() ? one(pattern, p, text.charAt(t)) : -1;
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        mark = t;
      } else if (next >= 0) {
        p = next;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++mark;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /// Index after the pattern element at `p` when it takes `c`, else -1.
  private static int one(String pattern, int p, char c) {
    char element = pattern.charAt(p);
    if (element == '?') {
      return p + 1;
    }
    if (element == '\\' && p + 1 < pattern.length()) {
      return pattern.charAt(p + 1) == c ? p + 2 : -1;
    }
    int close = element == '[' ? pattern.indexOf(']', p + 2) : -1;
    if (close < 0) {
      return element == c && element != '*' ? p + 1 : -1;
    }
    boolean not = pattern.charAt(p + 1) == '!' || pattern.charAt(p + 1) == '^';
    boolean found = false;
    for (int i = p + (not ? 2 : 1); i < close; i++) {
      if (i + 2 < close && pattern.charAt(i + 1) == '-') {
        found |= pattern.charAt(i) <= c && c <= pattern.charAt(i + 2);
        i += 2;
      } else {
        found |= pattern.charAt(i) == c;
      }
    }
    return found != not ? close + 1 : -1;
  }
}
