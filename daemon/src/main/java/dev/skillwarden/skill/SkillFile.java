package dev.skillwarden.skill;

/// One file of a skills repository as it is in the commit.
///
/// @param path path in the repository, with `/`
/// @param regular whether the git mode is a regular file (not a symlink, submodule or executable
///   script)
/// @param content the file's bytes; of a file over the reader's limit only that many
public record SkillFile(String path, boolean regular, byte[] content) {
  @Override
  public boolean equals(Object other) {
    return other instanceof SkillFile f
        && f.path.equals(path)
        && f.regular == regular
        && java.util.Arrays.equals(f.content, content);
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
