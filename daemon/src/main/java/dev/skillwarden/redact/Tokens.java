package dev.skillwarden.redact;

import java.util.List;

/// Whether a text holds a secret that is known by its shape.
public final class Tokens {
  /// Longest text searched, in characters.
  public static final int LIMIT = 256 << 10;

  private Tokens() {}

  /// Whether a token of a known service or a private key stands in the text. Tokens that say
  /// themselves that they are examples, and web tokens, which are short-lived and stand in many
  /// tests, are none. A text that is made to be slow counts as one that holds a token.
  public static boolean holds(String text) {
    int to = Math.min(text.length(), LIMIT);
    int key = text.indexOf("-----BEGIN ", 0, to);
    if (key >= 0 && text.indexOf("PRIVATE KEY-----", key, Math.min(to, key + 64)) >= 0) {
      return true;
    }
    List<Hit> hits = Rules.TOKENS.find(new Window(text.substring(0, to)));
    return hits.stream()
        .anyMatch(h ->
            h.label().equals(Rules.UNSEARCHED)
                || (!h.label().equals("jwt") && isReal(text.substring(h.start(), h.end()))));
  }

  private static boolean isReal(String token) {
    String folded = token.toLowerCase(java.util.Locale.ROOT);
    return !folded.contains("example")
        && !folded.contains("xxxx")
        && !folded.contains("your")
        && token.substring(token.length() / 2).chars().distinct().count() > 4;
  }
}
