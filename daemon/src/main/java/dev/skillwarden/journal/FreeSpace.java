package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.file.Path;

/// How much can still be written to the file system of a directory.
@FunctionalInterface
interface FreeSpace {
  /// @return bytes this process may use
  long bytes(Path directory) throws IOException;
}
