package dev.skillwarden.skill;

import java.util.regex.Pattern;

/// Identity of a skill: `team/name`, both lower-case letters, digits and single hyphens, at most 64
/// characters each.
public record SkillId(String team, String name) implements Comparable<SkillId> {
  private static final Pattern PART = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  public SkillId {
    check("team", team);
    check("name", name);
  }

  /// @throws IllegalArgumentException saying what is wanted
  public static SkillId parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || slash != text.lastIndexOf('/')) {
      throw new IllegalArgumentException("wants team/name, found '" + text + "'");
    }
    return new SkillId(text.substring(0, slash), text.substring(slash + 1));
  }

  /// Whether the text may be a team's or a skill's name.
  public static boolean isPart(String text) {
    return text.length() <= 64 && PART.matcher(text).matches();
  }

  private static void check(String part, String value) {
    if (!isPart(value)) {
      throw new IllegalArgumentException(
          "the %s wants lower-case letters, digits and hyphens, at most 64, found '%s'"
              .formatted(part, value));
    }
  }

  @Override
  public int compareTo(SkillId other) {
    int byTeam = team.compareTo(other.team);
    return byTeam != 0 ? byTeam : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return team + "/" + name;
  }
}
