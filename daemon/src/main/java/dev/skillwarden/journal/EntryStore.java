package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.file.Path;

/// Where the writer thread puts encoded entries.
interface EntryStore extends AutoCloseable {
  /// Appends one entry; when it returns, a kill of this process does not lose it.
  void write(byte[] line);

  @Override
  void close();

  /// Opens a store over what a directory holds.
  @FunctionalInterface
  interface Opener {
    EntryStore open(Path directory) throws IOException;
  }
}
