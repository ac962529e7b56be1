package dev.skillwarden.daemon;

import dev.skillwarden.text.FileOwner;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Who may write what the machine's daemon goes by: root and its own account, nobody else.
public final class SystemFiles {
  private SystemFiles() {}

  /// Everything wrong with owners and modes of the configuration, its directories up to the root of
  /// the file system included; each says what was found and what to do.
  ///
  /// @param trusted numeric ids of the accounts that may own them
  public static List<String> problems(Home home, Set<Integer> trusted) throws IOException {
    List<String> problems = new ArrayList<>();
    List<Path> paths = upwards(home.config());
    paths.addAll(List.of(home.configFile(), home.policyFile(), home.organizationFile()));
    paths.add(FileSignature.of(home.policyFile()));
    paths.add(FileSignature.of(home.organizationFile()));
    paths.add(home.configDropIns());
    if (Files.isDirectory(home.configDropIns())) {
      try (DirectoryStream<Path> dropIns = Files.newDirectoryStream(home.configDropIns())) {
        dropIns.forEach(paths::add);
      }
    }
    checkAll(paths, trusted, problems);
    return problems;
  }

  /// The same of another file the daemon goes by, and of the directories above it.
  public static List<String> problems(Path file, Set<Integer> trusted) throws IOException {
    List<String> problems = new ArrayList<>();
    checkAll(upwards(file), trusted, problems);
    return problems;
  }

  private static List<Path> upwards(Path from) {
    List<Path> paths = new ArrayList<>();
    for (Path up = from; up != null; up = up.getParent()) {
      paths.add(up);
    }
    return paths;
  }

  private static void checkAll(List<Path> paths, Set<Integer> trusted, List<String> problems)
      throws IOException {
    for (Path path : paths) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        check(path, trusted, problems);
      }
    }
  }

  private static void check(Path path, Set<Integer> trusted, List<String> problems)
      throws IOException {
    FileOwner found = FileOwner.of(path);
    if (!trusted.contains(found.uid())) {
      problems.add(
          "%s belongs to the account with number %d; it must belong to root: chown root %s"
              .formatted(path, found.uid(), path));
    }
    if (found.isWritableByOthers() && !found.isSticky()) {
      problems.add(
          "%s can be written by others (mode %o); only its owner may: chmod go-w %s"
              .formatted(path, found.mode(), path));
    }
  }
}
