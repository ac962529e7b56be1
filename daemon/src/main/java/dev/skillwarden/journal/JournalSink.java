package dev.skillwarden.journal;

import java.io.IOException;

/// Where entries go.
@FunctionalInterface
public interface JournalSink {
  /// Appends one entry and returns once the operating system has the bytes: it survives a kill of
  /// this process. A power cut may lose the last second.
  ///
  /// @return sequence number of the entry, strictly increasing within the journal
  /// @throws IOException if the disk is full or the journal is not writable; nothing was appended
  long append(JournalEntry entry) throws IOException;
}
