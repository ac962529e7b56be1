package dev.skillwarden.skill;

import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.Sha256;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.YamlNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `.claude/skills/{team}/{name}.md`: frontmatter between two lines that are only `---`, then
/// the instructions. Collects every finding; a file with an error yields no skill.
public final class SkillParser {
  /// Directory of all skills in a repository.
  public static final String ROOT = ".claude/skills/";

  /// The repository's own additions to the rules of the frontmatter.
  public static final String SCHEMA = ROOT + "_schema.yaml";

  /// Largest accepted file, in bytes.
  public static final int MAX_FILE = 256 << 10;

  /// Largest accepted frontmatter, in characters.
  public static final int MAX_FRONTMATTER = 16 << 10;

  /// Longest accepted description, in characters.
  public static final int MAX_DESCRIPTION = 1_024;

  /// More tags are a warning.
  public static final int MAX_TAGS = 20;

  /// More lines of instructions are a warning.
  public static final int MAX_BODY_LINES = 500;

  /// Keys the product itself reads.
  public static final Set<String> KEYS =
      Set.of(
          "name",
          "version",
          "description",
          "tags",
          "access_level",
          "allowed_roles",
          "depends_on",
          "owners",
          "inputs",
          "deprecated");

  /// Keys without which nothing is served.
  public static final List<String> REQUIRED =
      List.of("name", "version", "description", "tags", "access_level");

  private static final Pattern PATH = Pattern.compile("\\.claude/skills/([^/]+)/([^/]+)\\.md");
  private static final Pattern TAG = Pattern.compile("[a-z0-9][a-z0-9+#.-]{0,39}");

  private final SkillFile file;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private String text = "";
  private int bodyLine;
  private Optional<YamlNode.Mapping> frontmatter = Optional.empty();

  private SkillParser(SkillFile file) {
    this.file = file;
  }

  /// Whether the file is meant to be a skill; others (`_schema.yaml`, READMEs, `.gitkeep`) are not
  /// read.
  public static boolean isSkillPath(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return path.startsWith(ROOT)
        && name.endsWith(".md")
        && !name.equals("README.md")
        && !name.startsWith(".");
  }

  /// The skill a path stands for; empty when it lies elsewhere or is no name.
  public static Optional<SkillId> named(String path) {
    Matcher matcher = PATH.matcher(path);
    return matcher.matches() && SkillId.isPart(matcher.group(1)) && SkillId.isPart(matcher.group(2))
        ? Optional.of(new SkillId(matcher.group(1).intern(), matcher.group(2))) // teams are few
        : Optional.empty();
  }

  public static ParsedSkill parse(SkillFile file) {
    return new SkillParser(file).parse();
  }

  private ParsedSkill parse() {
    Optional<Skill> skill = read();
    findings.sort(Finding.ORDER);
    boolean broken = findings.stream().anyMatch(Finding::isError);
    return new ParsedSkill(
        file.path(), broken ? Optional.empty() : skill, frontmatter, text, bodyLine, findings);
  }

  private Optional<Skill> read() {
    Matcher path = PATH.matcher(file.path());
    if (!path.matches()) {
      add(SkillRule.MISPLACED, 0, 0, "wants .claude/skills/TEAM/NAME.md, found " + file.path());
    }
    if (!file.regular()) {
      add(
          SkillRule.NOT_A_PLAIN_FILE,
          0,
          0,
          "is a symbolic link, a submodule or executable; a plain file is wanted");
      return Optional.empty();
    }
    if (file.content().length > MAX_FILE) {
      add(
          SkillRule.TOO_LARGE,
          0,
          0,
          "is over %,d bytes, the most a skill may have".formatted(MAX_FILE));
      return Optional.empty();
    }
    if (!decode()) {
      return Optional.empty();
    }
    Optional<String> yaml = split();
    invisible();
    return yaml.flatMap(y ->
        path.matches() ? frontmatter(y, path.group(1), path.group(2)) : frontmatter(y, "", ""));
  }

