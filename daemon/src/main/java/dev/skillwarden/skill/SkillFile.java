package dev.skillwarden.skill;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// One file of a skills repository as it is in the commit.
///
/// @param path path in the repository, with `/`
/// @param regular whether the git mode is a regular file (not a symlink, submodule or executable
///   script)
/// @param content the file's bytes; of a file over the reader's limit only that many
/// @param again reads the same file once more, when that is possible: then its skill does not keep
///   it
public record SkillFile(String path, boolean regular, byte[] content, Optional<Reading> again) {
  /// Reads a file.
  public interface Reading {
    byte[] bytes() throws IOException;
  }

  /// A file that is not read again.
  public SkillFile(String path, boolean regular, byte[] content) {
    this(path, regular, content, Optional.empty());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SkillFile f
        && f.path.equals(path)
        && f.regular == regular
        && Arrays.equals(f.content, content);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path + " (" + content.length + " bytes)";
  }
}
