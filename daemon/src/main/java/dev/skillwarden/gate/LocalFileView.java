package dev.skillwarden.gate;

import dev.skillwarden.effect.FileView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The machine's own file system, for one decision. Asks until its time is used up, then knows
/// nothing more and says so.
public final class LocalFileView implements FileView {
  /// Time for all questions of one decision.
  public static final Duration BUDGET = Duration.ofMillis(50);

  private long spent;
  private final Map<Path, Optional<Path>> links = new HashMap<>();
  private boolean overrun;

  @Override
  public Optional<Path> link(Path path) {
    return links.computeIfAbsent(path, p -> asked(() -> readLink(p), Optional.empty()));
  }

  private static Optional<Path> readLink(Path path) {
    try {
      return Files.isSymbolicLink(path)
          ? Optional.of(Files.readSymbolicLink(path))
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return Optional.empty(); // gone or closed since the question before: judged as written
    }
  }

  @Override
  public Optional<Path> sameFile(Path path, Supplier<List<Path>> candidates) {
    Optional<Identity> own = identity(path).filter(i -> i.links() > 1);
    return own.isEmpty()
        ? Optional.empty()
        : candidates.get().stream().filter(c -> own.equals(identity(c))).findFirst();
  }

  /// What tells a file from all others of the machine.
  private record Identity(long device, long inode, int links) {}

  private Optional<Identity> identity(Path path) {
    return asked(() -> readIdentity(path), Optional.empty());
  }

  private static Optional<Identity> readIdentity(Path path) {
    try {
      Map<String, Object> found =
          Files.readAttributes(path, "unix:dev,ino,nlink,isRegularFile", LinkOption.NOFOLLOW_LINKS);
      return Boolean.TRUE.equals(found.get("isRegularFile"))
              && found.get("nlink") instanceof Integer links
              && found.get("dev") instanceof Long device
              && found.get("ino") instanceof Long inode
          ? Optional.of(new Identity(device, inode, links))
          : Optional.empty();
    } catch (IOException
        | UnsupportedOperationException
        | IllegalArgumentException
        | SecurityException e) {
      return Optional.empty(); // not there, or a platform without inodes: judged by its name
    }
  }

  @Override
  public boolean overrun() {
    return overrun;
  }

  /// Asks the file system unless the time for it is used up; only the asking counts, so that a busy
  /// machine does not look like a slow disk.
  private <T> T asked(Supplier<T> question, T otherwise) {
    if (spent > BUDGET.toNanos()) {
      overrun = true;
      return otherwise;
    }
    long start = System.nanoTime();
    try {
      return question.get();
    } finally {
      spent += System.nanoTime() - start;
    }
  }

  @Override
  public boolean exists(Path path) {
    return asked(() -> Files.exists(path, LinkOption.NOFOLLOW_LINKS), false);
  }
}
