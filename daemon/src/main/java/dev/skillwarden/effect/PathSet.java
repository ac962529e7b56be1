package dev.skillwarden.effect;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Paths with everything below them. Asking takes time bounded by the longest of them, not by the
/// path asked for.
public final class PathSet {
  private final Set<String> roots;

  private final int longest;

  private PathSet(Set<String> roots) {
    this.roots = roots;
    this.longest = roots.stream().mapToInt(String::length).max().orElse(0);
  }

  /// @param lines one path per line, without a slash at the end
  public static PathSet of(String lines) {
    return new PathSet(
        Arrays.stream(lines.strip().split("\n", -1))
            .map(String::strip)
            .collect(Collectors.toUnmodifiableSet()));
  }

  /// The paths themselves, sorted.
  List<String> roots() {
    return roots.stream().sorted().toList();
  }

  /// Whether the path is one of the set or lies below one.
  public boolean covers(String path) {
    for (int slash = path.indexOf('/', 1);
        slash > 0 && slash <= longest;
        slash = path.indexOf('/', slash + 1)) {
      if (roots.contains(path.substring(0, slash))) {
        return true;
      }
    }
    return roots.contains(path);
  }
}
