package dev.skillwarden.skill;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A JSON Schema of the subset that can be compared: `type properties required additionalProperties
/// items enum const minLength maxLength pattern minimum maximum minItems maxItems`, and the
/// annotations `title description default examples format deprecated $schema`. References and
/// combinations are refused. Patterns are RE2 (linear time), found anywhere in the text.
public final class InputSchema {
  /// How unknown keys and typing of values are read.
  public enum Values {
    /// JSON: a number is a number.
    TYPED,
    /// Frontmatter: every scalar arrives as text, and `3` counts as a number.
    TEXT
  }

  /// One way in which a schema refuses what another one takes.
  ///
  /// @param path property path, empty for the whole
  /// @param what such as `is required`
  public record Narrowing(String path, String what) {
    @Override
    public String toString() {
      return path.isEmpty() ? what : path + " " + what;
    }
  }

  /// A value that the schema refuses.
  ///
  /// @param path keys and indexes down to the value
  /// @param keyword the keyword that refuses it, such as `required`
  public record Violation(List<String> path, String keyword, String message) {
    public Violation {
      path = List.copyOf(path);
    }

    @Override
    public String toString() {
      return path.isEmpty() ? message : String.join(".", path) + " " + message;
    }
  }

  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");
  private static final Set<String> COUNTS =
      Set.of("minLength", "maxLength", "minItems", "maxItems");
  private static final Set<String> BOUNDS = Set.of("minimum", "maximum");
  private static final Set<String> ANNOTATIONS =
      Set.of("title", "description", "default", "examples", "format", "deprecated", "$schema");
  private static final Set<String> KEYWORDS = keywords();
  private static final int MAX_DEPTH = 12;

  private final ObjectNode json;
  private final Values values;
  private volatile @Nullable Schema compiled; // most schemas are never asked

  private InputSchema(ObjectNode json, Values values) {
    this.json = json;
    this.values = values;
  }

  private Schema compiled() {
    Schema ready = compiled;
    if (ready == null) {
      SchemaRegistryConfig config =
          SchemaRegistryConfig.builder()
              .locale(Locale.ROOT)
              .typeLoose(values == Values.TEXT)
              .regularExpressionFactory(pattern -> {
                Pattern linear = Pattern.compile(pattern);
                return text -> linear.matcher(text).find();
              })
              .build();
      ObjectNode rules = json.deepCopy();
      rules.remove("$schema"); // fixed here, whatever the author names
      ready =
          SchemaRegistry.withDefaultDialect(
                  SpecificationVersion.DRAFT_2020_12, b -> b.schemaRegistryConfig(config))
              .getSchema(rules);
      compiled = ready;
    }
    return ready;
  }

  private static Set<String> keywords() {
    Set<String> all = new TreeSet<>(ANNOTATIONS);
    all.addAll(COUNTS);
    all.addAll(BOUNDS);
    all.addAll(
        Set.of(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "pattern"));
    return all;
  }

  /// Reads a schema written in YAML.
  ///
  /// @param problems receives everything that is not in the subset, with its position
  /// @return empty when there was a problem
  public static Optional<InputSchema> read(
      String file, YamlNode.Mapping root, Values values, List<Problem> problems) {
    Reader reader = new Reader(file, problems);
    int before = problems.size();
    ObjectNode json = reader.schema(root, 0);
    if (problems.size() == before
        && json.has("type")
        && !json.path("type").asString("").equals("object")) {
      reader.problem(root, "wants type: object at the top, since a payload is a JSON object");
    }
    return problems.size() == before
        ? Optional.of(new InputSchema(json, values))
        : Optional.empty();
  }

  /// The schema as JSON.
  public ObjectNode json() {
    return json.deepCopy();
  }

  /// What the schema refuses in a value, in the order of the schema; empty when it takes it.
  public List<Violation> check(JsonNode value) {
    List<Violation> found = new ArrayList<>();
    for (Error error : compiled().validate(value)) {
      List<String> path = new ArrayList<>();
      for (int i = 0; i < error.getInstanceLocation().getNameCount(); i++) {
        path.add(String.valueOf(error.getInstanceLocation().getElement(i)));
      }
      if (error.getProperty() != null) {
        path.add(error.getProperty());
      }
      found.add(new Violation(path, String.valueOf(error.getKeyword()), error.getMessage()));
    }
    return found;
  }

  /// Every way in which `next` refuses a value that this schema takes. A pattern that differs
  /// counts as refusing, since two patterns cannot be compared.
  public List<Narrowing> narrowedBy(InputSchema next) {
    List<Narrowing> found = new ArrayList<>();
    compare("", json, next.json, false, found);
    return found;
  }

  /// Every rule of this schema that `next` does not have any more, rules for optional keys
  /// included.
  public List<Narrowing> lostIn(InputSchema next) {
    List<Narrowing> found = new ArrayList<>();
    compare("", next.json, json, true, found);
    return found;
  }

  /// Every requirement of the schema: what it refuses that a schema without rules takes.
  public static List<Narrowing> requirements(InputSchema schema) {
    List<Narrowing> found = new ArrayList<>();
    compare("", Json.object(), schema.json, true, found);
    return found;
  }

