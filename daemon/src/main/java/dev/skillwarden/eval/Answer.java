package dev.skillwarden.eval;

import dev.skillwarden.text.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a run answered to one query; one line of a run file.
///
/// @param ids best first, each once
/// @param scores of the ids, in their order; empty when the run has none
/// @param abstained whether the run said that nothing fits
public record Answer(String qid, List<String> ids, List<Double> scores, boolean abstained) {
  public Answer {
    ids = List.copyOf(ids);
    scores = List.copyOf(scores);
    if (!scores.isEmpty() && scores.size() != ids.size()) {
      throw new IllegalArgumentException(
          "scores wants one for each of the %d ids, found %d".formatted(ids.size(), scores.size()));
    }
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw new IllegalArgumentException("ids has '" + id + "' twice");
      }
    }
  }

  /// @throws IllegalArgumentException saying what is wrong with the line
  public static Answer parse(JsonNode line) {
    if (!line.path("qid").isString()) {
      throw new IllegalArgumentException("qid wants a string");
    }
    if (!line.path("ids").isArray()) {
      throw new IllegalArgumentException("ids wants a list of strings");
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode id : line.path("ids")) {
      if (!id.isString()) {
        throw new IllegalArgumentException("ids wants strings, found " + id);
      }
      ids.add(id.stringValue());
    }
    List<Double> scores = new ArrayList<>();
    for (JsonNode score : line.path("scores")) {
      if (!score.isNumber()) {
        throw new IllegalArgumentException("scores wants numbers, found " + score);
      }
      scores.add(score.doubleValue());
    }
    JsonNode abstained = line.path("abstained");
    if (!abstained.isMissingNode() && !abstained.isBoolean()) {
      throw new IllegalArgumentException("abstained wants true or false, found " + abstained);
    }
    return new Answer(line.path("qid").stringValue(), ids, scores, abstained.asBoolean(false));
  }

  public ObjectNode json() {
    ObjectNode line = Json.object().put("qid", qid);
    ArrayNode idArray = line.putArray("ids");
    ids.forEach(idArray::add);
    ArrayNode scoreArray = line.putArray("scores");
    scores.forEach(scoreArray::add);
    return line.put("abstained", abstained);
  }

  /// Score of the best hit, 0 without one.
  double topScore() {
    return scores.isEmpty() ? 0 : scores.getFirst();
  }
}
