package dev.skillwarden.claude;

import java.util.Arrays;

/// Versions of the client: numbers between dots.
public final class ClientVersion {
  private ClientVersion() {}

  /// Compares number by number, as [java.util.Comparator] does.
  ///
  /// @throws NumberFormatException when one is no such version
  public static int compare(String a, String b) {
    return Arrays.compare(numbers(a), numbers(b));
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
