package dev.skillwarden.effect;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Paths with everything below them. Takes time proportional to the length of the path asked for.
public final class PathSet {
  private final Set<String> roots;

  private PathSet(Set<String> roots) {
    this.roots = roots;
  }

  /// @param lines one path per line, without a slash at the end
  public static PathSet of(String lines) {
    return new PathSet(
        Arrays.stream(lines.strip().split("\n", -1))
            .map(String::strip)
            .collect(Collectors.toUnmodifiableSet()));
  }

  /// Whether the path is one of the set or lies below one.
  public boolean covers(String path) {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      if (roots.contains(path.substring(0, slash))) {
        return true;
      }
    }
    return roots.contains(path);
  }
}
