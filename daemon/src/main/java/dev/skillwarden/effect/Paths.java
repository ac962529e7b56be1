package dev.skillwarden.effect;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Resolves the paths a command names: `~`, `.`, `..`, `/proc/self/root`, symbolic links.
public final class Paths {
  private static final int MAX_LINKS = 32;

  /// Longest path a system takes, in characters; there is nothing to be looked up behind a longer.
  static final int LONGEST = 4_096;

  private Paths() {}

  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[/\\\\]");

  /// A path of Windows, with forward slashes and without `.` and `..`; links on it are not
  /// followed.
  private static String onDrive(String text) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : text.substring(2).replace('\\', '/').split("/+", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return text.substring(0, 2) + "/" + String.join("/", parts);
  }

  /// The absolute path a word means, symbolic links followed as far as they exist.
  ///
  /// @param word as the shell would see it after expansion
  /// @param cwd resolved already: its own links are not followed again
  public static String resolve(String word, Path cwd, Path home, FileView files) {
    return resolve(word, cwd, home, files, true);
  }

  /// As [#resolve(String, Path, Path, FileView)], but a symbolic link that the word names itself is
  /// not followed: what removing or renaming acts on. With a slash at the end it is.
  static String resolveEntry(String word, Path cwd, Path home, FileView files) {
    boolean itself = !word.endsWith("/") && !word.endsWith("/.") && !word.endsWith("*");
    return resolve(word, cwd, home, files, !itself);
  }

  private static String resolve(
      String word, Path cwd, Path home, FileView files, boolean followLast) {
    String path = resolved(word, cwd, home, files, followLast);
    // Nothing opens a longer path; what it begins with decides.
    return path.length() <= LONGEST ? path : path.substring(0, LONGEST);
  }

  private static String resolved(
      String word, Path cwd, Path home, FileView files, boolean followLast) {
    String text = word;
    if (text.equals("~") || text.startsWith("~/")) {
      text = home + text.substring(1);
    } else if (text.startsWith("~root")) {
      text = "/root" + text.substring(5);
    }
    if (DRIVE.matcher(text).lookingAt()) {
      return onDrive(text);
    }
    text = text.replaceFirst("^/proc/(self|thread-self|\\d+)/root(?=/|$)", "");
    if (text.isEmpty()) {
      text = word.isEmpty() ? "." : "/";
    }
    boolean content = text.endsWith("/*") || text.equals("*");
    try {
      Path path = Path.of(text.replace('\0', '_'));
      Path start = path.isAbsolute() ? Path.of("/") : cwd;
      String real =
          text.length() > LONGEST
              ? start.resolve(path).normalize().toString()
              : follow(start, path, files, followLast).toString();
      return content && !real.endsWith("*") ? real + "/*" : real;
    } catch (InvalidPathException e) {
      return text; // judged as written
    }
  }

  /// Follows links in every component, the last included, and `..` from where a link leads, as the
  /// kernel does.
  private static Path follow(Path start, Path path, FileView files, boolean followLast) {
    Path real = start;
    Deque<Path> rest = new ArrayDeque<>();
    path.forEach(rest::addLast);
    files.expect(start, path);
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.removeFirst().toString();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        real = real.getParent() == null ? real : real.getParent();
        continue;
      }
      Path next = real.resolve(name);
      boolean asked = links < MAX_LINKS && (followLast || !rest.isEmpty());
      Optional<Path> link = asked ? files.link(next) : Optional.empty();
      if (link.isEmpty()) {
        real = next;
        continue;
      }
      links++;
      if (link.get().isAbsolute()) {
        real = Path.of("/");
      }
      List<Path> target = new ArrayList<>();
      link.get().forEach(target::add);
      target.reversed().forEach(rest::addFirst);
      files.expect(real, rest);
    }
    return real;
  }
}
