package dev.skillwarden.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class AnswerTest {
  @Test
  void isReadAsWritten() throws InvalidTextException {
    Answer answer = new Answer("q1", List.of("a", "b"), List.of(0.75, 0.5), true);
    assertEquals(answer, Answer.parse(Json.parse("run", Json.write(answer.json()))));
  }

  @Test
  void scoresAndAbstainedMayBeLeftOut() throws InvalidTextException {
    assertEquals(
        new Answer("q1", List.of("a"), List.of(), false),
        Answer.parse(Json.parse("run", "{\"qid\":\"q1\",\"ids\":[\"a\"]}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"ids\":[]}|qid wants a string",
        "{\"qid\":\"q\"}|ids wants a list of strings",
        "{\"qid\":\"q\",\"ids\":[1]}|ids wants strings, found 1",
        "{\"qid\":\"q\",\"ids\":[\"a\",\"a\"]}|ids has 'a' twice",
        "{\"qid\":\"q\",\"ids\":[\"a\"],\"scores\":[1,2]}|scores wants one for each of the 1 ids,"
            + " found 2",
        "{\"qid\":\"q\",\"ids\":[\"a\"],\"scores\":[\"x\"]}|scores wants numbers, found \"x\"",
        "{\"qid\":\"q\",\"ids\":[],\"abstained\":1}|abstained wants true or false, found 1",
      })
  void aBadLineIsRefused(String line, String message) throws InvalidTextException {
    JsonNode json = Json.parse("run", line);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Answer.parse(json)).getMessage());
  }
}
