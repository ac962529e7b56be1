package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.eval.Answer;
import dev.skillwarden.eval.GradedQuery;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Skills of a file with ids of its own. Each gets a skill id made of its name and, where two would
/// be the same, a number in file order; the same file always gives the same ids.
final class EvalCorpus {
  private static final int MAX_SLUG = 56;

  /// Class of queries that name none.
  private static final String UNCLASSIFIED = "unclassified";

  private final SequencedMap<SkillId, String> corpusIds;
  private final Set<String> ids;
  private final CatalogSnapshot snapshot;

  /// One query of a file.
  ///
  /// @param graded what its answer is, when a person said so
  record Query(String qid, SearchQuery query, Optional<GradedQuery> graded) {}

  private EvalCorpus(SequencedMap<SkillId, String> corpusIds, List<Skill> skills) {
    this.corpusIds = corpusIds;
    this.ids = Set.copyOf(corpusIds.values());
    this.snapshot = new CatalogSnapshot("", skills, List.of());
  }

  CatalogSnapshot snapshot() {
    return snapshot;
  }

  /// The id in the file of a skill of [#snapshot].
  String corpusId(SkillId id) {
    return Optional.ofNullable(corpusIds.get(id)).orElseThrow();
  }

  /// @throws InvalidTextException with every bad line, up to 20
  static EvalCorpus read(Path file) throws IOException, InvalidTextException {
    SequencedMap<SkillId, String> ids = new LinkedHashMap<>();
    Map<SkillId, Integer> taken = new HashMap<>();
    List<Skill> skills = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    JsonLines.read(
        file,
        node -> {
          String corpusId = string(node, "id");
          if (!seen.add(corpusId)) {
            throw new IllegalArgumentException("the id '" + corpusId + "' is used twice");
          }
          SkillId wanted = new SkillId(slug(team(corpusId)), slug(string(node, "name")));
          int copy = taken.merge(wanted, 1, Integer::sum);
          SkillId id = copy == 1 ? wanted : new SkillId(wanted.team(), wanted.name() + "-" + copy);
          skills.add(skill(id, node));
          if (ids.putIfAbsent(id, corpusId) != null) {
            throw new IllegalArgumentException("the name of '" + corpusId + "' is ambiguous");
          }
        });
    return new EvalCorpus(ids, skills);
  }

  /// The queries of a file about these skills.
  ///
  /// @throws InvalidTextException with every bad line, up to 20
  List<Query> queries(Path file, int k) throws IOException, InvalidTextException {
    List<Query> queries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    JsonLines.read(
        file,
        node -> {
          String qid = string(node, "qid");
          if (!seen.add(qid)) {
            throw new IllegalArgumentException("the qid '" + qid + "' is used twice");
          }
          queries.add(new Query(qid, SearchQuery.of(string(node, "query"), k), graded(qid, node)));
        });
    return queries;
  }

  /// A query is graded when it has relevant ids, or a class that says that it has none.
  private Optional<GradedQuery> graded(String qid, JsonNode node) {
    JsonNode relevant = node.path("relevant");
    String type = node.has("class") ? string(node, "class") : UNCLASSIFIED;
    if (!relevant.isMissingNode() && !relevant.isNull() && !relevant.isObject()) {
      throw new IllegalArgumentException(
          "relevant wants an object of grades by id, found " + kind(relevant));
    }
    Map<String, Integer> grades = new HashMap<>();
    for (Map.Entry<String, JsonNode> grade : relevant.properties()) {
      known("relevant", grade.getKey());
      if (!grade.getValue().isInt()) {
        throw new IllegalArgumentException(
            "the grade of '%s' wants 0 to %d, found %s"
                .formatted(grade.getKey(), GradedQuery.MAX_GRADE, grade.getValue()));
      }
      grades.put(grade.getKey(), grade.getValue().intValue());
    }
    return grades.isEmpty() && !type.equals(GradedQuery.NO_ANSWER)
        ? Optional.empty()
        : Optional.of(new GradedQuery(qid, type, grades));
  }

  /// An earlier run over these skills.
  ///
  /// @return answer by qid, to queries that were dropped since too
  /// @throws InvalidTextException with every bad line, up to 20, or what was not answered
  Map<String, Answer> answers(Path file, List<Query> asked)
      throws IOException, InvalidTextException {
    Map<String, Answer> answers = new HashMap<>();
    JsonLines.read(
        file,
        node -> {
          Answer answer = Answer.parse(node);
          answer.ids().forEach(id -> known("ids", id));
          if (answers.putIfAbsent(answer.qid(), answer) != null) {
            throw new IllegalArgumentException("the qid '" + answer.qid() + "' is used twice");
          }
        });
    List<String> missing =
        asked.stream().map(Query::qid).filter(qid -> !answers.containsKey(qid)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidTextException(
          List.of(
              new Problem(
                  file.toString(),
                  0,
                  0,
                  "answers %,d queries and not %,d of the %,d asked, the first is '%s'; compare with a run over the same queries"
                      .formatted(
                          answers.size(), missing.size(), asked.size(), missing.getFirst()))));
    }
    return answers;
  }

  private void known(String key, String id) {
    if (!ids.contains(id)) {
      throw new IllegalArgumentException(
          "%s names '%s', which is none of the %,d skills".formatted(key, id, ids.size()));
    }
  }

  private static Skill skill(SkillId id, JsonNode node) {
    return new Skill(
        id,
        Version.parse("1.0.0"),
        string(node, "description"),
        tags(node.path("tags")),
        AccessLevel.PUBLIC,
        Set.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of(node.path("body").asString("")),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static List<String> tags(JsonNode node) {
    List<String> tags = new ArrayList<>();
    if (!node.isMissingNode() && !node.isNull()) {
      if (!node.isArray()) {
        throw new IllegalArgumentException("tags wants a list of strings, found " + kind(node));
      }
      for (JsonNode tag : node) {
        if (!tag.isString()) {
          throw new IllegalArgumentException("tags wants strings, found " + kind(tag));
        }
        tags.add(tag.stringValue());
      }
    }
    return tags;
  }

  private static String string(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isString()) {
      throw new IllegalArgumentException(
          key + " wants a string, found " + (value.isMissingNode() ? "nothing" : kind(value)));
    }
    return value.stringValue();
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static String team(String corpusId) {
    int slash = corpusId.indexOf('/');
    return slash < 0 ? "corpus" : corpusId.substring(0, slash);
  }

  /// Letters, digits and single hyphens, as a skill id wants them.
  private static String slug(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String cut = plain.substring(0, Math.min(MAX_SLUG, plain.length()));
    String slug = cut.replaceAll("^-+|-+$", "");
    return slug.isEmpty() ? "unnamed" : slug;
  }
}
