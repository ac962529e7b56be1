package dev.skillwarden.gate;

import dev.skillwarden.effect.FileView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The machine's own file system, for one decision. Asks until its time is used up, then knows
/// nothing more: paths are then taken as written.
public final class LocalFileView implements FileView {
  /// Time for all questions of one decision.
  public static final Duration BUDGET = Duration.ofMillis(50);

  private final long end = System.nanoTime() + BUDGET.toNanos();
  private final Map<Path, Optional<Path>> links = new HashMap<>();

  @Override
  public Optional<Path> link(Path path) {
    return links.computeIfAbsent(path, this::readLink);
  }

  private Optional<Path> readLink(Path path) {
    if (System.nanoTime() - end > 0) {
      return Optional.empty();
    }
    try {
      return Files.isSymbolicLink(path)
          ? Optional.of(Files.readSymbolicLink(path))
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return Optional.empty(); // gone or closed since the question before: judged as written
    }
  }

  @Override
  public boolean exists(Path path) {
    return System.nanoTime() - end <= 0 && Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }
}
