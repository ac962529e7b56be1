package dev.skillwarden.files;

import java.nio.file.Path;
import java.util.List;

/// Keeps the threads of one account from all waiting for the same thing.
interface Turn {
  /// Waits until no other thread of the account looks at one of the paths or above it, and takes
  /// them.
  ///
  /// @return those that were free, in order: all of them, unless others hang
  List<Path> take(List<Path> paths);

  /// Of what was taken all before the path is done.
  void at(Path path);

  /// Whoever asks does so alone.
  Turn ALONE =
      new Turn() {
        @Override
        public List<Path> take(List<Path> paths) {
          return paths;
        }

        @Override
        public void at(Path path) {}
      };
}
