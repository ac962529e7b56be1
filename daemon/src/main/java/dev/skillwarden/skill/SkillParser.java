package dev.skillwarden.skill;

import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.YamlNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `.claude/skills/{team}/{name}.md`: frontmatter between two lines that are only `---`, then
/// the instructions. Collects every finding; a file with an error yields no skill.
public final class SkillParser {
  /// Directory of all skills in a repository.
  public static final String ROOT = ".claude/skills/";

  /// Largest accepted file, in bytes.
  public static final int MAX_FILE = 256 << 10;

  /// Largest accepted frontmatter, in characters.
  public static final int MAX_FRONTMATTER = 16 << 10;

  /// Longest accepted description, in characters.
  public static final int MAX_DESCRIPTION = 1_024;

  private static final int MAX_TAGS = 20;
  private static final Pattern PATH = Pattern.compile("\\.claude/skills/([^/]+)/([^/]+)\\.md");
  private static final Pattern TAG = Pattern.compile("[a-z0-9][a-z0-9+#.-]{0,39}");

  private SkillParser() {}

  /// Whether the file is meant to be a skill; others (`_schema.yaml`, READMEs, `.gitkeep`) are not
  /// read.
  public static boolean isSkillPath(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return path.startsWith(ROOT)
        && name.endsWith(".md")
        && !name.equals("README.md")
        && !name.startsWith(".");
  }

  public static ParsedSkill parse(SkillFile file) {
    List<Finding> findings = new ArrayList<>();
    Optional<Skill> skill = read(file, findings);
    boolean broken = findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
    return new ParsedSkill(broken ? Optional.empty() : skill, findings);
  }

  private static Optional<Skill> read(SkillFile file, List<Finding> findings) {
    Matcher path = PATH.matcher(file.path());
    if (!path.matches()) {
      error(
          findings,
          "SK002",
          file,
          0,
          "lies at %s; a skill lies at .claude/skills/TEAM/NAME.md, move it"
              .formatted(file.path()));
      return Optional.empty();
    }
    if (!file.regular()) {
      error(
          findings,
          "SK003",
          file,
          0,
          "is a symbolic link, a submodule or executable; commit a plain file instead");
      return Optional.empty();
    }
    if (file.content().length > MAX_FILE) {
      error(
          findings,
          "SK004",
          file,
          0,
          "is over %,d bytes; split it into skills that depend on each other".formatted(MAX_FILE));
      return Optional.empty();
    }
    String text;
    try {
      text = StrictYaml.decode(file.path(), file.content());
    } catch (InvalidTextException e) {
      e.problems().forEach(p -> findings.add(new Finding("SK005", Finding.Severity.ERROR, p)));
      return Optional.empty();
    }
    if (text.indexOf('\r') >= 0) {
      findings.add(warning("SK006", file, 1, "has CRLF line ends; save it with LF"));
      text = text.replace("\r\n", "\n").replace('\r', '\n');
    }
    Optional<Parts> parts = split(file, text, findings);
    return parts.flatMap(
        p -> frontmatter(file, p, new SkillFileName(path.group(1), path.group(2)), findings));
  }

  private record Parts(String frontmatter, String body) {}

  private record SkillFileName(String team, String name) {
    @Override
    public String toString() {
      return team + "/" + name;
    }
  }

