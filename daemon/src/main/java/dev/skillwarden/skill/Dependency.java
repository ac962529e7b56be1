package dev.skillwarden.skill;

/// One entry of `depends_on`: `team/name:RANGE`.
public record Dependency(SkillId skill, VersionRange range) {
  /// @throws IllegalArgumentException saying what is wanted
  public static Dependency parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(
          "wants team/name:RANGE such as support/case-facts:1.x, found '" + text + "'");
    }
    return new Dependency(
        SkillId.parse(text.substring(0, colon)), VersionRange.parse(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return skill + ":" + range;
  }
}
