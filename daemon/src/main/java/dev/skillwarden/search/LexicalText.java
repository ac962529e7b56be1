package dev.skillwarden.search;

import dev.skillwarden.skill.Skill;

/// What the word index reads of a skill: name, description, tags and the head of the instructions,
/// as one text. Fields of their own would be worse: a short one beats all others by its length.
final class LexicalText {
  /// Characters of the instructions that are indexed.
  static final int BODY = 8 << 10;

  private LexicalText() {}

  static String of(Skill skill) {
    String whole = skill.body();
    String body = whole.substring(0, Math.min(BODY, whole.length()));
    return String.join(
        "\n", skill.id().name(), skill.description(), String.join(" ", skill.tags()), body);
  }
}
