package dev.skillwarden.shell;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Brace expansion of `{a,b}` and `{1..9}`, bounded. Of a long sequence the first and the last
/// members are taken: no path is dangerous by its number alone.
public final class Braces {
  /// Words one word may become.
  public static final int MAX_WORDS = 256;

  private static final int MAX_SEQUENCE = 64;
  private static final Pattern SEQUENCE =
      Pattern.compile(
          "(?:(-?\\d{1,9})\\.\\.(-?\\d{1,9})|([A-Za-z])\\.\\.([A-Za-z]))(?:\\.\\.(-?\\d{1,9}))?");

  private Braces() {}

  /// The texts one text becomes; empty when they are more than [#MAX_WORDS].
  private static List<String> expand(String text) {
    List<String> open = new ArrayList<>(List.of(text));
    List<Integer> from = new ArrayList<>(List.of(0));
    List<String> done = new ArrayList<>();
    while (!open.isEmpty()) {
      if (open.size() + done.size() > MAX_WORDS) {
        return List.of();
      }
      String word = open.removeFirst();
      Brace brace = find(word, from.removeFirst());
      if (brace.members().isEmpty()) {
        done.add(word);
        continue;
      }
      String before = word.substring(0, brace.start());
      String after = word.substring(brace.end() + 1);
      List<String> next = brace.members().stream().map(m -> before + m + after).toList();
      open.addAll(0, next);
      from.addAll(0, Collections.nCopies(next.size(), brace.start()));
    }
    return done;
  }

  /// @param members what stands for it, none when there is no brace
  private record Brace(int start, int end, List<String> members) {}

  /// The first brace from a position on that expands. Every closing brace is looked for once.
  private static Brace find(String word, int from) {
    int[] ends = null;
    for (int start = word.indexOf('{', from); start >= 0; start = word.indexOf('{', start + 1)) {
      if (ends == null) {
        ends = ends(word);
      }
      int end = ends[start];
      if (end < 0) {
        continue;
      }
      String inside = word.substring(start + 1, end);
      List<String> members = members(inside);
      if (members.isEmpty()) {
        members = sequence(inside);
      }
      if (!members.isEmpty()) {
        return new Brace(start, end, members);
      }
    }
    return new Brace(0, 0, List.of());
  }

  /// For each opening brace where it closes, else -1.
  private static int[] ends(String word) {
    int[] ends = new int[word.length()];
    Arrays.fill(ends, -1);
    Deque<Integer> open = new ArrayDeque<>();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '{') {
        open.push(i);
      } else if (c == '}' && !open.isEmpty()) {
        ends[open.pop()] = i;
      }
    }
    return ends;
  }

  /// What stands between commas, none when there is no comma.
  private static List<String> members(String inside) {
    List<String> members = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < inside.length(); i++) {
      char c = inside.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (c == ',' && depth == 0) {
        members.add(inside.substring(start, i));
        start = i + 1;
      }
    }
    if (!members.isEmpty()) {
      members.add(inside.substring(start));
    }
    return members;
  }

  private static List<String> sequence(String inside) {
    Matcher matcher = SEQUENCE.matcher(inside);
    if (inside.indexOf("..") < 0 || !matcher.matches()) {
      return List.of();
    }
    boolean letters = matcher.group(3) != null;
    String first = letters ? matcher.group(3) : matcher.group(1);
    String last = letters ? matcher.group(4) : matcher.group(2);
    long from = letters ? first.charAt(0) : Long.parseLong(first);
    long to = letters ? last.charAt(0) : Long.parseLong(last);
    long given = matcher.group(5) == null ? 1 : Math.abs(Long.parseLong(matcher.group(5)));
    long step = Math.max(1, given) * (from <= to ? 1 : -1);
    long count = (to - from) / step + 1;
    boolean padded = first.matches("-?0\\d+") || last.matches("-?0\\d+");
    int width = padded && !letters ? Math.max(first.length(), last.length()) : 0;
    List<String> members = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      if (count > MAX_SEQUENCE && i == MAX_SEQUENCE / 2) {
        i = count - MAX_SEQUENCE / 2;
      }
      long value = from + i * step;
      members.add(letters ? String.valueOf((char) value) : number(value, width));
    }
    return members;
  }

  private static String number(long value, int width) {
    return width == 0
        ? Long.toString(value)
        : String.format(Locale.ROOT, "%0" + width + "d", value);
  }

  /// The words one word becomes, before anything else in it is expanded; none when they are more
  /// than [#MAX_WORDS].
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
