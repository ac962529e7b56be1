package dev.skillwarden.lint;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.InputSchema;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.YamlNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// `.claude/skills/_schema.yaml`: what this repository asks of a frontmatter beyond the built-in
/// rules. It may add keys and tighten rules; it never loosens one. A JSON Schema, or in its
/// shortest form two lists of keys, `required` and `optional`.
final class Contract {
  private static final int MAX_BYTES = 256 << 10;

  private final Optional<InputSchema> schema;
  private final Set<String> keys = new TreeSet<>(SkillParser.KEYS);
  private final boolean closed;

  private Contract(Optional<InputSchema> schema) {
    this.schema = schema;
    schema.ifPresent(s -> s.json().path("properties").propertyNames().forEach(keys::add));
    this.closed =
        schema.isPresent() && !schema.get().json().path("additionalProperties").asBoolean(true);
  }

  /// Reads the file of a checkout; none asks for nothing more.
  ///
  /// @param findings receives what is wrong with the file itself
  static Contract read(List<SkillFile> files, List<Finding> findings) {
    Optional<SkillFile> file = find(files);
    if (file.isEmpty()) {
      return new Contract(Optional.empty());
    }
    List<Problem> problems = new ArrayList<>();
    Optional<InputSchema> schema = parse(file.get(), problems);
    problems.forEach(p -> findings.add(new Finding(SkillRule.SCHEMA_INVALID, p)));
    schema.ifPresent(s -> builtIn(s, findings));
    return new Contract(schema);
  }

  private static Optional<SkillFile> find(List<SkillFile> files) {
    return files.stream().filter(f -> f.path().equals(SkillParser.SCHEMA)).findFirst();
  }

  private static Optional<InputSchema> parse(SkillFile file, List<Problem> problems) {
    try {
      Optional<YamlNode> root = StrictYaml.parse(file.path(), file.content(), MAX_BYTES);
      if (root.isPresent() && root.get() instanceof YamlNode.Mapping mapping) {
        return InputSchema.read(
            file.path(), withoutOptional(mapping), InputSchema.Values.TEXT, problems);
      }
      problems.add(new Problem(file.path(), 1, 1, "wants a JSON Schema, found no mapping"));
    } catch (InvalidTextException e) {
      problems.addAll(e.problems());
    }
    return Optional.empty();
  }

  /// The list `optional` as properties without rules.
  private static YamlNode.Mapping withoutOptional(YamlNode.Mapping schema) {
    if (!(schema.get("optional").orElse(null) instanceof YamlNode.Sequence optional)) {
      return schema;
    }
    Map<String, YamlNode.Entry> properties = new LinkedHashMap<>();
    if (schema.get("properties").orElse(null) instanceof YamlNode.Mapping given) {
      properties.putAll(given.entries());
    }
    for (YamlNode item : optional.items()) {
      if (item instanceof YamlNode.Scalar key) {
        properties.putIfAbsent(
            key.value(),
            new YamlNode.Entry(key, new YamlNode.Mapping(Map.of(), key.line(), key.column())));
      }
    }
    Map<String, YamlNode.Entry> keys = new LinkedHashMap<>(schema.entries());
    keys.remove("optional");
    keys.put(
        "properties",
        new YamlNode.Entry(
            new YamlNode.Scalar("properties", false, optional.line(), optional.column()),
            new YamlNode.Mapping(properties, optional.line(), optional.column())));
    return new YamlNode.Mapping(keys, schema.line(), schema.column());
  }

  /// A list `required` without a built-in key reads as if the key were optional.
  private static void builtIn(InputSchema schema, List<Finding> findings) {
    if (!schema.json().has("required")) {
      return;
    }
    Set<String> required = new HashSet<>();
    schema.json().path("required").forEach(n -> required.add(n.asString("")));
    for (String key : SkillParser.REQUIRED) {
      if (!required.contains(key)) {
        findings.add(
            new Finding(
                SkillRule.SCHEMA_WEAKENED,
                new Problem(
                    SkillParser.SCHEMA,
                    1,
                    1,
                    "required lacks '%s', a built-in key".formatted(key))));
      }
    }
  }