  private boolean decode() {
    byte[] bytes = file.content();
    if (bytes.length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF) {
      add(SkillRule.NOT_UTF8, 1, 1, "begins with a byte-order mark; save it without");
    }
    try {
      text = StrictYaml.decode(file.path(), bytes);
    } catch (InvalidTextException e) {
      e.problems().forEach(p -> findings.add(new Finding(SkillRule.NOT_UTF8, p)));
      return false;
    }
    int cr = text.indexOf('\r');
    if (cr >= 0) {
      int line = 1 + (int) text.substring(0, cr).chars().filter(c -> c == '\n').count();
      add(SkillRule.CRLF, line, 0, "has CRLF line ends; LF is wanted");
      text = text.replace("\r\n", "\n").replace('\r', '\n');
    }
    return true;
  }

  /// A fence is a line that is only `---`: the same characters inside a value are not.
  private Optional<String> split() {
    List<String> lines = text.lines().toList();
    int first = 0;
    while (first < lines.size() && lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.size() || !lines.get(first).stripTrailing().equals("---")) {
      int later = lines.indexOf("---");
      String found =
          text.isBlank()
              ? "is empty"
              : later > 0
                  ? "begins with other text; the first line --- is line " + (later + 1)
                  : "begins with other text";
      add(SkillRule.NO_FRONTMATTER, 1, 1, found + "; a line --- is wanted as the first line");
      return Optional.empty();
    }
    if (first > 0) {
      add(
          SkillRule.NO_FRONTMATTER,
          1,
          1,
          "has %d blank lines before the frontmatter; --- is wanted as the first line"
              .formatted(first));
    }
    for (int i = first + 1; i < lines.size(); i++) {
      if (lines.get(i).stripTrailing().equals("---")) {
        bodyLine = i + 2;
        String yaml = String.join("\n", lines.subList(first + 1, i)) + "\n";
        if (yaml.length() > MAX_FRONTMATTER) {
          add(
              SkillRule.TOO_LARGE,
              first + 1,
              1,
              "has a frontmatter of %,d characters, at most %,d are read"
                  .formatted(yaml.length(), MAX_FRONTMATTER));
          return Optional.empty();
        }
        checkBody(lines, i + 1);
        return Optional.of("\n".repeat(first + 1) + yaml);
      }
    }
    add(
        SkillRule.NO_FRONTMATTER,
        first + 1,
        1,
        "has a frontmatter that is never closed; a second line that is only --- is wanted");
    return Optional.empty();
  }

  private void checkBody(List<String> lines, int from) {
    int count = lines.size() - from;
    if (lines.subList(from, lines.size()).stream().allMatch(String::isBlank)) {
      add(
          SkillRule.NO_INSTRUCTIONS,
          from,
          1,
          "has no instructions after the frontmatter; they are what an agent gets");
    }
    if (count > MAX_BODY_LINES) {
      add(
          SkillRule.LONG_BODY,
          from + MAX_BODY_LINES,
          0,
          "has %,d lines of instructions, at most %,d are wanted".formatted(count, MAX_BODY_LINES));
    }
  }

