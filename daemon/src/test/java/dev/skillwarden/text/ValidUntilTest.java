package dev.skillwarden.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidUntilTest {
  @ParameterizedTest
  @CsvSource({
    "2027-01-31T12:00:00Z, 2027-01-31T12:00:00Z",
    "2027-01-31T12:00:00+01:00, 2027-01-31T11:00:00Z",
    "2027-01-31, 2027-02-01T00:00:00Z",
    "2028-02-28, 2028-02-29T00:00:00Z"
  })
  void isAnInstantOrTheEndOfADay(String text, Instant end) {
    assertEquals(end, ValidUntil.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "2027-02-29",
        "2027-1-31",
        "2027-01-31T12:00",
        "2027-01-31 12:00:00Z",
        "20270131",
        "+999999999-12-31"
      })
  void nothingElse(String text) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> ValidUntil.parse(text))
                .getMessage());
    assertTrue(message.endsWith("found '" + text + "'"), message);
  }
}
