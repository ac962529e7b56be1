package dev.skillwarden.daemon;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// Counts starts that did not last, to notice a crash loop.
final class StartCounter {
  /// So many failed starts within [#WINDOW] are a loop.
  static final int LOOP = 3;

  static final Duration WINDOW = Duration.ofMinutes(10);

  private static final System.Logger LOG = System.getLogger(StartCounter.class.getName());

  private final Path file;
  private final InstantSource clock;

  StartCounter(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /// Records that a start begins.
  ///
  /// @return whether the starts before it failed so often that the last-good configuration is due
  boolean begin() throws IOException {
    List<Instant> recent = recent();
    boolean loop = recent.size() >= LOOP;
    recent.add(clock.instant());
    Files.write(file, recent.stream().map(Instant::toString).toList());
    return loop;
  }

  /// The start has lasted, or ended as it was told to.
  void succeeded() throws IOException {
    Files.deleteIfExists(file);
  }

  private List<Instant> recent() throws IOException {
    List<Instant> recent = new ArrayList<>();
    if (!Files.exists(file)) {
      return recent;
    }
    Instant oldest = clock.instant().minus(WINDOW);
    for (String line : Files.readAllLines(file)) {
      try {
        Instant start = Instant.parse(line);
        if (start.isAfter(oldest)) {
          recent.add(start);
        }
      } catch (DateTimeParseException e) {
        LOG.log(Level.DEBUG, "passed over a line cut short by a crash in " + file, e);
      }
    }
    return recent;
  }
}
