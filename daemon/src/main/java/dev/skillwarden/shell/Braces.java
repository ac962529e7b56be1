package dev.skillwarden.shell;

import java.util.ArrayList;
import java.util.List;

/// Brace expansion of `{a,b}`, bounded; ranges and what exceeds the bound stay as written.
public final class Braces {
  private static final int MAX_WORDS = 64;

  private Braces() {}

  /// @param text a word in which quoted braces and commas are replaced by U+FFFE
  public static List<String> expand(String text) {
    List<String> open = new ArrayList<>(List.of(text));
    List<String> done = new ArrayList<>();
    while (!open.isEmpty() && open.size() + done.size() < MAX_WORDS) {
      String word = open.removeFirst();
      int[] brace = find(word);
      if (brace.length == 0) {
        done.add(word);
        continue;
      }
      List<String> next = new ArrayList<>();
      int from = brace[0] + 1;
      for (int i = 1; i < brace.length; i++) {
        next.add(
            word.substring(0, brace[0])
                + word.substring(from, brace[i])
                + word.substring(brace[brace.length - 1] + 1));
        from = brace[i] + 1;
      }
      open.addAll(0, next);
    }
    done.addAll(open);
    return done.size() == 1 ? List.of(text) : done;
  }

  /// Positions of the first brace that holds a comma, its commas, and its closing brace.
  private static int[] find(String word) {
    for (int start = word.indexOf('{'); start >= 0; start = word.indexOf('{', start + 1)) {
      List<Integer> marks = new ArrayList<>(List.of(start));
      int depth = 0;
      for (int i = start + 1; i < word.length(); i++) {
        char c = word.charAt(i);
        if (c == '{') {
          depth++;
        } else if (c == '}' && depth-- == 0) {
          marks.add(i);
          if (marks.size() > 2) {
            return marks.stream().mapToInt(Integer::intValue).toArray();
          }
          break;
        } else if (c == ',' && depth == 0) {
          marks.add(i);
        }
      }
      if (word.length() > 4_096) {
        return new int[0]; // a long word is not searched again and again
      }
    }
    return new int[0];
  }

  public static List<Syntax.Word> expand(Syntax.Word word) {
    return List.of(word);
  }
}