  /// @param added whether keys that only `to` describes count: a caller that never sent them does
  ///   not break
  private static void compare(
      String path, JsonNode from, JsonNode to, boolean added, List<Narrowing> found) {
    compareTypes(path, from, to, found);
    Set<String> required = texts(to.path("required"));
    required.removeAll(texts(from.path("required")));
    required.forEach(key -> found.add(new Narrowing(join(path, key), "is required")));
    boolean open = from.path("additionalProperties").asBoolean(true);
    boolean nextOpen = to.path("additionalProperties").asBoolean(true);
    if (open && !nextOpen) {
      found.add(new Narrowing(path, "takes no keys that are not listed"));
    }
    for (Map.Entry<String, JsonNode> property : from.path("properties").properties()) {
      JsonNode next = to.path("properties").path(property.getKey());
      if (!next.isMissingNode()) {
        compare(join(path, property.getKey()), property.getValue(), next, added, found);
      } else if (!nextOpen) {
        found.add(new Narrowing(join(path, property.getKey()), "is not accepted"));
      }
    }
    for (Map.Entry<String, JsonNode> property : to.path("properties").properties()) {
      if (added && from.path("properties").path(property.getKey()).isMissingNode()) {
        compare(join(path, property.getKey()), Json.object(), property.getValue(), true, found);
      }
    }
    if (!to.path("items").isMissingNode()) {
      JsonNode items = from.path("items").isMissingNode() ? Json.object() : from.path("items");
      compare(path + "[]", items, to.path("items"), added, found);
    }
    compareValues(path, from, to, found);
    for (String keyword : List.of("minLength", "minItems", "minimum")) {
      if (to.has(keyword)
          && (!from.has(keyword)
              || to.path(keyword).decimalValue().compareTo(from.path(keyword).decimalValue())
                  > 0)) {
        found.add(new Narrowing(path, "has %s %s".formatted(keyword, to.path(keyword))));
      }
    }
    for (String keyword : List.of("maxLength", "maxItems", "maximum")) {
      if (to.has(keyword)
          && (!from.has(keyword)
              || to.path(keyword).decimalValue().compareTo(from.path(keyword).decimalValue())
                  < 0)) {
        found.add(new Narrowing(path, "has %s %s".formatted(keyword, to.path(keyword))));
      }
    }
    if (to.has("pattern") && !to.path("pattern").equals(from.path("pattern"))) {
      found.add(new Narrowing(path, "must match the pattern " + to.path("pattern").asString("")));
    }
  }

  private static void compareTypes(String path, JsonNode from, JsonNode to, List<Narrowing> found) {
    if (!to.has("type")) {
      return;
    }
    Set<String> next = types(to);
    Set<String> lost = from.has("type") ? types(from) : new TreeSet<>(TYPES);
    lost.removeAll(next);
    if (next.contains("number")) {
      lost.remove("integer");
    }
    if (!lost.isEmpty()) {
      found.add(new Narrowing(path, "must be of type " + String.join(" or ", next)));
    }
  }

  private static void compareValues(
      String path, JsonNode from, JsonNode to, List<Narrowing> found) {
    Optional<Set<JsonNode>> next = values(to);
    if (next.isEmpty()) {
      return;
    }
    Optional<Set<JsonNode>> before = values(from);
    if (before.isEmpty()) {
      found.add(new Narrowing(path, "must be one of " + next.get()));
      return;
    }
    Set<JsonNode> lost = new LinkedHashSet<>(before.get());
    lost.removeAll(next.get());
    if (!lost.isEmpty()) {
      found.add(new Narrowing(path, "may not be " + lost));
    }
  }

  private static Optional<Set<JsonNode>> values(JsonNode schema) {
    if (schema.has("const")) {
      return Optional.of(Set.of(schema.path("const")));
    }
    if (!schema.has("enum")) {
      return Optional.empty();
    }
    Set<JsonNode> values = new LinkedHashSet<>();
    schema.path("enum").forEach(values::add);
    return Optional.of(values);
  }

  private static Set<String> types(JsonNode schema) {
    return schema.path("type").isArray()
        ? texts(schema.path("type"))
        : new TreeSet<>(Set.of(schema.path("type").asString("")));
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new TreeSet<>();
    array.forEach(n -> texts.add(n.asString("")));
    return texts;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /// A YAML node as JSON. Quoted scalars are text; plain ones are typed as in YAML's core schema.
  ///
  /// @param values TEXT leaves every scalar text
  public static JsonNode json(YamlNode node, Values values) {
    return switch (node) {
      case YamlNode.Scalar s -> values == Values.TEXT ? text(s) : scalar(s);
      case YamlNode.Sequence s -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        s.items().forEach(i -> array.add(json(i, values)));
        yield array;
      }
      case YamlNode.Mapping m -> {
        ObjectNode object = Json.object();
        m.entries().forEach((key, entry) -> object.set(key, json(entry.value(), values)));
        yield object;
      }
    };
  }

  private static JsonNode text(YamlNode.Scalar scalar) {
    return scalar.isNull()
        ? JsonNodeFactory.instance.nullNode()
        : JsonNodeFactory.instance.stringNode(scalar.value());
  }

