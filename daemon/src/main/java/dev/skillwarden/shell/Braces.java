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

  /// The words one word becomes, before anything else in it is expanded.
  public static List<Syntax.Word> expand(Syntax.Word word) {
    List<Syntax.Piece> others = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    boolean open = false;
    for (Syntax.Piece piece : word.pieces()) {
      if (piece instanceof Syntax.Piece.Text t && !t.quoted()) {
        text.append(t.text());
        open |= t.text().indexOf('{') >= 0;
      } else {
        // Stands for a part that braces take as it is.
        text.append((char) (PLACE + others.size()));
        others.add(piece);
      }
    }
    if (!open || others.size() > 1_000) {
      return List.of(word);
    }
    List<Syntax.Word> words = new ArrayList<>();
    for (String one : expand(text.toString())) {
      words.add(new Syntax.Word(restored(one, others), word.span()));
    }
    return words;
  }

  private static final char PLACE = '\uE000';

  private static List<Syntax.Piece> restored(String text, List<Syntax.Piece> others) {
    List<Syntax.Piece> pieces = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int other = c - PLACE;
      if (other < 0 || other >= others.size()) {
        plain.append(c);
        continue;
      }
      if (!plain.isEmpty()) {
        pieces.add(new Syntax.Piece.Text(plain.toString(), false));
        plain.setLength(0);
      }
      pieces.add(others.get(other));
    }
    if (!plain.isEmpty()) {
      pieces.add(new Syntax.Piece.Text(plain.toString(), false));
    }
    return pieces;
  }
}
