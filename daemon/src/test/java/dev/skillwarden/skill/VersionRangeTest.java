package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {
  private static final String VERSIONS = "1.0.0 1.2.3 1.2.9 1.3.0 2.0.0 10.0.0";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*|1.0.0 1.2.3 1.2.9 1.3.0 2.0.0 10.0.0",
        "1|1.0.0 1.2.3 1.2.9 1.3.0",
        "1.x|1.0.0 1.2.3 1.2.9 1.3.0",
        "1.*|1.0.0 1.2.3 1.2.9 1.3.0",
        "1.2|1.2.3 1.2.9",
        "1.2.x|1.2.3 1.2.9",
        "1.2.3|1.2.3",
        "=1.2.3|1.2.3",
        "^1.2.3|1.2.3 1.2.9 1.3.0",
        "^1|1.0.0 1.2.3 1.2.9 1.3.0",
        "~1.2.3|1.2.3 1.2.9",
        "~1.2|1.2.3 1.2.9",
        ">=1.2.9|1.2.9 1.3.0 2.0.0 10.0.0",
        ">1.2.9|1.3.0 2.0.0 10.0.0",
        "<=1.2.3|1.0.0 1.2.3",
        ">=1.2.0 <2.0.0|1.2.3 1.2.9 1.3.0",
        "> 1.2.3 <= 2.0.0|1.2.9 1.3.0 2.0.0",
        "3.x|''"
      })
  void holds(String range, String expected) {
    VersionRange parsed = VersionRange.parse(range);
    assertEquals(
        expected,
        String.join(
            " ",
            Stream.of(VERSIONS.split(" ", -1))
                .filter(v -> parsed.contains(Version.parse(v)))
                .toList()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "latest",
        "v1.2.3",
        "1.2.3.4",
        "1.x.x",
        "x",
        "1 || 2",
        ">=1.0",
        "1.0.0 - 2.0.0",
        "^",
        "1..2",
        ">=1.0.0 <2.0.0 <3.0.0",
        "1.2.3; rm",
        "1,2",
        "^v1.0.0",
        "999999999999.x",
        "^1.999999999999.0"
      })
  void refusesWhatIsNotInTheGrammar(String range) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> VersionRange.parse(range));
    assertEquals(
        "wants a version range like 1.x, ^1.2.3, 1.2.3 or '>=1.2.0 <2.0.0', found '" + range + "'",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1.2.3, true", "=1.2.3, true", "1.2.3-rc.1, true", "^1.2.3, false", "1.x, false"})
  void knowsWhetherItNamesOneVersion(String range, boolean exact) {
    assertEquals(exact, VersionRange.parse(range).isExact());
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "1.x", "^1.0.0-rc.1", ">=1.0.0-rc.1 <2.0.0", "~1.0.0-rc.1"})
  void selectsPrereleasesOnlyByExactName(String range) {
    assertFalse(VersionRange.parse(range).selects(Version.parse("1.0.0-rc.2")));
    assertFalse(VersionRange.parse(range).selects(Version.parse("1.0.0-rc.1")));
    assertEquals(true, VersionRange.parse("1.0.0-rc.1").selects(Version.parse("1.0.0-rc.1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "01.2.3",
        " 1.2.3",
        "1.2.3 ",
        "1.2.x",
        "1.2.-3",
        "99999999999.0.0",
        "\u0661.2.3",
        "1.2.3-",
        "1.2.3+"
      })
  void refusesVersionsThatAreNotSemantic(String version) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Version.parse(version));
    assertEquals("wants a version like 1.2.3, found '" + version + "'", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1.2.3, 1.2.10", "1.0.0-rc.1, 1.0.0", "1.0.0-rc.2, 1.0.0-rc.10", "2.0.0, 10.0.0"})
  void ordersVersions(String lower, String higher) {
    assertEquals(-1, Integer.signum(Version.parse(lower).compareTo(Version.parse(higher))));
  }
}
