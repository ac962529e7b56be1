package dev.skillwarden.http;

import dev.skillwarden.gate.Access;
import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Invocation;
import dev.skillwarden.gate.InvokeRequest;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.Json;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of skill requests and answers, the same over HTTP and MCP.
public final class SkillJson {
  private static final Set<String> SEARCH_KEYS = Set.of("query", "k", "filters");
  private static final Set<String> FILTER_KEYS = Set.of("team", "access_level", "tag");
  private static final Set<String> INVOKE_KEYS = Set.of("name", "version_constraint", "payload");

  private SkillJson() {}

  /// @throws IllegalArgumentException saying what is wrong
  public static SearchQuery search(JsonNode body) {
    known(body, SEARCH_KEYS);
    JsonNode filters = body.path("filters");
    if (!filters.isMissingNode() && !filters.isNull()) {
      known(filters, FILTER_KEYS);
    }
    int k = 5;
    if (!body.path("k").isMissingNode()) {
      if (!body.path("k").isIntegralNumber() || !body.path("k").canConvertToInt()) {
        throw new IllegalArgumentException("k wants a whole number 1 to " + SearchQuery.MAX_K);
      }
      k = body.path("k").intValue();
    }
    return new SearchQuery(
        text(body, "query", ""),
        k,
        optional(filters, "team"),
        optional(filters, "access_level").map(l -> Fields.parseEnum(AccessLevel.class, l)),
        optional(filters, "tag"));
  }

  /// @throws IllegalArgumentException saying what is wrong
  static InvokeRequest invoke(JsonNode body, String toolUseId) {
    known(body, INVOKE_KEYS);
    JsonNode payload = body.path("payload");
    return new InvokeRequest(
        text(body, "name", ""),
        text(body, "version_constraint", "*"),
        payload.isMissingNode() || payload.isNull() ? Json.object() : payload,
        true,
        toolUseId);
  }

  static String text(JsonNode body, String key, String absent) {
    JsonNode node = body.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return absent;
    }
    if (!node.isString()) {
      throw new IllegalArgumentException(key + " wants text");
    }
    return node.stringValue();
  }

  private static Optional<String> optional(JsonNode body, String key) {
    return Optional.of(text(body, key, "")).filter(t -> !t.isBlank());
  }

  static void known(JsonNode body, Set<String> keys) {
    if (!body.isObject()) {
      throw new IllegalArgumentException("a JSON object is wanted");
    }
    for (String key : body.propertyNames()) {
      if (!keys.contains(key)) {
        throw new IllegalArgumentException(
            "unknown key '%s'; allowed: %s"
                .formatted(key, String.join(", ", keys.stream().sorted().toList())));
      }
    }
  }

  public static ObjectNode result(SearchResult result) {
    ObjectNode root = Json.object();
    ArrayNode hits = root.putArray("results");
    for (SearchResult.Hit hit : result.hits()) {
      hits.add(hit(hit, result.abstained()));
    }
    return root.put("mode", result.mode().name().toLowerCase(Locale.ROOT))
        .put("abstained", result.abstained());
  }

  private static ObjectNode hit(SearchResult.Hit hit, boolean abstained) {
    ObjectNode node = skill(hit.skill()).put("score", hit.score());
    if (abstained) {
      node.put("low_confidence", true);
    }
    ArrayNode majors = node.putArray("majors");
    hit.majors().forEach(version -> majors.add(version.major() + ".x"));
    ObjectNode why = node.putObject("why");
    ArrayNode words = why.putArray("words");
    hit.words().forEach(words::add);
    hit.similarity().ifPresent(similarity -> why.put("similarity", similarity));
    return node;
  }

  static ObjectNode list(List<Skill> skills) {
    ObjectNode root = Json.object();
    ArrayNode array = root.putArray("skills");
    skills.forEach(s -> array.add(skill(s)));
    return root;
  }

  static ObjectNode skill(Skill skill) {
    ObjectNode node =
        Json.object()
            .put("slug", skill.id().toString())
            .put("version", skill.version().toString())
            .put("pin", skill.version().major() + ".x")
            .put("description", skill.description())
            .put("team", skill.id().team())
            .put("access_level", skill.accessLevel().text());
    ArrayNode tags = node.putArray("tags");
    skill.tags().forEach(tags::add);
    skill
        .deprecated()
        .ifPresent(
            d -> node.set("deprecated", d.json().put("archive_on", d.archiveOn().toString())));
    return node;
  }

  public static ObjectNode invocation(Invocation invocation) {
    ObjectNode root =
        Json.object()
            .put("name", invocation.skill().id().toString())
            .put("version", invocation.skill().version().toString())
            .put("body", invocation.skill().body())
            .put("payload", invocation.payload());
    ArrayNode dependencies = root.putArray("dependencies");
    for (Skill skill : invocation.dependencies()) {
      dependencies
          .addObject()
          .put("name", skill.id().toString())
          .put("version", skill.version().toString())
          .put("body", skill.body());
    }
    ArrayNode warnings = root.putArray("warnings");
    invocation.warnings().forEach(warnings::add);
    return root.put("id", invocation.id());
  }

  static ObjectNode access(Access access) {
    ObjectNode root = Json.object().put("allowed", access.allowed()).put("reason", access.reason());
    if (!access.requestUrl().isEmpty()) {
      root.put("request_url", access.requestUrl());
    }
    return root.put("id", access.id());
  }

  static ObjectNode error(ApiError error) {
    ObjectNode root =
        Json.object().put("code", error.code().name()).put("message", error.message());
    if (!error.skill().isEmpty()) {
      root.put("skill", error.skill());
    }
    if (!error.reason().isEmpty()) {
      root.put("reason", error.reason());
    }
    if (!error.requestUrl().isEmpty()) {
      root.put("request_url", error.requestUrl());
    }
    return root.put("id", error.id());
  }

  static int status(ApiError.Code code) {
    return switch (code) {
      case ACL_DENIED -> 403;
      case SKILL_NOT_FOUND, VERSION_NOT_FOUND -> 404;
      case VERSION_YANKED, SKILL_ARCHIVED -> 410;
      case INVALID_REQUEST -> 400;
      case NOT_READY, JOURNAL_UNAVAILABLE -> 503;
      case INTERNAL -> 500;
    };
  }
}
