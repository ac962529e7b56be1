package dev.skillwarden.redact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Rules, found by their keywords in one pass over the text.
final class Rules {
  /// Places where a rule may be asked, at least and one more in so many characters. Ordinary text
  /// has far fewer.
  private static final int TRIES = 200;

  private static final int CHARACTERS_PER_TRY = 8;

  /// Label of a text that was not searched to its end.
  static final String UNSEARCHED = "unsearched";

  private static final int ASCII = 128;

  /// ASCII in lower case; all else is 0, with which no keyword begins.
  private static final byte[] FOLDED = new byte[ASCII + 1];

  static {
    for (char c = 0; c < ASCII; c++) {
      FOLDED[c] = (byte) Window.folded(c);
    }
  }

  static final Rules ALL =
      new Rules(
          Stream.<List<? extends Rule>>of(TokenRule.ALL, CredentialRule.ALL, CommandRule.ALL)
              .<Rule>flatMap(List::stream)
              .toList());

  static final Rules TOKENS = new Rules(TokenRule.ALL);

  private final List<Rule> rules;

  /// Place in [#groups] by the first two characters of a keyword, 0 for none. Small, since it is
  /// looked at for every character.
  private final byte[] starts = new byte[ASCII * ASCII];

  /// Numbers of rules whose keywords begin alike; the first group is empty.
  private final List<int[]> groups = new ArrayList<>();

  private Rules(List<? extends Rule> rules) {
    this.rules = List.copyOf(rules);
    groups.add(new int[0]);
    for (int rule = 0; rule < rules.size(); rule++) {
      String keyword = rules.get(rule).keyword();
      int start = keyword.charAt(0) * ASCII + keyword.charAt(1);
      if (starts[start] == 0) {
        starts[start] = (byte) groups.size();
        groups.add(new int[0]);
      }
      int[] known = groups.get(starts[start] & 0xFF);
      int[] more = Arrays.copyOf(known, known.length + 1);
      more[known.length] = rule;
      groups.set(starts[start] & 0xFF, more);
    }
    if (groups.size() > 256) {
      throw new IllegalStateException("too many starts for a byte: " + groups.size());
    }
  }

  /// Every secret, in the order of the rules: those that say most come first. Of a text that was
  /// made to be slow, all of it is one.
  List<Hit> find(Window window) {
    List<Found> found = new ArrayList<>();
    int[] done = new int[rules.size()]; // a rule is not asked again within what it took
    int triesLeft = TRIES + window.length() / CHARACTERS_PER_TRY;
    char[] text = window.text().toCharArray();
    int second = text.length == 0 ? 0 : FOLDED[Math.min(text[0], ASCII)];
    for (int at = 0; at + 1 < text.length; at++) {
      int first = second;
      second = FOLDED[Math.min(text[at + 1], ASCII)];
      int group = starts[first * ASCII + second] & 0xFF;
      if (group == 0) {
        continue;
      }
      for (int number : groups.get(group)) {
        Rule rule = rules.get(number);
        if (at < done[number] || !window.holds(rule.keyword(), at)) {
          continue;
        }
        if (triesLeft-- == 0) {
          return List.of(new Hit(0, window.length(), UNSEARCHED));
        }
        done[number] = at + rule.keyword().length();
        for (Hit hit : rule.find(window, at)) {
          done[number] = Math.max(done[number], hit.end());
          found.add(new Found(number, hit));
        }
      }
    }
    return found.stream().sorted(Comparator.comparingInt(Found::rule)).map(Found::hit).toList();
  }

  private record Found(int rule, Hit hit) {}
}
