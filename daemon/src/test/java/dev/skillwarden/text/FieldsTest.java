package dev.skillwarden.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldsTest {
  private enum Color {
    RED,
    DARK_BLUE
  }

  private static List<String> problems(String yaml, Consumer<Fields> reads)
      throws InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    reads.accept(Fields.root("f", StrictYaml.parse("f", yaml, 0), problems));
    return problems.stream().map(Problem::toString).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red|f:1:1: unknown key 'colour' (did you mean 'color'?); allowed here: color,"
            + " size",
        "zebra: red|f:1:1: unknown key 'zebra'; allowed here: color, size",
        "color: blue|f:1:8: color wants one of [red, dark-blue], found 'blue'",
        "color: reed|f:1:8: color wants one of [red, dark-blue], found 'reed' (did you mean"
            + " 'red'?)",
        "color: [red]|f:1:8: color wants text, found a list",
        "size: 11|f:1:7: size wants a whole number 1..10, found '11'",
        "size: 1.0|f:1:7: size wants a whole number 1..10, found '1.0'",
        "size: {}|f:1:7: size wants text, found a mapping",
        "[a]|f:1:1: wants 'key: value' lines, found a list",
        "text|f:1:1: wants 'key: value' lines, found text"
      })
  void reportsWhatIsWrongWhereItIs(String yaml, String problem) throws InvalidTextException {
    assertEquals(
        List.of(problem),
        problems(
            yaml,
            f -> {
              f.oneOf("color", Color.class);
              f.integer("size", 1, 10);
              f.finish();
            }));
  }

  @Test
  void readsTypedValuesAndTakesNullForAbsent() throws InvalidTextException {
    assertEquals(
        List.of(),
        problems(
            "color: dark-blue\nsize: 7\non: true\nnothing: ~\nlist: [a, b]\nin: {deep: x}\n",
            f -> {
              assertEquals(Optional.of(Color.DARK_BLUE), f.oneOf("color", Color.class));
              assertEquals(Optional.of(7), f.integer("size", 1, 10));
              assertEquals(Optional.of(true), f.bool("on"));
              assertEquals(Optional.empty(), f.text("nothing"));
              assertEquals(Optional.empty(), f.text("absent"));
              assertEquals(List.of("a", "b"), f.texts("list"));
              assertEquals(Optional.of("x"), f.section("in").text("deep"));
              f.finish();
            }));
  }

  @Test
  void collectsEveryProblemWithItsPath() throws InvalidTextException {
    assertEquals(
        List.of(
            "f:1:1: name is missing",
            "f:1:5: on wants true or false, found 'yes'",
            "f:2:7: list wants a list like [a, b], found text",
            "f:4:2: items[0] wants a mapping, found nothing",
            "f:5:10: items[1].size wants a whole number 0..1, found '2'",
            "f:5:13: unknown key 'items[1].sise' (did you mean 'size'?); allowed here: size"),
        problems(
            "on: yes\nlist: a\nitems:\n- \n- {size: 2, sise: 1}\n",
            f -> {
              f.requiredText("name");
              f.bool("on");
              f.texts("list");
              for (Fields item : f.sections("items")) {
                item.integer("size", 0, 1);
                item.finish();
              }
              f.finish();
            }));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[a, ~]|f:1:8", "[a, [b]]|f:1:8"})
  void refusesListItemsThatAreNotText(String list, String at) throws InvalidTextException {
    String found = list.contains("~") ? "nothing" : "a list";
    assertEquals(
        List.of(at + ": k wants text, found " + found),
        problems("k: " + list, f -> assertEquals(List.of("a"), f.texts("k"))));
  }
}
