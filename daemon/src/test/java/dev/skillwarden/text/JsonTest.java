package dev.skillwarden.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  private static Problem problem(String text) {
    List<Problem> problems =
        assertThrows(InvalidTextException.class, () -> Json.parse("body", text)).problems();
    assertEquals(1, problems.size());
    return problems.getFirst();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"a\":2}|1|Duplicate Object property \"a\"",
        "{\"x\":{\"b\":1,~\"b\":2}}|2|Duplicate Object property \"b\"",
        "{} {}|1|Trailing token",
        "{\"a\":1}x|1|Unrecognized token 'x'",
        "{\"a\":|1|Unexpected end-of-input",
        "// c~{}|1|Unexpected character ('/'",
        "{'a':1}|1|Unexpected character (''' (code 39))",
        "[1,]|1|Unexpected character (']'",
        "NaN|1|Non-standard token 'NaN'",
        "[1,~2,~x]|3|Unrecognized token 'x'"
      })
  void refusesWithTheLine(String text, int line, String message) {
    Problem problem = problem(text.replace('~', '\n'));
    assertEquals(line, problem.line());
    assertTrue(problem.message().startsWith(message), problem.message());
  }

  @Test
  void refusesNothing() {
    assertEquals(new Problem("body", 1, 1, "is empty; JSON is wanted"), problem(""));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[] bytes = "\"\u00e9\"".getBytes(StandardCharsets.ISO_8859_1);
    assertThrows(InvalidTextException.class, () -> Json.parse("body", bytes));
  }

  @Test
  void readsToTheDepthLimitAndNoFurther() throws InvalidTextException {
    String deepest = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
    assertEquals(deepest, Json.write(Json.parse("body", deepest)));
    assertTrue(problem("[" + deepest + "]").message().contains("nesting depth (65)"));
  }

  @Test
  void writesKeysInTheOrderTheyWerePut() {
    assertEquals(
        "{\"b\":1,\"a\":[]}",
        Json.write(Json.object().put("b", 1).set("a", Json.object().arrayNode())));
  }
}