  /// What the file asked for at the base and does not ask for any more.
  static void compare(List<SkillFile> files, Checkout.Base base, List<Finding> findings) {
    Optional<SkillFile> before = find(base.files());
    if (before.isEmpty()) {
      return;
    }
    Optional<InputSchema> old = parse(before.get(), new ArrayList<>());
    Optional<SkillFile> now = find(files);
    List<InputSchema.Narrowing> lost = new ArrayList<>();
    if (old.isPresent() && now.isEmpty()) {
      lost.addAll(InputSchema.requirements(old.get()));
    } else if (old.isPresent()) {
      parse(now.get(), new ArrayList<>()).ifPresent(s -> lost.addAll(old.get().lostIn(s)));
    }
    for (InputSchema.Narrowing narrowing : lost) {
      findings.add(
          new Finding(
              SkillRule.SCHEMA_WEAKENED,
              new Problem(
                  SkillParser.SCHEMA,
                  1,
                  1,
                  "at %s the rule was: %s; it is gone".formatted(base.ref(), narrowing))));
    }
  }

  /// Keys nobody reads, and rules of the repository that the frontmatter breaks.
  void check(ParsedSkill parsed, List<Finding> findings) {
    Optional<YamlNode.Mapping> frontmatter = parsed.frontmatter();
    if (frontmatter.isEmpty()) {
      return;
    }
    for (YamlNode.Entry entry : frontmatter.get().entries().values()) {
      String key = entry.key().value();
      if (!keys.contains(key)) {
        Problem at =
            new Problem(
                parsed.path(),
                entry.key().line(),
                entry.key().column(),
                "unknown key '%s'%s".formatted(key, nearest(key)));
        findings.add(
            closed
                ? new Finding(SkillRule.UNKNOWN_KEY, Finding.Severity.ERROR, at)
                : new Finding(SkillRule.UNKNOWN_KEY, at));
      }
    }
    schema.ifPresent(s -> violations(s, parsed, frontmatter.get(), findings));
  }

  private String nearest(String key) {
    return Suggest.nearest(key.toLowerCase(java.util.Locale.ROOT).replace('-', '_'), keys);
  }

  private static void violations(
      InputSchema schema,
      ParsedSkill parsed,
      YamlNode.Mapping frontmatter,
      List<Finding> findings) {
    Set<String> reported = new HashSet<>();
    for (Finding finding : parsed.findings()) {
      reported.add(finding.at().message().split("[ .:\\[]", 2)[0]);
    }
    for (InputSchema.Violation violation :
        schema.check(InputSchema.json(frontmatter, InputSchema.Values.TEXT))) {
      String key = violation.path().isEmpty() ? "" : violation.path().getFirst();
      boolean known = reported.contains(key) || violation.keyword().equals("additionalProperties");
      if (!known) {
        YamlNode at = locate(frontmatter, violation.path());
        findings.add(
            new Finding(
                SkillRule.SCHEMA_VIOLATED,
                new Problem(parsed.path(), at.line(), at.column(), violation.toString())));
      }
    }
  }

  private static YamlNode locate(YamlNode from, List<String> path) {
    YamlNode at = from;
    for (String step : path) {
      Optional<YamlNode> next =
          switch (at) {
            case YamlNode.Mapping m -> m.get(step);
            case YamlNode.Sequence s ->
                step.matches("\\d{1,6}") && Integer.parseInt(step) < s.items().size()
                    ? Optional.of(s.items().get(Integer.parseInt(step)))
                    : Optional.empty();
            case YamlNode.Scalar s -> Optional.empty();
          };
      if (next.isEmpty()) {
        return at;
      }
      at = next.get();
    }
    return at;
  }
}