  /// A fence is a line that is only `---`: the same characters inside a value are not.
  private static Optional<Parts> split(SkillFile file, String text, List<Finding> findings) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().stripTrailing().equals("---")) {
      error(
          findings, "SK007", file, 1, "does not begin with a line ---; put the frontmatter there");
      return Optional.empty();
    }
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).stripTrailing().equals("---")) {
        String frontmatter = String.join("\n", lines.subList(1, i)) + "\n";
        if (frontmatter.length() > MAX_FRONTMATTER) {
          error(
              findings,
              "SK008",
              file,
              i + 1,
              "has a frontmatter over %,d characters; move text into the body"
                  .formatted(MAX_FRONTMATTER));
          return Optional.empty();
        }
        String body = String.join("\n", lines.subList(i + 1, lines.size())).strip() + "\n";
        if (body.isBlank()) {
          error(
              findings,
              "SK009",
              file,
              i + 1,
              "has no instructions after the frontmatter; write them");
        }
        return Optional.of(new Parts(frontmatter, body));
      }
    }
    error(
        findings,
        "SK007",
        file,
        1,
        "has a frontmatter that is never closed; end it with a line ---");
    return Optional.empty();
  }

  private static Optional<Skill> frontmatter(
      SkillFile file, Parts parts, SkillFileName expected, List<Finding> findings) {
    List<Problem> problems = new ArrayList<>();
    Optional<YamlNode> root;
    try {
      root = StrictYaml.parse(file.path(), parts.frontmatter(), 1);
    } catch (InvalidTextException e) {
      e.problems().forEach(p -> findings.add(new Finding("SK010", Finding.Severity.ERROR, p)));
      return Optional.empty();
    }
    invisible(file, parts.frontmatter(), findings);
    if (root.isEmpty()) {
      error(
          findings,
          "SK011",
          file,
          1,
          "has an empty frontmatter; name, version, description, tags and access_level are"
              + " required");
      return Optional.empty();
    }
    Fields fields = Fields.root(file.path(), root, problems);
    Optional<SkillId> id = name(fields, expected);
    Optional<Version> version =
        required(fields, "version").flatMap(v -> fields.value("version", Version::parse));
    Optional<String> description =
        required(fields, "description").flatMap(d -> description(fields, d));
    List<String> tags = tags(fields);
    Optional<AccessLevel> level =
        required(fields, "access_level")
            .flatMap(l -> fields.oneOf("access_level", AccessLevel.class));
    Set<String> roles = roles(fields, level);
    List<Dependency> dependencies = dependencies(fields, id);
    List<String> owners = fields.texts("owners");
    Optional<YamlNode.Mapping> inputs = inputs(fields);
    Optional<String> deprecated = fields.text("deprecated");
    fields.finish();
    problems.forEach(p -> findings.add(new Finding("SK011", Finding.Severity.ERROR, p)));
    if (id.isEmpty() || version.isEmpty() || description.isEmpty() || level.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Skill(
            id.get(),
            version.get(),
            description.get(),
            tags,
            level.get(),
            roles,
            dependencies,
            owners,
            inputs,
            deprecated,
            parts.body(),
            file.path(),
            sha256(file.content())));
  }

  private static Optional<String> required(Fields fields, String key) {
    return fields.requiredText(key);
  }

  private static Optional<SkillId> name(Fields fields, SkillFileName expected) {
    Optional<SkillId> id =
        fields.requiredText("name").flatMap(n -> fields.value("name", SkillId::parse));
    if (id.isPresent() && !id.get().toString().equals(expected.toString())) {
      fields.problem(
          "name",
          "is '%s' but the file's path says '%s'; make them equal".formatted(id.get(), expected));
      return Optional.empty();
    }
    return id;
  }

  private static Optional<String> description(Fields fields, String description) {
    String trimmed = description.strip();
    if (trimmed.isEmpty() || trimmed.length() > MAX_DESCRIPTION) {
      fields.problem(
          "description",
          "wants 1 to %,d characters, found %,d".formatted(MAX_DESCRIPTION, trimmed.length()));
      return Optional.empty();
    }
    return Optional.of(trimmed);
  }

  private static List<String> tags(Fields fields) {
    List<String> tags = fields.texts("tags");
    if (!fields.has("tags")) {
      fields.problem(
          "tags", "is missing; list 1 to %d words people would search for".formatted(MAX_TAGS));
    } else if (tags.isEmpty() || tags.size() > MAX_TAGS) {
      fields.problem("tags", "wants 1 to %d entries, found %d".formatted(MAX_TAGS, tags.size()));
    }
    for (String tag : tags) {
      if (!TAG.matcher(tag).matches()) {
        fields.problem(
            "tags", "wants lower-case words of at most 40 characters, found '" + tag + "'");
      }
    }
    return tags;
  }

  private static Set<String> roles(Fields fields, Optional<AccessLevel> level) {
    List<String> roles = fields.texts("allowed_roles");
    boolean restricted = level.equals(Optional.of(AccessLevel.ROLE_RESTRICTED));
    if (restricted && roles.isEmpty()) {
      fields.problem(
          "allowed_roles",
          "is missing; access_level role-restricted names the roles that may use the skill");
    } else if (level.isPresent() && !restricted && !roles.isEmpty()) {
      fields.problem(
          "allowed_roles",
          "only goes with access_level role-restricted; the level is " + level.get().text());
    }
    if (roles.stream().anyMatch(String::isBlank)) {
      fields.problem("allowed_roles", "holds an empty role; name it or remove it");
    }
    return Set.copyOf(roles.stream().distinct().toList());
  }

  private static List<Dependency> dependencies(Fields fields, Optional<SkillId> self) {
    List<Dependency> dependencies = new ArrayList<>();
    for (String entry : fields.texts("depends_on")) {
      try {
        Dependency dependency = Dependency.parse(entry);
        if (self.equals(Optional.of(dependency.skill()))) {
          fields.problem("depends_on", "names the skill itself; remove it");
        } else if (dependencies.stream().anyMatch(d -> d.skill().equals(dependency.skill()))) {
          fields.problem("depends_on", "names %s twice; keep one".formatted(dependency.skill()));
        } else {
          dependencies.add(dependency);
        }
      } catch (IllegalArgumentException e) {
        fields.problem("depends_on", String.valueOf(e.getMessage()));
      }
    }
    return dependencies;
  }

  private static Optional<YamlNode.Mapping> inputs(Fields fields) {
    Optional<YamlNode> node = fields.node("inputs");
    if (node.isPresent() && node.get() instanceof YamlNode.Mapping mapping) {
      return Optional.of(mapping);
    }
    node.ifPresent(n -> fields.problem("inputs", "wants a JSON Schema object, found " + n.kind()));
    return Optional.empty();
  }

  /// Characters that make a reviewer read something else than the machine does.
  private static void invisible(SkillFile file, String text, List<Finding> findings) {
    int line = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
      } else if ((c >= '\u200B' && c <= '\u200F')
          || (c >= '\u202A' && c <= '\u202E')
          || (c >= '\u2060' && c <= '\u2069')
          || c == '\uFEFF') {
        error(
            findings,
            "SK012",
            file,
            line,
            "holds the invisible character U+%04X; remove it".formatted((int) c));
        return;
      }
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  private static void error(
      List<Finding> findings, String rule, SkillFile file, int line, String message) {
    findings.add(
        new Finding(rule, Finding.Severity.ERROR, new Problem(file.path(), line, 0, message)));
  }

  private static Finding warning(String rule, SkillFile file, int line, String message) {
    return new Finding(rule, Finding.Severity.WARNING, new Problem(file.path(), line, 0, message));
  }
}
