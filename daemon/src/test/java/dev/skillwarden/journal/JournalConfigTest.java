package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalConfigTest {
  @Test
  void hasDefaults() {
    assertEquals(
        new JournalConfig(
            Path.of("j"),
            64 << 20,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            1024,
            JournalConfig.Sealing.defaults("device"),
            JournalConfig.Space.DEFAULT),
        JournalConfig.defaults(Path.of("j")));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1000, 1000, 1, journal.min-free-bytes",
    "1048576, 9, 1000, 1, journal.sync-interval",
    "1048576, 60001, 1000, 1, journal.sync-interval",
    "1048576, 1000, 9, 1, journal.append-timeout",
    "1048576, 1000, 1000, 0, journal.max-waiting"
  })
  void refusesWhatIsOutOfRange(long free, long sync, long timeout, int waiting, String key) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new JournalConfig(
                    Path.of("j"),
                    free,
                    Duration.ofMillis(sync),
                    Duration.ofMillis(timeout),
                    waiting,
                    JournalConfig.Sealing.defaults("d"),
                    JournalConfig.Space.DEFAULT));
    assertTrue(String.valueOf(e.getMessage()).startsWith(key), e.getMessage());
  }
}
