package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
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
  /// Problems reported of one file.
  private static final int MAX_PROBLEMS = 20;

  private static final int MAX_SLUG = 56;

  private final SequencedMap<SkillId, String> corpusIds;
  private final CatalogSnapshot snapshot;

  /// One query of a file.
  record Query(String qid, SearchQuery query) {}

  private EvalCorpus(SequencedMap<SkillId, String> corpusIds, List<Skill> skills) {
    this.corpusIds = corpusIds;
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
    forEachLine(
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

  /// @throws InvalidTextException with every bad line, up to 20
  static List<Query> queries(Path file, int k) throws IOException, InvalidTextException {
    List<Query> queries = new ArrayList<>();
    forEachLine(
        file,
        node ->
            queries.add(new Query(string(node, "qid"), SearchQuery.of(string(node, "query"), k))));
    return queries;
  }

  /// Reads one line's value; an [IllegalArgumentException] says what is wrong with it.
  private interface LineReader {
    void accept(JsonNode node);
  }

  private static void forEachLine(Path file, LineReader reader)
      throws IOException, InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new InvalidTextException(
          List.of(new Problem(file.toString(), 0, 0, "is not UTF-8: " + e.getMessage())));
    }
    for (int i = 0; i < lines.size() && problems.size() < MAX_PROBLEMS; i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        reader.accept(Json.parse(file.toString(), lines.get(i)));
      } catch (InvalidTextException e) {
        Problem problem = e.problems().getFirst();
        problems.add(new Problem(file.toString(), i + 1, problem.column(), problem.message()));
      } catch (IllegalArgumentException e) {
        problems.add(new Problem(file.toString(), i + 1, 1, String.valueOf(e.getMessage())));
      }
    }
    if (lines.stream().allMatch(String::isBlank)) {
      problems.add(
          new Problem(file.toString(), 1, 1, "is empty; one JSON object a line is wanted"));
    }
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
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
