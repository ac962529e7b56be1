package dev.skillwarden.eval;

import dev.skillwarden.eval.Trigger.Kind;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.Suggest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Reads `evals/TEAM/NAME/evals.json`, the format of agentskills.io with `triggers`. It is
/// described by `config/eval-suite.schema.json`; what a schema cannot say, such as whether the
/// skill exists, is checked too.
public final class SuiteReader {
  /// Largest suite, in bytes.
  public static final int MAX_FILE = 1 << 20;

  static final int MAX_TRIGGERS = 1_000;
  static final int MAX_RUNS = 50;
  static final List<String> TRIGGER_KEYS = List.of("query", "should_trigger", "kind", "k");
  static final List<String> CHECKS =
      List.of(
          "llm",
          "regex",
          "contains",
          "equals",
          "json_path",
          "max_words",
          "tool_used",
          "tool_order",
          "file_exists");

  private static final Pattern SUITE =
      Pattern.compile("(?:\\.claude/)?evals/([^/]+/[^/]+)/evals\\.json");
  private static final Pattern MISPLACED =
      Pattern.compile("(?:\\.claude/)?evals/(?:[^/]+/)?[^/]+\\.(?:json|yaml|yml)");

  private final SkillFile file;
  private final List<Problem> problems;

  private SuiteReader(SkillFile file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  /// What the suites say.
  ///
  /// @param suites in the order of the files; complete only when there are no problems
  /// @param problems everything wrong with them
  public record Suites(List<Suite> suites, List<Problem> problems) {
    public Suites {
      suites = List.copyOf(suites);
      problems = List.copyOf(problems);
    }
  }

  /// @param files everything below `evals/`: suites and the files their cases use
  /// @param skills names `team/name` a suite may be for
  public static Suites read(List<SkillFile> files, Set<String> skills) {
    List<Suite> suites = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    Set<String> names = new TreeSet<>(skills); // so that suggestions are the same every time
    for (SkillFile file : files) {
      SuiteReader reader = new SuiteReader(file, problems);
      Matcher path = SUITE.matcher(file.path());
      if (path.matches()) {
        reader.suite(path.group(1), names).ifPresent(suites::add);
      } else if (MISPLACED.matcher(file.path()).matches()) {
        reader.problem("is no suite where it is; its place is evals/TEAM/NAME/evals.json");
      }
    }
    return new Suites(suites, problems);
  }

  private Optional<Suite> suite(String name, Set<String> skills) {
    Optional<JsonNode> json = json();
    if (json.isEmpty()) {
      return Optional.empty();
    }
    JsonNode root = json.get();
    if (!root.isObject()) {
      problem("wants an object {…}");
      return Optional.empty();
    }
    name(root, name, skills);
    root(root);
    evals(root.path("evals"));
    List<Trigger> triggers =
        triggers(root.path("triggers"), count(root, "", "k", Trigger.MAX_K, Trigger.DEFAULT_K));
    try {
      return Optional.of(new Suite(SkillId.parse(name), file.path(), triggers));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no skill has such a name, which is told
    }
  }

  private Optional<JsonNode> json() {
    if (!file.regular()) {
      problem("wants a plain file: no link, not executable");
      return Optional.empty();
    }
    if (file.content().length > MAX_FILE) {
      problem("is larger than %,d bytes".formatted(MAX_FILE));
      return Optional.empty();
    }
    try {
      return Optional.of(Json.parse(file.path(), file.content()));
    } catch (InvalidTextException e) {
      problems.addAll(e.problems());
      return Optional.empty();
    }
  }

  private void name(JsonNode root, String expected, Set<String> skills) {
    String name = root.path("skill_name").asString("");
    if (!skills.contains(expected)) {
      problem(
          "is the suite of %s, which does not exist%s"
              .formatted(expected, Suggest.nearest(expected, skills)));
    }
    if (!name.equals(expected) && !name.equals(expected.substring(expected.indexOf('/') + 1))) {
      problem("skill_name wants '%s', found '%s'".formatted(expected, name));
    }
  }

  private void root(JsonNode root) {
    JsonNode version = root.path("schema_version");
    if (!version.isMissingNode() && !(version.isInt() && version.intValue() == 1)) {
      problem("schema_version wants 1, found " + version);
    }
    JsonNode score = root.path("min_score");
    if (!score.isMissingNode()
        && !(score.isNumber() && score.doubleValue() >= 0 && score.doubleValue() <= 1)) {
      problem("min_score wants a number 0..1, found " + score);
    }
    count(root, "", "runs", MAX_RUNS, 1);
    if (!root.has("triggers") && !root.has("evals")) {
      problem("has neither triggers nor evals");
    }
    if (root.path("evals").isArray() && root.path("evals").isEmpty()) {
      problem("evals is an empty list; leave it out");
    }
  }

  private List<Trigger> triggers(JsonNode list, int k) {
    List<Trigger> triggers = new ArrayList<>();
    if (!isList(list, "triggers")) {
      return triggers;
    }
    if (list.size() > MAX_TRIGGERS) {
      problem("triggers wants at most %,d, found %,d".formatted(MAX_TRIGGERS, list.size()));
      return triggers;
    }
    Map<String, String> asked = new HashMap<>();
    int index = 0;
    for (JsonNode node : list) {
      String at = "triggers[%d]".formatted(index++);
      Optional<Trigger> trigger = trigger(node, at, k);
      trigger.ifPresent(triggers::add);
      String first = trigger.map(t -> asked.putIfAbsent(t.query(), at)).orElse(null);
      if (first != null) {
        problem("%s.query is the same as that of %s".formatted(at, first));
      }
    }
    return triggers;
  }

  private Optional<Trigger> trigger(JsonNode node, String at, int k) {
    if (!node.isObject()) {
      problem(at + " wants an object {…}");
      return Optional.empty();
    }
    int before = problems.size();
    unknownKeys(node, at);
    text(node, at, "query");
    String query = node.path("query").asString("");
    if (query.length() > SearchQuery.MAX_LENGTH) {
      problem(
          "%s.query wants at most %,d characters, found %,d"
              .formatted(at, SearchQuery.MAX_LENGTH, query.length()));
    }
    if (!node.path("should_trigger").isBoolean()) {
      problem(at + ".should_trigger wants true or false");
      return Optional.empty();
    }
    boolean should = node.path("should_trigger").booleanValue();
    Kind kind = kind(node, at, should);
    int of = count(node, at + ".", "k", Trigger.MAX_K, k);
    return problems.size() == before
        ? Optional.of(new Trigger(query, should, kind, of))
        : Optional.empty();
  }

  private Kind kind(JsonNode node, String at, boolean should) {
    Kind own = should ? Kind.POSITIVE : Kind.NEGATIVE;
    if (!node.has("kind")) {
      return own;
    }
    try {
      Kind kind = Fields.parseEnum(Kind.class, node.path("kind").asString(""));
      if (kind != Kind.EDGE && kind != own) {
        problem(
            "%s.kind is %s and should_trigger is %s; change one"
                .formatted(at, node.path("kind").stringValue(), should));
      }
      return kind;
    } catch (IllegalArgumentException e) {
      problem("%s.kind %s".formatted(at, e.getMessage()));
      return own;
    }
  }

  private void unknownKeys(JsonNode node, String at) {
    for (String key : node.propertyNames()) {
      if (!TRIGGER_KEYS.contains(key)) {
        problem(
            "%s has an unknown key '%s'%s".formatted(at, key, Suggest.nearest(key, TRIGGER_KEYS)));
      }
    }
  }

  private void evals(JsonNode list) {
    if (!isList(list, "evals")) {
      return;
    }
    Set<String> ids = new HashSet<>();
    int index = 0;
    for (JsonNode eval : list) {
      String at = "evals[%d]".formatted(index++);
      if (!eval.isObject()) {
        problem(at + " wants an object {…}");
        continue;
      }
      if (!eval.path("id").isString() && !eval.path("id").isIntegralNumber()) {
        problem(at + ".id wants text or a whole number");
      } else if (!ids.add(eval.path("id").asString(""))) {
        problem("%s.id '%s' is used twice".formatted(at, eval.path("id").asString("")));
      }
      text(eval, at, "prompt");
      for (String key : List.of("name", "expected_output")) {
        if (eval.has(key) && !eval.path(key).isString()) {
          problem("%s.%s wants text".formatted(at, key));
        }
      }
      yesOrNo(eval, at);
      texts(eval, at, "tags");
      texts(eval, at, "files").stream()
          .filter(path -> path.startsWith("/") || path.contains("..") || path.isEmpty())
          .forEach(path ->
              problem(
                  "%s.files wants paths below the suite's folder, found '%s'".formatted(at, path)));
      if (eval.has("assertions") && eval.has("expectations")) {
        problem(at + " has assertions and expectations; they are one thing, keep one");
      }
      assertions(eval.path("assertions"), at + ".assertions");
      assertions(eval.path("expectations"), at + ".expectations");
    }
  }

  private void assertions(JsonNode list, String at) {
    if (!isList(list, at)) {
      return;
    }
    int index = 0;
    for (JsonNode assertion : list) {
      String here = "%s[%d]".formatted(at, index++);
      if (assertion.isObject()) {
        check(assertion, here);
      } else if (!assertion.isString() || assertion.stringValue().isBlank()) {
        problem(here + " wants text, or an object with a type");
      }
    }
  }

  private void check(JsonNode check, String at) {
    String type = check.path("type").asString("");
    if (!CHECKS.contains(type)) {
      problem(
          "%s.type wants one of %s, found '%s'%s"
              .formatted(
                  at,
                  String.join(", ", CHECKS.stream().sorted().toList()),
                  type,
                  Suggest.nearest(type, CHECKS)));
    }
    JsonNode weight = check.path("weight");
    if (!weight.isMissingNode() && !(weight.isNumber() && weight.doubleValue() > 0)) {
      problem("%s.weight wants a number above 0, found %s".formatted(at, weight));
    }
    if (check.has("name") && !check.path("name").isString()) {
      problem(at + ".name wants text");
    }
    yesOrNo(check, at);
  }

  private void yesOrNo(JsonNode node, String at) {
    if (node.has("critical") && !node.path("critical").isBoolean()) {
      problem(at + ".critical wants true or false");
    }
  }

  private void text(JsonNode node, String at, String key) {
    if (!node.path(key).isString() || node.path(key).stringValue().isBlank()) {
      problem("%s.%s wants text".formatted(at, key));
    }
  }

  private List<String> texts(JsonNode node, String at, String key) {
    List<String> texts = new ArrayList<>();
    if (isList(node.path(key), at + "." + key)) {
      for (JsonNode text : node.path(key)) {
        if (text.isString()) {
          texts.add(text.stringValue());
        } else {
          problem("%s.%s wants text, found %s".formatted(at, key, text));
        }
      }
    }
    return texts;
  }

  /// A whole number from 1 to the limit; absent or wrong is the given one.
  private int count(JsonNode node, String at, String key, int max, int otherwise) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (value.isInt() && value.intValue() >= 1 && value.intValue() <= max) {
      return value.intValue();
    }
    problem("%s%s wants a whole number 1..%d, found %s".formatted(at, key, max, value));
    return otherwise;
  }

  /// Whether there is something to go through; anything but a list is told.
  private boolean isList(JsonNode node, String at) {
    if (!node.isMissingNode() && !node.isArray()) {
      problem(at + " wants a list");
    }
    return node.isArray();
  }

  private void problem(String message) {
    problems.add(new Problem(file.path(), 1, 1, message));
  }
}