  private static JsonNode scalar(YamlNode.Scalar s) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    if (s.quoted()) {
      return make.stringNode(s.value());
    }
    if (s.isNull()) {
      return make.nullNode();
    }
    if (s.value().equals("true") || s.value().equals("false")) {
      return make.booleanNode(s.value().equals("true"));
    }
    if (s.value().matches("-?(0|[1-9]\\d{0,17})")) {
      return make.numberNode(Long.parseLong(s.value()));
    }
    return s.value().matches("-?(0|[1-9]\\d{0,17})\\.\\d{1,18}")
        ? make.numberNode(new java.math.BigDecimal(s.value()))
        : make.stringNode(s.value());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InputSchema s && s.json.equals(json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json.toString();
  }

  /// Reads one schema with all its parts.
  private record Reader(String file, List<Problem> problems) {
    private ObjectNode schema(YamlNode.Mapping mapping, int depth) {
      ObjectNode out = Json.object();
      if (depth > MAX_DEPTH) {
        problem(mapping, "is nested more than %d schemas deep; flatten it".formatted(MAX_DEPTH));
        return out;
      }
      for (YamlNode.Entry entry : mapping.entries().values()) {
        String key = entry.key().value();
        if (!KEYWORDS.contains(key)) {
          problem(
              entry.key(),
              "holds the keyword '%s', which is not in the subset%s"
                  .formatted(key, Suggest.nearest(key, KEYWORDS)));
        } else {
          keyword(out, key, entry.value(), depth);
        }
      }
      return out;
    }

    private void keyword(ObjectNode out, String key, YamlNode value, int depth) {
      switch (key) {
        case "properties" -> {
          if (value instanceof YamlNode.Mapping m) {
            ObjectNode properties = out.putObject(key);
            for (Map.Entry<String, YamlNode.Entry> property : m.entries().entrySet()) {
              subschema(property.getValue().value(), depth)
                  .ifPresent(s -> properties.set(property.getKey(), s));
            }
          } else {
            wants(value, key, "a mapping of names to schemas");
          }
        }
        case "items" -> subschema(value, depth).ifPresent(s -> out.set(key, s));
        case "required" -> list(value, key).ifPresent(l -> out.set(key, l));
        case "type" -> type(out, value);
        case "enum" -> {
          if (value instanceof YamlNode.Sequence s && !s.items().isEmpty()) {
            out.set(key, json(value, Values.TYPED));
          } else {
            wants(value, key, "a list of values");
          }
        }
        case "additionalProperties" -> {
          JsonNode node = json(value, Values.TYPED);
          if (node.isBoolean()) {
            out.set(key, node);
          } else {
            wants(value, key, "true or false");
          }
        }
        case "pattern" -> pattern(out, value);
        default -> {
          JsonNode node = json(value, Values.TYPED);
          boolean good =
              COUNTS.contains(key)
                  ? node.isIntegralNumber() && node.asLong() >= 0
                  : !BOUNDS.contains(key) || node.isNumber();
          if (good) {
            out.set(key, node);
          } else {
            wants(value, key, "a number");
          }
        }
      }
    }

    private Optional<ObjectNode> subschema(YamlNode value, int depth) {
      if (value instanceof YamlNode.Mapping m) {
        return Optional.of(schema(m, depth + 1));
      }
      problem(value, "wants a schema (a mapping), found " + value.kind());
      return Optional.empty();
    }

    private Optional<ArrayNode> list(YamlNode value, String key) {
      if (value instanceof YamlNode.Sequence s
          && s.items().stream().allMatch(i -> i instanceof YamlNode.Scalar)) {
        return Optional.of((ArrayNode) json(s, Values.TEXT));
      }
      wants(value, key, "a list of names");
      return Optional.empty();
    }

    private void type(ObjectNode out, YamlNode value) {
      JsonNode node = json(value, Values.TEXT);
      Set<String> named =
          node.isArray() ? texts(node) : new TreeSet<>(Set.of(node.asString("null")));
      named.removeAll(TYPES);
      if (named.isEmpty() && !(node.isArray() && node.isEmpty())) {
        out.set("type", node.isNull() ? JsonNodeFactory.instance.stringNode("null") : node);
      } else {
        wants(value, "type", "one of " + new TreeSet<>(TYPES));
      }
    }

    private void pattern(ObjectNode out, YamlNode value) {
      JsonNode node = json(value, Values.TEXT);
      try {
        Pattern compiled = Pattern.compile(node.asString(""));
        out.put("pattern", compiled.pattern());
      } catch (PatternSyntaxException e) {
        wants(value, "pattern", "an RE2 pattern (%s)".formatted(e.getMessage()));
      }
    }

    private void wants(YamlNode at, String key, String wanted) {
      String found = at instanceof YamlNode.Scalar s ? "'" + s.value() + "'" : at.kind();
      problem(at, "%s wants %s, found %s".formatted(key, wanted, found));
    }

    private void problem(YamlNode at, String message) {
      problems.add(new Problem(file, at.line(), at.column(), message));
    }
  }
}
