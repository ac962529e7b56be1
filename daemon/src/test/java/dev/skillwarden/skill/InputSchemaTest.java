package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.YamlNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputSchemaTest {
  private static InputSchema schema(String yaml) {
    List<Problem> problems = new ArrayList<>();
    InputSchema schema = read(yaml, problems).orElseThrow(() -> new AssertionError(problems));
    assertEquals(List.of(), problems);
    return schema;
  }

  private static Optional<InputSchema> read(String yaml, List<Problem> problems) {
    try {
      YamlNode root = StrictYaml.parse("f", yaml, 0).orElseThrow();
      return InputSchema.read("f", (YamlNode.Mapping) root, InputSchema.Values.TYPED, problems);
    } catch (InvalidTextException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: object, required: [id]}|{\"id\": 1}|``",
        "{type: object, required: [id]}|{}|id required property 'id' not found",
        "{properties: {n: {type: integer, minimum: 1}}}|{\"n\": 0}|n must have a minimum value of"
            + " 1",
        "{properties: {n: {type: integer}}}|{\"n\": \"1\"}|n string found, integer expected",
        "{properties: {n: {enum: [a, b]}}}|{\"n\": \"c\"}|n does not have a value in the"
            + " enumeration [\"a\", \"b\"]",
        "{properties: {l: {type: array, maxItems: 1, items: {type: string}}}}|{\"l\": [\"a\"]}|``",
        "{properties: {l: {type: array, items: {type: string}}}}|{\"l\": [1]}|l.0 integer found,"
            + " string expected",
        "{properties: {a: {}}, additionalProperties: false}|{\"b\": 1}|b property 'b' is not"
            + " defined in the schema and the schema does not allow additional properties",
        "{properties: {m: {type: string, pattern: '^[a-z]+$'}}}|{\"m\": \"A\"}|m does not match the"
            + " regex pattern ^[a-z]+$",
      })
  void checksAPayload(String schema, String payload, String violations)
      throws InvalidTextException {
    assertEquals(
        violations,
        String.join(
            "; ",
            schema(schema).check(Json.parse("payload", payload)).stream()
                .map(InputSchema.Violation::toString)
                .toList()));
  }

  @Test
  void aPatternCannotHangTheDaemon() throws InvalidTextException {
    InputSchema schema = schema("{properties: {m: {type: string, pattern: '^(a+)+$'}}}");
    String payload = "{\"m\": \"" + "a".repeat(50_000) + "!\"}";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertEquals(1, schema.check(Json.parse("payload", payload)).size()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: string}|f:1:1 wants type: object at the top, since a payload is a JSON object",
        "{anyOf: []}|f:1:2 holds the keyword 'anyOf', which is not in the subset",
        "{requird: [a]}|f:1:2 holds the keyword 'requird', which is not in the subset (did you mean"
            + " 'required'?)",
        "{properties: {a: {type: text}}}|f:1:25 type wants one of [array, boolean, integer, null,"
            + " number, object, string], found 'text'",
        "{properties: {a: {minLength: -1}}}|f:1:30 minLength wants a number, found '-1'",
        "{properties: {a: text}}|f:1:18 wants a schema (a mapping), found text",
        "{properties: {a: {enum: []}}}|f:1:25 enum wants a list of values, found a list",
        "{additionalProperties: {}}|f:1:24 additionalProperties wants true or false, found a"
            + " mapping",
      })
  void refusesWhatIsNotInTheSubset(String schema, String problem) {
    List<Problem> problems = new ArrayList<>();
    assertEquals(Optional.empty(), read(schema, problems));
    assertEquals(
        List.of(problem),
        problems.stream()
            .map(p -> "f:%d:%d %s".formatted(p.line(), p.column(), p.message()))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: object}|{type: object}|``",
        "{properties: {a: {type: string}}}|{properties: {a: {type: [string, integer]}}}|``",
        "{properties: {a: {type: [string, integer]}}}|{properties: {a: {type: string}}}|a must be"
            + " of type string",
        "{properties: {a: {type: integer}}}|{properties: {a: {type: number}}}|``",
        "{properties: {a: {type: number}}}|{properties: {a: {type: integer}}}|a must be of type"
            + " integer",
        "{properties: {a: {maxLength: 9}}}|{properties: {a: {maxLength: 5}}}|a has maxLength 5",
        "{properties: {a: {maxLength: 5}}}|{properties: {a: {maxLength: 9}}}|``",
        "{properties: {a: {}}}|{properties: {b: {}}, additionalProperties: false}|takes no keys"
            + " that are not listed; a is not accepted",
        "{properties: {a: {type: array, items: {type: string}}}}|{properties: {a: {type: array,"
            + " items: {type: string, minLength: 2}}}}|a[] has minLength 2",
        "{properties: {a: {const: x}}}|{properties: {a: {enum: [x, y]}}}|``",
        "{properties: {a: {pattern: x}}}|{properties: {a: {pattern: y}}}|a must match the pattern"
            + " y",
        "{properties: {a: {type: object, required: [b]}}}|{properties: {a: {type: object, required:"
            + " [b, c]}}}|a.c is required",
        "{}|{properties: {a: {type: string}}}|``",
      })
  void saysHowANewSchemaIsNarrower(String before, String after, String narrower) {
    assertEquals(
        narrower,
        String.join(
            "; ",
            schema(before).narrowedBy(schema(after)).stream()
                .map(InputSchema.Narrowing::toString)
                .toList()));
  }

  @Test
  void rulesThatAreGoneAreLost() {
    InputSchema strict = schema("{properties: {a: {type: string}}, required: [a]}");
    assertTrue(strict.lostIn(strict).isEmpty());
    assertEquals(
        "[a is required, a must be of type string]", strict.lostIn(schema("{}")).toString());
  }
}
