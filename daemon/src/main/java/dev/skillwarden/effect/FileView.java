package dev.skillwarden.effect;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What the file system says about paths, so that analysis itself does no I/O. Implementations are
/// bounded in time and answer empty on overrun.
public interface FileView {
  /// Says which path is about to be followed, so that all its components may be asked in one go.
  ///
  /// @param start absolute and resolved
  /// @param rest below it; what lies behind a link or `..` in it is told anew
  default void expect(Path start, Iterable<Path> rest) {}

  /// Target of a symbolic link as written in it (may be relative), empty when `path` is no link,
  /// does not exist, or could not be asked in time.
  Optional<Path> link(Path path);

  /// Whether something exists at the path.
  boolean exists(Path path);

  /// The first of the candidates that is the same file under another name, by a hard link.
  ///
  /// @param path absolute and resolved
  /// @param candidates asked for only when the file has more than one name
  default Optional<Path> sameFile(Path path, Supplier<List<Path>> candidates) {
    return Optional.empty();
  }

  /// Whether a question was left open: the time for them was used up, or nobody here may look.
  default boolean overrun() {
    return false;
  }

  /// Knows nothing: every path is taken as written.
  FileView NONE =
      new FileView() {
        @Override
        public Optional<Path> link(Path path) {
          return Optional.empty();
        }

        @Override
        public boolean exists(Path path) {
          return false;
        }
      };
}
