package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.journal.JournalEntry.Span;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatchedSpanTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ls; rm -rf / ; ls | rm -rf / | 4 | 12",
        "ls; rm ~ -rf~~/x; rm -rf /y | rm -rf /y | 18 | 27",
        "ls; rm~  -rf   /x | rm -rf /x | 4 | 17",
        "bash -c 'rm -rf \"$HOME\"/precious' | rm -rf /home/ana/precious | 0 | 0",
        "bash -c 'rm -rf \"$D\"/precious' | dd of=x precious | 21 | 29",
        "curl -s https://h/x | curl -s https://h/… | 0 | 18",
        "ls | rm x | 0 | 0",
        "ls | '' | 0 | 0",
      })
  void findsTheFirstPlace(String command, String span, int start, int end) {
    assertEquals(new Span(start, end), MatchedSpan.of(command.replace('~', '\n'), span));
  }
}
