package dev.skillwarden.repo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.util.FS.FileStoreAttributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitEnvironmentTest {
  /// Measuring the file system takes three seconds of every start.
  @Test
  void timesOfFilesAreTakenAsCoarseAndNotMeasured(@TempDir Path directory) throws IOException {
    GitEnvironment.install();
    FileStoreAttributes attributes = FileStoreAttributes.get(directory);
    assertNotSame(FileStoreAttributes.FALLBACK_FILESTORE_ATTRIBUTES, attributes);
    assertEquals(Duration.ofSeconds(2), attributes.getFsTimestampResolution());
    assertEquals(Duration.ZERO, attributes.getMinimalRacyInterval());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
