package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Brings appended entries to the disk with fsync, which covers pages written through the queue's
/// mapping too. It has its own file handles, so the writer is never held up.
final class Syncer {
  private final Path directory;
  private String last = "";

  Syncer(Path directory) {
    this.directory = directory;
  }

  /// Forces the newest file, and those begun since the last call.
  synchronized void sync() throws IOException {
    List<Path> files = JournalReader.files(directory);
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      if (name.compareTo(last) >= 0) {
        force(file);
      }
    }
    Path head = directory.resolve(JournalFormat.STATE_FILE);
    if (Files.exists(head)) {
      force(head);
    }
    if (!files.isEmpty()) {
      String newest = String.valueOf(files.getLast().getFileName());
      if (!newest.equals(last)) {
        PrivateFiles.forceNames(directory);
      }
      last = newest;
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }
}