  private Optional<Skill> frontmatter(String yaml, String team, String name) {
    Optional<YamlNode> root;
    try {
      root = StrictYaml.parse(file.path(), yaml, 0);
    } catch (InvalidTextException e) {
      e.problems().forEach(p -> findings.add(new Finding(rule(p.kind()), p)));
      return Optional.empty();
    }
    if (root.isPresent() && root.get() instanceof YamlNode.Mapping m) {
      frontmatter = Optional.of(m);
    }
    Fields fields = under(SkillRule.WRONG_TYPE, () -> Fields.root(file.path(), root, problems));
    for (String key : REQUIRED) {
      if (!fields.has(key)) {
        add(
            SkillRule.MISSING_KEY,
            fields.line(key),
            fields.column(key),
            "%s is missing%s".formatted(key, Suggest.nearest(key, unread(fields))));
      }
    }
    Optional<SkillId> id = name(fields, team, name);
    Optional<Version> version = version(fields);
    Optional<String> description =
        under(SkillRule.WRONG_TYPE, () -> fields.text("description"))
            .flatMap(d -> description(fields, d));
    List<String> tags = tags(fields);
    Optional<AccessLevel> level =
        under(SkillRule.WRONG_TYPE, () -> fields.text("access_level"))
            .flatMap(l ->
                under(
                    SkillRule.BAD_ACCESS_LEVEL,
                    () -> fields.oneOf("access_level", AccessLevel.class)));
    Set<String> roles = roles(fields, level);
    List<Dependency> dependencies = dependencies(fields, id);
    List<String> owners = under(SkillRule.WRONG_TYPE, () -> fields.texts("owners"));
    Optional<InputSchema> inputs = inputs(fields);
    Optional<Deprecation> deprecated = deprecated(fields);
    if (id.isEmpty() || version.isEmpty() || description.isEmpty() || level.isEmpty()) {
      return Optional.empty();
    }
    String body = text.substring(lineStart(bodyLine)).strip() + "\n";
    String sha256 = Sha256.of(file.content());
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
            file.again().isPresent() ? Instructions.in(file, sha256, body) : Instructions.of(body),
            file.path(),
            sha256));
  }

  /// Position of a line, counted from 1; at the end when there is none.
  private int lineStart(int line) {
    int start = 0;
    for (int before = 1; before < line; before++) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        return text.length();
      }
      start = end + 1;
    }
    return start;
  }

  private static SkillRule rule(Problem.Kind kind) {
    return switch (kind) {
      case SYNTAX, VALUE -> SkillRule.YAML_ERROR;
      case DUPLICATE_KEY -> SkillRule.DUPLICATE_KEY;
      case REFERENCE -> SkillRule.ALIAS_OR_TAG;
      case ENCODING -> SkillRule.NOT_UTF8;
      case SIZE -> SkillRule.TOO_LARGE;
    };
  }

  /// Keys that might be a misspelt required one.
  private static Set<String> unread(Fields fields) {
    Set<String> unread = new HashSet<>(fields.keys());
    unread.removeAll(KEYS);
    return unread;
  }

  private Optional<SkillId> name(Fields fields, String team, String name) {
    if (!team.isEmpty()) {
      for (String part : List.of(team, name)) {
        if (!SkillId.isPart(part)) {
          add(
              SkillRule.BAD_NAME,
              0,
              0,
              "the path wants lower-case letters, digits and single hyphens, at most 64, found '%s'"
                  .formatted(part));
        }
      }
    }
    Optional<String> written = under(SkillRule.WRONG_TYPE, () -> fields.text("name"));
    if (written.isEmpty()) {
      return Optional.empty();
    }
    String expected = team + "/" + name;
    if (!team.isEmpty() && !written.get().equals(expected)) {
      String hint = written.get().equals(name) ? "; the team belongs to the name" : "";
      problemAt(
          SkillRule.NAME_NOT_PATH,
          fields,
          "name",
          "wants '%s' as the path says, found '%s'%s".formatted(expected, written.get(), hint));
    }
    boolean bad = written.get().equals(expected) && findings.stream().anyMatch(this::isBadName);
    return bad
        ? Optional.empty()
        : under(SkillRule.BAD_NAME, () -> fields.value("name", SkillId::parse));
  }

  private boolean isBadName(Finding finding) {
    return finding.rule() == SkillRule.BAD_NAME;
  }

  private Optional<Version> version(Fields fields) {
    Optional<String> written = under(SkillRule.WRONG_TYPE, () -> fields.text("version"));
    if (written.isEmpty()) {
      return Optional.empty();
    }
    Optional<Version> version =
        under(SkillRule.VERSION_NOT_SEMVER, () -> fields.value("version", Version::parse));
    if (version.isPresent() && written.get().contains("+")) {
      problemAt(
          SkillRule.BUILD_METADATA,
          fields,
          "version",
          "wants a version without build metadata, found '%s'".formatted(written.get()));
    }
    return version;
  }

  private Optional<String> description(Fields fields, String description) {
    String trimmed = description.strip();
    if (trimmed.isEmpty() || trimmed.length() > MAX_DESCRIPTION) {
      problemAt(
          SkillRule.BAD_DESCRIPTION_OR_TAGS,
          fields,
          "description",
          "wants 1 to %,d characters, found %,d".formatted(MAX_DESCRIPTION, trimmed.length()));
      return Optional.empty();
    }
    return Optional.of(trimmed);
  }

  private List<String> tags(Fields fields) {
    int before = findings.size();
    List<String> tags = under(SkillRule.WRONG_TYPE, () -> fields.texts("tags"));
    if (fields.has("tags") && tags.isEmpty() && findings.size() == before) {
      problemAt(
          SkillRule.BAD_DESCRIPTION_OR_TAGS,
          fields,
          "tags",
          "wants 1 to %d words people would search for, found none".formatted(MAX_TAGS));
    }
    if (tags.size() > MAX_TAGS) {
      problemAt(
          SkillRule.TAG_STYLE,
          fields,
          "tags",
          "wants 1 to %d entries, found %d".formatted(MAX_TAGS, tags.size()));
    }
    Set<String> seen = new HashSet<>();
    for (String tag : tags) {
      if (!TAG.matcher(tag).matches()) {
        problemAt(
            SkillRule.BAD_DESCRIPTION_OR_TAGS,
            fields,
            "tags",
            "wants lower-case words of at most 40 characters, found '" + tag + "'");
      }
      if (!seen.add(tag)) {
        problemAt(
            SkillRule.TAG_STYLE, fields, "tags", "wants each tag once, found a second " + tag);
      }
    }
    return List.copyOf(new java.util.LinkedHashSet<>(tags));
  }

  private Set<String> roles(Fields fields, Optional<AccessLevel> level) {
    List<String> roles = under(SkillRule.WRONG_TYPE, () -> fields.texts("allowed_roles"));
    boolean restricted = level.equals(Optional.of(AccessLevel.ROLE_RESTRICTED));
    if (restricted && roles.isEmpty()) {
      problemAt(
          SkillRule.BAD_ROLES,
          fields,
          "allowed_roles",
          "wants the roles that may use the skill, since access_level is role-restricted; found"
              + " none");
    } else if (level.isPresent() && !restricted && !roles.isEmpty()) {
      problemAt(
          SkillRule.BAD_ROLES,
          fields,
          "allowed_roles",
          "only goes with access_level role-restricted, found " + level.get().text());
    }
    if (roles.stream().anyMatch(String::isBlank)) {
      problemAt(SkillRule.BAD_ROLES, fields, "allowed_roles", "holds an empty role; name it");
    }
    return Set.copyOf(roles.stream().distinct().toList());
  }

  private List<Dependency> dependencies(Fields fields, Optional<SkillId> self) {
    List<Dependency> dependencies = new ArrayList<>();
    Optional<YamlNode> node = fields.node("depends_on");
    if (node.isEmpty()) {
      return dependencies;
    }
    under(SkillRule.WRONG_TYPE, () -> fields.texts("depends_on"));
    if (!(node.get() instanceof YamlNode.Sequence entries)) {
      return dependencies;
    }
    for (YamlNode entry : entries.items()) {
      if (!(entry instanceof YamlNode.Scalar s) || s.isNull()) {
        continue; // reported as a wrong type
      }
      try {
        Dependency dependency = Dependency.parse(s.value());
        if (self.equals(Optional.of(dependency.skill()))) {
          add(
              SkillRule.CYCLE,
              s.line(),
              s.column(),
              "depends_on names the skill itself: %s -> %s".formatted(self.get(), self.get()));
        } else if (dependencies.stream().anyMatch(d -> d.skill().equals(dependency.skill()))) {
          add(
              SkillRule.BAD_DEPENDENCY,
              s.line(),
              s.column(),
              "depends_on names %s twice".formatted(dependency.skill()));
        } else {
          dependencies.add(dependency);
        }
        if (dependency.range().isFloating()) {
          add(
              SkillRule.FLOATING_RANGE,
              s.line(),
              s.column(),
              "depends_on wants a range with a major version such as 1.x, found '%s'"
                  .formatted(s.value()));
        }
      } catch (IllegalArgumentException e) {
        add(SkillRule.BAD_DEPENDENCY, s.line(), s.column(), "depends_on " + e.getMessage());
      }
    }
    return dependencies;
  }

  private Optional<InputSchema> inputs(Fields fields) {
    Optional<YamlNode> node = fields.node("inputs");
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (node.get() instanceof YamlNode.Mapping mapping) {
      return under(
          SkillRule.BAD_INPUTS,
          () -> InputSchema.read(file.path(), mapping, InputSchema.Values.TYPED, problems));
    }
    problemAt(
        SkillRule.WRONG_TYPE, fields, "inputs", "wants a JSON Schema, found " + node.get().kind());
    return Optional.empty();
  }

  private Optional<Deprecation> deprecated(Fields fields) {
    if (!fields.has("deprecated")) {
      return Optional.empty();
    }
    return under(
        SkillRule.BAD_DEPRECATED,
        () -> {
          int before = problems.size();
          Fields block = fields.section("deprecated");
          if (problems.size() > before) {
            return Optional.empty();
          }
          Optional<LocalDate> since = required(block, "since").flatMap(s -> date(block, "since"));
          Optional<String> reason = required(block, "reason");
          Optional<SkillId> replacement = block.value("replacement", SkillId::parse);
          Optional<LocalDate> sunset = date(block, "sunset");
          block.finish();
          if (since.isPresent() && sunset.isPresent() && sunset.get().isBefore(since.get())) {
            block.problem("sunset", "is before since");
          }
          return problems.size() > before || since.isEmpty() || reason.isEmpty()
              ? Optional.empty()
              : Optional.of(new Deprecation(since.get(), reason.get(), replacement, sunset));
        });
  }

  private static Optional<String> required(Fields block, String key) {
    return block.requiredText(key);
  }

  private static Optional<LocalDate> date(Fields block, String key) {
    return block.value(
        key,
        t -> {
          try {
            return LocalDate.parse(t);
          } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                "wants a date like 2026-01-31, found '" + t + "'", e);
          }
        });
  }

  /// Runs a read and files what it complains about under the rule.
  private <T> T under(SkillRule rule, Supplier<T> read) {
    int before = problems.size();
    T value = read.get();
    problems.subList(before, problems.size()).forEach(p -> findings.add(new Finding(rule, p)));
    return value;
  }

  private void problemAt(SkillRule rule, Fields fields, String key, String message) {
    add(rule, fields.line(key), fields.column(key), key + " " + message);
  }

  /// Characters that make a reviewer read something else than the machine does.
  private void invisible() {
    int line = 1;
    int lineStart = 0;
    int reported = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
        lineStart = i + 1;
      } else if (isInvisible(text, i) && line != reported) {
        reported = line; // one a line is enough to find them
        add(
            line < bodyLine || bodyLine == 0
                ? new Finding(SkillRule.INVISIBLE_CHARACTER, invisible(line, i - lineStart + 1, i))
                : new Finding(
                    SkillRule.INVISIBLE_CHARACTER,
                    Finding.Severity.WARNING,
                    invisible(line, i - lineStart + 1, i)));
      }
    }
  }

  private Problem invisible(int line, int column, int at) {
    return new Problem(
        file.path(),
        line,
        column,
        "holds the invisible character U+%04X".formatted(text.codePointAt(at)));
  }

  /// Zero-width and bidirectional controls, and the tag characters that hide whole texts; a joiner
  /// between two pictographs is part of the picture.
  private static boolean isInvisible(String text, int at) {
    char c = text.charAt(at);
    if (c == '\u200D') {
      return at == 0 || text.charAt(at - 1) < '\u2000';
    }
    if (c == '\uDB40' && at + 1 < text.length()) {
      int tag = text.codePointAt(at);
      return tag >= 0xE0000 && tag <= 0xE007F;
    }
    return (c >= '\u200B' && c <= '\u200F')
        || (c >= '\u202A' && c <= '\u202E')
        || (c >= '\u2060' && c <= '\u2069')
        || c == '\uFEFF';
  }

  private void add(SkillRule rule, int line, int column, String message) {
    add(new Finding(rule, new Problem(file.path(), line, column, message)));
  }

  private void add(Finding finding) {
    findings.add(finding);
  }
}
