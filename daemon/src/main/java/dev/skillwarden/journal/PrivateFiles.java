package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Small files that only their owner may read, each the old one or the new one, whatever happens in
/// between: written under another name, forced to the disk, renamed, and the directory forced too.
public final class PrivateFiles {
  private PrivateFiles() {}

  /// Writes a file anew, making its directory when it is missing; on the disk when it returns.
  public static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(directory(file));
    Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      restrict(fresh);
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    move(fresh, file);
  }

  /// Renames within a directory, on the disk when it returns.
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceNames(directory(to));
  }

  private static Path directory(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException(file + " has no directory");
    }
    return parent;
  }

  /// Deletes a file that held a key, overwritten before: what the disk keeps of it is out of reach.
  static void erase(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate((int) channel.size()), 0);
      channel.force(true);
    }
    Files.delete(file);
  }

  /// For the owner only, where the file system knows owners.
  static void restrict(Path file) throws IOException {
    if (hasPosix(file)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  /// A new file survives a power cut only once its directory entry does. Windows cannot open one.
  static void forceNames(Path directory) throws IOException {
    if (hasPosix(directory)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  static boolean hasPosix(Path file) throws IOException {
    return Files.getFileStore(file).supportsFileAttributeView("posix");
  }
}
