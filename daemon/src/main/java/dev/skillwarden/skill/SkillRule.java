package dev.skillwarden.skill;

import dev.skillwarden.skill.Finding.Severity;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What is checked in a skills repository. Ids are stable: a rule is never renumbered, and an id is
/// never used again.
public enum SkillRule {
  NO_FRONTMATTER(
      "SK001",
      Severity.ERROR,
      "The file has no frontmatter.",
      "Begin the file with a line ---, write the keys, and end them with a line ---."),
  YAML_ERROR(
      "SK002",
      Severity.ERROR,
      "The frontmatter is not valid YAML.",
      "Put a value that contains ': ' or starts with one of [ ] { } @ ` * & ! % in quotes."),
  DUPLICATE_KEY(
      "SK003", Severity.ERROR, "A key of the frontmatter is given twice.", "Keep one of them."),
  ALIAS_OR_TAG(
      "SK004",
      Severity.ERROR,
      "The frontmatter uses a YAML anchor, alias or tag.",
      "Write the value out; put a value that starts with *, & or ! in quotes."),
  NOT_UTF8(
      "SK005",
      Severity.ERROR,
      "The file is not UTF-8, or begins with a byte-order mark.",
      "Save the file as UTF-8 without a byte-order mark."),
  TOO_LARGE(
      "SK006",
      Severity.ERROR,
      "The file or its frontmatter is too large.",
      "Split it into skills that depend on each other; move text from the frontmatter to the"
          + " body."),
  LONG_BODY(
      "SK007",
      Severity.WARNING,
      "The instructions are over 500 lines.",
      "Split them into skills that depend on each other; an agent reads all of it."),
  UNKNOWN_KEY(
      "SK008",
      Severity.WARNING,
      "The frontmatter has a key that nothing reads.",
      "Correct its spelling, remove it, or declare it in .claude/skills/_schema.yaml."),
  NOT_A_PLAIN_FILE(
      "SK009",
      Severity.ERROR,
      "The file is a symbolic link, a submodule or executable.",
      "Commit a plain file (mode 100644) instead."),
  MISSING_KEY(
      "SK010",
      Severity.ERROR,
      "A required key is missing.",
      "Add it; name, version, description, tags and access_level are required."),
  WRONG_TYPE(
      "SK011", Severity.ERROR, "A value has the wrong type.", "Write it as the message says."),
  NAME_NOT_PATH(
      "SK012",
      Severity.ERROR,
      "The name is not the file's path.",
      "Make name equal to TEAM/FILE, or move the file."),
  BAD_NAME(
      "SK013",
      Severity.ERROR,
      "A name is not made of lower-case letters, digits and single hyphens.",
      "Rename it; 1 to 64 characters for the team and for the skill."),
  DUPLICATE_RELEASE(
      "SK014",
      Severity.ERROR,
      "Two skills have the same name and version.",
      "Rename one or raise its version."),
  CASE_CLASH(
      "SK015",
      Severity.ERROR,
      "Two paths differ in letter case only.",
      "Rename one; macOS and Windows keep only one of them."),
  MISPLACED(
      "SK016",
      Severity.ERROR,
      "The file does not lie at .claude/skills/TEAM/NAME.md.",
      "Move it there; `skillwarden import` turns NAME/SKILL.md folders into this layout."),
  UNKNOWN_TEAM(
      "SK017",
      Severity.WARNING,
      "The team is not in the list of teams.",
      "Add it to teams in organization.yaml, or move the skill to a team that exists."),
  SAME_SHORT_NAME(
      "SK018",
      Severity.INFO,
      "Another team has a skill of the same short name.",
      "Nothing must be done; see that the descriptions tell the two apart."),
  NO_INSTRUCTIONS(
      "SK019",
      Severity.ERROR,
      "There is nothing after the frontmatter.",
      "Write the instructions."),
  VERSION_NOT_SEMVER(
      "SK020",
      Severity.ERROR,
      "The version is not a semantic version.",
      "Write MAJOR.MINOR.PATCH, such as 1.2.0 (semver.org)."),
  BUILD_METADATA(
      "SK021",
      Severity.ERROR,
      "The version carries build metadata.",
      "Remove the part after +; it has no order, so it cannot be released."),
  VERSION_NOT_RAISED(
      "SK022",
      Severity.ERROR,
      "The content changed and the version was not raised.",
      "Raise it: MAJOR when callers must change something, MINOR for new content, PATCH for"
          + " wording."),
  VERSION_TOO_LOW(
      "SK023",
      Severity.ERROR,
      "The version is lower than a released one of the same major.",
      "Choose a version above the released ones of this major."),
  TAG_OF_OTHER_CONTENT(
      "SK024",
      Severity.ERROR,
      "This version is already released with other content.",
      "Raise the version; a release never changes."),
  BREAKING_CHANGE(
      "SK025",
      Severity.ERROR,
      "The change breaks callers, and the major version was not raised.",
      "Raise MAJOR (below 1.0.0: MINOR), or take the breaking part back."),
  UNSTABLE_PIN(
      "SK026",
      Severity.WARNING,
      "The skill depends on a 0.x version, which may change at any time.",
      "Ask the owner for a 1.0.0, or pin the exact minor."),
  UNKNOWN_DEPENDENCY(
      "SK030",
      Severity.ERROR,
      "The skill depends on one that does not exist.",
      "Correct the name, or add the skill first."),
  UNSATISFIABLE_RANGE(
      "SK031",
      Severity.ERROR,
      "No release of the dependency is in the range.",
      "Widen the range or migrate to the major that is there."),
  CYCLE(
      "SK032",
      Severity.ERROR,
      "Skills depend on each other in a circle.",
      "Move the shared part into a skill of its own."),
  RETIRED_DEPENDENCY(
      "SK033",
      Severity.WARNING,
      "The skill depends on a release that is deprecated, yanked or archived.",
      "Move to the replacement."),
  NARROWER_DEPENDENCY(
      "SK034",
      Severity.ERROR,
      "Some who may use the skill may not use its dependency.",
      "Narrow the skill's access or widen the dependency's."),
  FLOATING_RANGE(
      "SK035",
      Severity.ERROR,
      "A dependency's range names no major version.",
      "Name the major, such as 1.x or ^1.2.0."),
  LONG_INVOCATION(
      "SK036",
      Severity.WARNING,
      "The instructions with those of all dependencies are very long.",
      "Shorten them or split the skill; an agent reads all of it at once or page by page."),
  LEFT_OUT_DEPENDENCY(
      "SK037",
      Severity.ERROR,
      "The skill depends on one that is left out because of its errors.",
      "Mend the dependency first."),
  SCHEMA_WEAKENED(
      "SK038",
      Severity.ERROR,
      "_schema.yaml asks for less than before or less than is built in.",
      "Take the change back; the file may add keys and tighten rules, never loosen them."),
  SCHEMA_INVALID(
      "SK039",
      Severity.ERROR,
      "_schema.yaml cannot be used.",
      "Write it as a JSON Schema of the frontmatter; `skillwarden init` prints one to start from."),
  BAD_ACCESS_LEVEL(
      "SK040",
      Severity.ERROR,
      "The access level does not exist.",
      "Use public, team, role-restricted or sensitive."),
  BAD_ROLES(
      "SK041",
      Severity.ERROR,
      "access_level and allowed_roles do not fit together.",
      "List allowed_roles with role-restricted, and only there."),
  BAD_DESCRIPTION_OR_TAGS(
      "SK042",
      Severity.ERROR,
      "The description is empty or too long, or tags are missing or malformed.",
      "Write 1 to 1,024 characters that say when to use the skill, and at least one tag."),
  NO_OWNERS(
      "SK043",
      Severity.WARNING,
      "Nobody owns the skill.",
      "List owners: people or groups who answer for it and review its changes."),
  BAD_DEPRECATED(
      "SK044",
      Severity.ERROR,
      "The block deprecated is not usable.",
      "Write deprecated: {since: 2026-01-31, reason: ..., replacement: team/name}."),
  SCHEMA_VIOLATED(
      "SK045",
      Severity.ERROR,
      "The frontmatter breaks a rule of this repository's _schema.yaml.",
      "Write it as .claude/skills/_schema.yaml asks."),
  WEAK_DESCRIPTION(
      "SK046",
      Severity.WARNING,
      "The description will not help anyone to find the skill.",
      "Say in a sentence or two what the skill does and when to use it; no placeholders, no"
          + " markup."),
  TAG_STYLE(
      "SK047", Severity.WARNING, "Tags are repeated or too many.", "Keep up to 20, each once."),
  COMMANDING_DESCRIPTION(
      "SK048",
      Severity.WARNING,
      "The description orders the agent about.",
      "Describe the skill; whether it fits is decided by search, not by insistence."),
  CRLF(
      "SK049",
      Severity.INFO,
      "The file has CRLF line ends.",
      "Save it with LF; the digest is of the bytes as they are."),
  SECRET(
      "SK050",
      Severity.ERROR,
      "The file holds something that looks like a secret.",
      "Remove it and revoke it: everyone with access to the repository has it now."),
  OUTBOUND(
      "SK051",
      Severity.WARNING,
      "The instructions send the agent to the network.",
      "See that the address is one of ours and that nothing private is sent there."),
  HIDDEN_INSTRUCTION(
      "SK052",
      Severity.WARNING,
      "The instructions tell the agent to ignore rules or hide what it does.",
      "Remove it."),
  OUTSIDE_PATH(
      "SK053",
      Severity.WARNING,
      "The instructions name a path outside the workspace.",
      "Name paths relative to the workspace."),
  MCP_TOOL(
      "SK054",
      Severity.INFO,
      "The instructions name an MCP tool.",
      "See that everyone who may use the skill has that tool."),
  INVISIBLE_CHARACTER(
      "SK055",
      Severity.ERROR,
      "The file holds a character that cannot be seen.",
      "Remove it; a reviewer would read something else than the agent does."),
  BAD_INPUTS(
      "SK056",
      Severity.ERROR,
      "inputs is not a JSON Schema of the supported subset.",
      "See the subset in docs/registry.md."),
  BAD_DEPENDENCY(
      "SK057",
      Severity.ERROR,
      "An entry of depends_on is malformed.",
      "Write team/name:RANGE, such as support/case-facts:1.x, each skill once."),
  SUITE_INVALID(
      "SK061",
      Severity.ERROR,
      "The eval suite is not usable.",
      "See docs/registry.md for the format of evals/TEAM/NAME/evals.json."),
  FEW_TRIGGERS(
      "SK062",
      Severity.WARNING,
      "The eval suite has fewer than 3 triggers, or none that should or should not match.",
      "Add queries that should find the skill and queries that should not."),
  CATALOG_ENTRY(
      "SK070",
      Severity.ERROR,
      "An entry of the catalog is malformed.",
      "Build the catalog with `skillwarden catalog build` instead of by hand."),
  DIGEST_MISMATCH(
      "SK071",
      Severity.ERROR,
      "A release's content is not what the catalog promises.",
      "Find out who changed what; `skillwarden catalog verify` compares all of them."),
  RELEASE_MISSING(
      "SK072",
      Severity.ERROR,
      "The commit or file of a release cannot be read.",
      "Push the release's commit and tag; a release must stay fetchable."),
  RELEASE_MISMATCH(
      "SK073",
      Severity.ERROR,
      "A release's frontmatter names another skill or version than the catalog.",
      "Release again under the right name and version.");

  private final String id;
  private final Severity severity;
  private final String summary;
  private final String hint;

  SkillRule(String id, Severity severity, String summary, String hint) {
    this.id = id;
    this.severity = severity;
    this.summary = summary;
    this.hint = hint;
  }

  /// `SK001` and up.
  public String id() {
    return id;
  }

  /// The rule's name for people, such as `version-not-semver`.
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The severity unless the finding says otherwise.
  public Severity severity() {
    return severity;
  }

  /// One sentence: what is wrong when the rule trips.
  public String summary() {
    return summary;
  }

  /// One or two sentences: what to do about it.
  public String hint() {
    return hint;
  }

  /// The rule of an id, if there is one.
  public static Optional<SkillRule> of(String id) {
    return Arrays.stream(values()).filter(r -> r.id.equals(id)).findFirst();
  }
}
