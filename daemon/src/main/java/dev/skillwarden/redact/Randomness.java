package dev.skillwarden.redact;

/// How much a word looks drawn by lot.
///
/// @param length characters
/// @param entropy of its characters, in bits each, 0 to 6
/// @param changes how many of its neighbours are of different classes: lower case, upper case,
///   digit
/// @param digits how many there are
/// @param common pairs of letters that are frequent in words
/// @param pairs pairs of letters
/// @param hex whether there are hexadecimal digits only
record Randomness(
    int length, double entropy, int changes, int digits, int common, int pairs, boolean hex) {
  /// Pairs that make up a third of English text, and a twentieth of what is drawn by lot.
  private static final String COMMON =
      " th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve"
          + " co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ke ey ta us el la pr ec ";

  private static final boolean[] IS_COMMON = new boolean[26 * 26];

  static {
    for (String pair : COMMON.strip().split(" ", -1)) {
      IS_COMMON[(pair.charAt(0) - 'a') * 26 + pair.charAt(1) - 'a'] = true;
    }
  }

  /// Bits that a character of a secret of 20 characters has at least.
  private static final double ENTROPY = 3.2;

  /// The same of hexadecimal digits, of which there are 4.
  private static final double HEX_ENTROPY = 3.0;

  /// Digits of a SHA-1, by which git knows a commit.
  private static final int COMMIT = 40;

  static Randomness of(String text, int begin, int end) {
    int[] counts = new int[128];
    int changes = 0;
    int digits = 0;
    int common = 0;
    int pairs = 0;
    boolean hex = true;
    for (int at = begin; at < end; at++) {
      char c = text.charAt(at);
      counts[c]++;
      digits += isDigit(c) ? 1 : 0;
      hex &= isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (at > begin) {
        char before = text.charAt(at - 1);
        changes += kind(before) == kind(c) ? 0 : 1;
        if (isLetter(before) && isLetter(c)) {
          pairs++;
          common += IS_COMMON[((before | 32) - 'a') * 26 + (c | 32) - 'a'] ? 1 : 0;
        }
      }
    }
    int length = end - begin;
    return new Randomness(length, entropy(counts, length), changes, digits, common, pairs, hex);
  }

  private static double entropy(int[] counts, int length) {
    double bits = 0;
    for (int count : counts) {
      if (count > 0) {
        double share = (double) count / length;
        bits -= share * Math.log(share) / Math.log(2);
      }
    }
    return bits;
  }

  /// Hexadecimal digits of the length of a digest are one, of which there are many, unless they are
  /// the value of what is called a key; those of the length of a commit id always are.
  boolean isDrawn(boolean assigned) {
    return hex
        ? entropy >= HEX_ENTROPY && digits < length && (assigned ? length != COMMIT : !isDigest())
        : entropy >= ENTROPY && 4 * common <= pairs + 10 && changes >= changesOfWords() * length;
  }

  /// Names have few changes, and hardly any digits between their letters.
  private double changesOfWords() {
    return digits >= 3 ? 0.15 : digits >= 1 ? 0.25 : 0.38;
  }

  private boolean isDigest() {
    return length == 32 || length == COMMIT || length == 64 || length == 96 || length == 128;
  }

  private static int kind(char c) {
    return isDigit(c) ? 1 : c >= 'a' && c <= 'z' ? 2 : c >= 'A' && c <= 'Z' ? 3 : 4;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
  }
}
