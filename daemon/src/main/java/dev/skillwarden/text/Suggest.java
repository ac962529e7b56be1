package dev.skillwarden.text;

import java.util.Collection;

/// Did-you-mean for names a person typed.
public final class Suggest {
  private Suggest() {}

  /// @return ` (did you mean 'x'?)` with the nearest candidate at most two edits away, else nothing
  public static String nearest(String typed, Collection<String> candidates) {
    String best = "";
    int bestDistance = Math.min(3, 1 + typed.length() / 2);
    for (String candidate : candidates) {
      int distance = distance(typed, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : " (did you mean '" + best + "'?)";
  }

  /// Edit distance (insert, delete, replace), bounded to short names.
  private static int distance(String a, String b) {
    if (a.length() > 64 || b.length() > 64) {
      return Integer.MAX_VALUE;
    }
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
