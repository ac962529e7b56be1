package dev.skillwarden.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Whose a file is, and what others may do with it.
///
/// @param uid numeric id of its owner
/// @param mode permission bits and the sticky bit, as stat(2) has them
public record FileOwner(int uid, int mode) {
  private static final int PERMISSIONS = 07777;
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int STICKY = 01000;

  /// Follows links.
  ///
  /// @throws IOException when there is no such file, or its file system knows no owners
  public static FileOwner of(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:uid,mode");
    if (!(found.get("uid") instanceof Integer uid && found.get("mode") instanceof Integer mode)) {
      throw new IOException("the file system of " + path + " knows no owners and modes");
    }
    return new FileOwner(uid, mode & PERMISSIONS);
  }

  public boolean isWritableByOthers() {
    return (mode & WRITABLE_BY_OTHERS) != 0;
  }

  /// Others cannot rename what is not theirs in a sticky directory, such as `/tmp`.
  public boolean isSticky() {
    return (mode & STICKY) != 0;
  }
}
