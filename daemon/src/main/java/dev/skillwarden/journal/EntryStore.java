package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// Where the writer thread puts encoded entries.
interface EntryStore extends AutoCloseable {
  /// Appends one entry; when it returns, a kill of this process does not lose it.
  void write(byte[] line);

  @Override
  void close();

  /// Opens a store over what a directory holds. The time, in milliseconds since 1970, says into
  /// which day's file is written.
  @FunctionalInterface
  interface Opener {
    EntryStore open(Path directory, LongSupplier time) throws IOException;
  }
}
