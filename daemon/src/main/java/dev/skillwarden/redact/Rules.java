package dev.skillwarden.redact;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Rules, found by their keywords in one pass over the text.
final class Rules {
  /// Label of a text that was not searched to its end.
  static final String UNSEARCHED = "unsearched";

  /// All keywords are ASCII.
  private static final int ASCII = 128;

  /// Characters of a keyword that are compared at once.
  private static final int BEGINNING = 4;

  /// Bits of a character that say enough to pass over most of a text; both cases have the same.
  private static final int BITS = 5;

  private static final int THREE = (1 << (3 * BITS)) - 1;

  static final Rules ALL =
      new Rules(
          Stream.<List<? extends Rule>>of(
                  TokenRule.ALL, CredentialRule.ALL, CommandRule.ALL, EntropyRule.ALL)
              .<Rule>flatMap(List::stream)
              .toList());

  static final Rules TOKENS = new Rules(TokenRule.ALL);

  /// Rules whose keywords begin with the same two characters. Asked for every such place of a text,
  /// so what tells whether a keyword stands there lies close together.
  private static final class Group {
    private int[] numbers = new int[0];
    private byte[][] keywords = new byte[0][];

    /// The first characters of the keywords as one number, and which bits of it count.
    private int[] beginnings = new int[0];

    private int[] masks = new int[0];

    void add(int number, byte[] keyword) {
      int last = numbers.length;
      numbers = Arrays.copyOf(numbers, last + 1);
      keywords = Arrays.copyOf(keywords, last + 1);
      beginnings = Arrays.copyOf(beginnings, last + 1);
      masks = Arrays.copyOf(masks, last + 1);
      numbers[last] = number;
      keywords[last] = keyword;
      int missing = Math.max(0, BEGINNING - keyword.length);
      masks[last] = -1 << (missing * Byte.SIZE);
      beginnings[last] = beginning(keyword) & masks[last];
    }

    boolean holds(int entry, char[] text, int at, int beginning) {
      if ((beginning & masks[entry]) != beginnings[entry]) {
        return false;
      }
      byte[] keyword = keywords[entry];
      if (at + keyword.length > text.length) {
        return false;
      }
      for (int i = BEGINNING; i < keyword.length; i++) {
        if (Window.folded(text[at + i]) != keyword[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Rule> rules;

  /// Which three characters begin a keyword, each by its last [#BITS] bits, as a set of bits.
  /// Small, since it is looked at for every character.
  private final long[] starts = new long[(THREE + 1) / Long.SIZE];

  /// Place in [#groups] by the first two characters of a keyword, 0 for none.
  private final short[] places = new short[ASCII * ASCII];

  /// The first one is empty.
  private final List<Group> groups = new ArrayList<>(List.of(new Group()));

  private Rules(List<? extends Rule> rules) {
    this.rules = List.copyOf(rules);
    for (int rule = 0; rule < rules.size(); rule++) {
      byte[] keyword = rules.get(rule).keyword().getBytes(StandardCharsets.US_ASCII);
      int place = keyword[0] * ASCII + keyword[1];
      if (places[place] == 0) {
        places[place] = (short) groups.size();
        groups.add(new Group());
      }
      groups.get(places[place]).add(rule, keyword);
      for (int third = 0; third < 1 << BITS; third++) {
        if (keyword.length == 2 || third == (keyword[2] & ((1 << BITS) - 1))) {
          int start = three(three(three(0, keyword[0]), keyword[1]), third);
          starts[start / Long.SIZE] |= 1L << start;
        }
      }
    }
  }

  /// The last three characters, one more taken in.
  private static int three(int before, int next) {
    return ((before << BITS) | (next & ((1 << BITS) - 1))) & THREE;
  }

  private static int beginning(char[] text, int at) {
    int beginning = 0;
    for (int i = at; i < at + BEGINNING; i++) {
      int c = i < text.length ? Window.folded(text[i]) : 0;
      beginning = (beginning << Byte.SIZE) | (c < ASCII ? c : 0);
    }
    return beginning;
  }

  private static int beginning(byte[] keyword) {
    int beginning = 0;
    for (int i = 0; i < BEGINNING; i++) {
      beginning = (beginning << Byte.SIZE) | (i < keyword.length ? keyword[i] : 0);
    }
    return beginning;
  }

  /// Every secret, in the order of the rules: those that say most come first. Of a text that was
  /// made to be slow, all of it is one.
  List<Hit> find(Window window) {
    List<Found> found = new ArrayList<>(0);
    int[] done = new int[rules.size()]; // a rule is not asked again within what it took
    char[] text = window.text().toCharArray();
    int three = text.length < 2 ? 0 : three(three(0, text[0]), text[1]);
    for (int at = 0; at + 1 < text.length; at++) {
      three = three(three, at + 2 < text.length ? text[at + 2] : 0);
      if ((starts[three / Long.SIZE] & 1L << three) != 0 && !ask(window, text, at, done, found)) {
        return List.of(new Hit(0, window.length(), UNSEARCHED));
      }
    }
    found.sort(Comparator.comparingInt(Found::rule));
    return found.stream().map(Found::hit).toList();
  }

  /// @return whether work is left
  private boolean ask(Window window, char[] text, int at, int[] done, List<Found> found) {
    int beginning = beginning(text, at);
    int first = beginning >>> (3 * Byte.SIZE);
    int second = (beginning >>> (2 * Byte.SIZE)) & 0xFF;
    Group group = groups.get(places[first * ASCII + second]);
    for (int entry = 0; entry < group.numbers.length; entry++) {
      int number = group.numbers[entry];
      if (at < done[number] || !group.holds(entry, text, at, beginning)) {
        continue;
      }
      if (!window.spend(Window.TRY)) {
        return false;
      }
      done[number] = at + group.keywords[entry].length;
      for (Hit hit : rules.get(number).find(window, at)) {
        done[number] = Math.max(done[number], hit.end());
        found.add(new Found(number, hit));
      }
    }
    return true;
  }

  private record Found(int rule, Hit hit) {}
}
