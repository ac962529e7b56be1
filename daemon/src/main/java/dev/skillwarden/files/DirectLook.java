package dev.skillwarden.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;

/// Asks the file system as this process. May hang as long as a mount does.
final class DirectLook {
  private static final int TYPE = 0170000;
  private static final int LINK = 0120000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;

  private DirectLook() {}

  static Entry at(Path path) {
    try {
      return onUnix(path);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return elsewhere(path); // a platform without inodes: files are judged by their names
    }
  }

  private static Entry onUnix(Path path) {
    try {
      Map<String, Object> found =
          Files.readAttributes(path, "unix:mode,dev,ino,nlink", LinkOption.NOFOLLOW_LINKS);
      int type = (int) number(found, "mode") & TYPE;
      if (type == LINK) {
        return Entry.link(Files.readSymbolicLink(path));
      }
      Entry.Kind kind =
          type == REGULAR
              ? Entry.Kind.REGULAR
              : type == DIRECTORY ? Entry.Kind.DIRECTORY : Entry.Kind.OTHER;
      return new Entry(
          kind,
          Optional.empty(),
          number(found, "dev"),
          number(found, "ino"),
          number(found, "nlink"));
    } catch (IOException | SecurityException e) {
      return failed(e);
    }
  }

  private static long number(Map<String, Object> found, String name) {
    if (found.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new IllegalArgumentException("no number '" + name + "' of a file");
  }

  private static Entry elsewhere(Path path) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (found.isSymbolicLink()) {
        return Entry.link(Files.readSymbolicLink(path));
      }
      Entry.Kind kind = found.isDirectory() ? Entry.Kind.DIRECTORY : Entry.Kind.OTHER;
      return new Entry(kind, Optional.empty(), 0, 0, 0);
    } catch (IOException | SecurityException | UnsupportedOperationException e) {
      return failed(e);
    }
  }

  private static Entry failed(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> Entry.NOTHING;
      case AccessDeniedException _ -> Entry.CLOSED;
      default -> Entry.UNKNOWN; // a dead mount, a broken disk: nothing is known
    };
  }
}
