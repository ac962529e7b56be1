package dev.skillwarden.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// Writes a result file: all of it, or what was there before stays.
final class WholeFile {
  private WholeFile() {}

  /// The directory that would be missing, told before the work starts.
  static Optional<Path> missingDirectory(Path file) {
    Path absolute = file.toAbsolutePath();
    Path parent = absolute.getParent();
    return Optional.of(parent == null ? absolute : parent).filter(p -> !Files.isDirectory(p));
  }

  static void write(Path file, String text) throws IOException {
    Path target = file.toAbsolutePath();
    Path partial = target.resolveSibling(target.getFileName() + ".part");
    Files.writeString(partial, text);
    Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
  }
}
