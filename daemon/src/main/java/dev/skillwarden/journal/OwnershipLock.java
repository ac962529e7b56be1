package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Holds a journal directory for this process. The operating system lets go of it when the process
/// ends, however it ends.
final class OwnershipLock implements AutoCloseable {
  /// Directories held by this process. Asked before the file is touched: closing a second channel
  /// on the same file would give up the lock on the first.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /// Beyond the text, which others may read while the lock is held.
  private static final long LOCKED_BYTE = 1 << 20;

  private final Path directory;
  private final FileChannel channel;

  private OwnershipLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /// @throws IOException when another owner has it; the message says who and what to do
  static OwnershipLock take(Path directory) throws IOException {
    Path real = directory.toRealPath();
    if (!HELD.add(real)) {
      throw new JournalInUseException(
          "journal %s is open in this process already; close that one first".formatted(directory));
    }
    try {
      return new OwnershipLock(real, lock(real));
    } catch (IOException | RuntimeException e) {
      HELD.remove(real);
      throw e;
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    Path file = directory.resolve("journal.lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw new JournalInUseException(
            "journal %s is in use by %s; stop that daemon (skillwarden stop) or use another --home"
                .formatted(directory, owner(file)));
      }
      channel.truncate(0);
      String owner = "process " + ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static String owner(Path file) throws IOException {
    String owner = Files.readString(file).strip();
    return owner.isEmpty() ? "another process" : owner;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    HELD.remove(directory);
  }
}
