package dev.skillwarden.skill;

/// Who may use a skill. In frontmatter in lower case with hyphens. From the widest to the
/// narrowest.
public enum AccessLevel {
  /// Every caller.
  PUBLIC,
  /// Callers whose teams contain the skill's team.
  TEAM,
  /// Callers whose role is one of the skill's `allowed_roles`.
  ROLE_RESTRICTED,
  /// Callers in the skill's team that hold an elevation for it.
  SENSITIVE;

  /// As written in frontmatter.
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
