package dev.skillwarden.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Resolves the paths a command names: `~`, `.`, `..`, `/proc/self/root`, symbolic links.
public final class Paths {
  private static final int MAX_LINKS = 32;

  private Paths() {}

  /// The absolute path a word means, symbolic links followed as far as they exist.
  ///
  /// @param word as the shell would see it after expansion
  public static String resolve(String word, Path cwd, Path home, FileView files) {
    String text = word;
    if (text.equals("~") || text.startsWith("~/")) {
      text = home + text.substring(1);
    } else if (text.startsWith("~root")) {
      text = "/root" + text.substring(5);
    }
    text = text.replaceFirst("^/proc/(self|thread-self|\\d+)/root(?=/|$)", "");
    if (text.isEmpty()) {
      text = word.isEmpty() ? "." : "/";
    }
    boolean content = text.endsWith("/*") || text.equals("*");
    try {
      Path path = cwd.resolve(text.replace('\0', '_')).normalize();
      String real = follow(path, files).toString();
      return content && !real.endsWith("*") ? real + "/*" : real;
    } catch (InvalidPathException e) {
      return text; // judged as written
    }
  }

  /// Follows links in every component, the last included.
  private static Path follow(Path path, FileView files) {
    Path real = Path.of("/");
    Path rest = path;
    int links = 0;
    int index = 0;
    while (index < rest.getNameCount()) {
      Path next = real.resolve(rest.getName(index));
      Optional<Path> link = files.link(next);
      if (link.isPresent() && ++links <= MAX_LINKS) {
        Path target = real.resolve(link.get()).normalize();
        rest =
            index + 1 < rest.getNameCount()
                ? target.resolve(rest.subpath(index + 1, rest.getNameCount()))
                : target;
        rest = rest.normalize();
        real = Path.of("/");
        index = 0;
      } else {
        real = next;
        index++;
      }
    }
    return real;
  }
}
