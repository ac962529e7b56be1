package dev.skillwarden.http;

import dev.skillwarden.gate.Invocation;

/// Pages of a skill as text for an agent.
final class SkillText {
  private SkillText() {}

  /// Longest page, in characters: what clients pass on whole without asking for more.
  static final int PAGE = 45_000;

  /// One page of a text, cut at line ends, with how to get the next one.
  ///
  /// @param number 1 for the first
  /// @throws IllegalArgumentException when there is no such page
  static String page(Invocation invocation, int number) {
    String whole = invocation.text();
    int from = 0;
    for (int page = 1; ; page++) {
      int to = Math.min(whole.length(), from + PAGE);
      if (to < whole.length()) {
        int line = whole.lastIndexOf('\n', to);
        to = line > from + PAGE / 2 ? line + 1 : to; // an endless line is cut where it is
      }
      if (page == number) {
        return to == whole.length()
            ? whole.substring(from)
            : whole.substring(from, to)
                + "\n> This is page %d. There is more: invoke %s again with version_constraint %s and page %d before you begin.\n"
                    .formatted(
                        number, invocation.skill().id(), invocation.skill().version(), number + 1);
      }
      if (to == whole.length()) {
        throw new IllegalArgumentException("page wants 1 to %d, found %d".formatted(page, number));
      }
      from = to;
    }
  }
}
