package dev.skillwarden.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictYamlTest {
  private static Optional<YamlNode> parse(String text) throws InvalidTextException {
    return StrictYaml.parse("f.yaml", text.getBytes(StandardCharsets.UTF_8), 1_000_000);
  }

  private static List<String> problems(byte[] utf8, int max) {
    return assertThrows(InvalidTextException.class, () -> StrictYaml.parse("f", utf8, max))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  private static List<String> problems(String text) {
    return problems(text.getBytes(StandardCharsets.UTF_8), 1_000_000);
  }

  @Test
  void keepsScalarsAsWrittenWithTheirPositions() throws InvalidTextException {
    YamlNode.Scalar a = new YamlNode.Scalar("a", false, 1, 1);
    YamlNode.Scalar b = new YamlNode.Scalar("b", false, 2, 1);
    assertEquals(
        Optional.of(
            new YamlNode.Mapping(
                Map.of(
                    "a",
                    new YamlNode.Entry(a, new YamlNode.Scalar("1.10", false, 1, 4)),
                    "b",
                    new YamlNode.Entry(
                        b,
                        new YamlNode.Sequence(
                            List.of(
                                new YamlNode.Scalar("no", false, 2, 5),
                                new YamlNode.Scalar("", true, 2, 9)),
                            2,
                            4))),
                1,
                1)),
        parse("a: 1.10\nb: [no, '']\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# only a comment\n", "\uFEFF"})
  void readsNothingFromAnEmptyDocument(String text) throws InvalidTextException {
    assertEquals(Optional.empty(), parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "a: 1;b: 2;a: 3|f:3:1: duplicate key 'a', first on line 1; keep one",
        "x:;  k: 1;  k: 2|f:3:3: duplicate key 'k', first on line 2; keep one",
        "a: 1;---;b: 2|f:2: a second document starts here; one file holds one document, remove the"
            + " line ---",
        "a: !!int 5|f:1:4: the tag tag:yaml.org,2002:int is not allowed; remove it",
        "a: !x [];b: !y {}|f:1:4: the tag !x is not allowed; remove it;f:2:4: the tag !y is not"
            + " allowed; remove it",
        "a: &x 1|f:1:4: anchors and aliases are not allowed; write the value out",
        "a: &x 1;b: *x|f:1:4: anchors and aliases are not allowed; write the value out;f:2:4:"
            + " anchors and aliases are not allowed; write the value out",
        "a: &x [1];b: *x|f:1:4: anchors and aliases are not allowed; write the value out;f:2:4:"
            + " anchors and aliases are not allowed; write the value out",
        "a: &x [*x]|f:1:4: anchors and aliases are not allowed; write the value out;f:1:8: anchors"
            + " and aliases are not allowed; write the value out",
        "[1]: a|f:1:1: a key must be text, found a list; quote a value that starts with { or [",
        "a: {{b}}|f:1:5: a key must be text, found a mapping; quote a value that starts with { or"
            + " [",
        "a: b: c|f:1:5: mapping values are not allowed here; a value that contains ': ' must be in"
            + " quotes",
      })
  void refuses(String text, String expected) {
    assertEquals(List.of(expected.split(";(?=f:)", -1)), problems(text.replace(';', '\n')));
  }

  @Test
  void namesTabsAsTheCause() {
    assertEquals(
        List.of(
            "f:2:1: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB)"
                + " for indentation); indent with spaces, not tabs"),
        problems("a:\n\tb: 1\n"));
  }

  @Test
  void refusesControlCharactersWithTheirLine() {
    assertEquals(
        List.of("f:2:4: the character U+0007 is not allowed; remove it"),
        problems("a: 1\nb: \u0007\n"));
  }

  @Test
  void refusesWhatIsNotUtf8WithItsLine() {
    byte[] bytes = "a: 1\nb: \u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(List.of("f:2: is not UTF-8 here; save the file as UTF-8"), problems(bytes, 100));
  }

  @Test
  void refusesOversizeBeforeReading() {
    assertEquals(
        List.of("f: is 1,001 bytes; at most 1,000 are read"), problems(new byte[1001], 1000));
  }

  @Test
  void readsSixteenLevels() throws InvalidTextException {
    assertEquals(true, parse("[".repeat(16) + "]".repeat(16)).isPresent());
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 1000, 100_000})
  void refusesDeeperNestingWhereItBegins(int depth) {
    assertEquals(
        List.of("f:2:17: is nested more than 16 levels deep; flatten it"),
        problems("# deep\n" + "[".repeat(depth) + "]".repeat(depth)));
  }

  @Test
  void addsTheLinesBeforeAnEmbeddedDocument() {
    InvalidTextException e =
        assertThrows(InvalidTextException.class, () -> StrictYaml.parse("f", "a: 1\na: 2\n", 10));
    assertEquals(
        List.of(
            new Problem(
                "f",
                12,
                1,
                Problem.Kind.DUPLICATE_KEY,
                "duplicate key 'a', first on line 11; keep one")),
        e.problems());
  }
}
