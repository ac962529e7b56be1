package dev.skillwarden.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A directory that a verb makes anew as a whole. The new one is complete beside the old one before
/// it takes its place; a directory that was not made here, and is not empty, is never touched.
final class GeneratedDirectory {
  private static final System.Logger LOG = System.getLogger(GeneratedDirectory.class.getName());
  private static final String MARK = ".skillwarden-generated";
  private static final String MARK_TEXT = "Made by skillwarden; the next run replaces it.\n";

  private final Path directory;

  /// @param directory absolute
  GeneratedDirectory(Path directory) {
    this.directory = directory;
  }

  /// Why it may not be replaced, empty when it may.
  Optional<String> objection() throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(directory + " is no directory; give another one or move it away");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return isMade() || entries.findAny().isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%s is not empty and was not made by this command; give another directory or move it away"
                  .formatted(directory));
    }
  }

  /// Whether what is there was made here.
  boolean isMade() {
    return Files.isRegularFile(directory.resolve(MARK), LinkOption.NOFOLLOW_LINKS);
  }

  /// Puts exactly these files there, readable for everybody and writable for their owner.
  ///
  /// @param files contents by path
  /// @throws IOException what was there is still there
  void replace(Map<String, String> files) throws IOException {
    Path fresh = beside("new");
    Path old = beside("old");
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS) && Files.exists(old)) {
      Files.move(old, directory); // a run ended between the two moves below
    }
    delete(fresh);
    delete(old);
    writeAll(fresh, files);
    boolean replaces = Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
    if (replaces) {
      Files.move(directory, old, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (replaces) {
        Files.move(old, directory, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    try {
      delete(old);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the directory that was replaced is left as " + old, e);
    }
  }

  private Path beside(String what) throws IOException {
    Path name = directory.getFileName();
    if (name == null) {
      throw new IOException(directory + " cannot be replaced; give a directory below it");
    }
    return directory.resolveSibling(".%s.%s".formatted(name, what));
  }

  private static void writeAll(Path top, Map<String, String> files) throws IOException {
    Files.createDirectories(top);
    open(top, "rwxr-xr-x");
    write(top, MARK, MARK_TEXT);
    for (Map.Entry<String, String> file : files.entrySet()) {
      write(top, file.getKey(), file.getValue());
    }
  }

  private static void write(Path top, String path, String content) throws IOException {
    Path file = top.resolve(path);
    Path parent = file.getParent();
    if (parent == null || !file.normalize().startsWith(top)) {
      throw new IOException(path + " is not below " + top);
    }
    Files.createDirectories(parent);
    Path at = top;
    for (Path name : top.relativize(parent)) {
      at = at.resolve(name);
      open(at, "rwxr-xr-x");
    }
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    open(file, "rw-r--r--");
  }

  /// Whatever the umask: the client reads it under another account.
  private static void open(Path file, String mode) throws IOException {
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
  }

  static void delete(Path top) throws IOException {
    if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
