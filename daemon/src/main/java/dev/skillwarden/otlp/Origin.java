package dev.skillwarden.otlp;

import java.util.Locale;

/// Where records come from: OTLP's resource.
///
/// @param version of this program
/// @param osType as the semantic conventions spell it: `linux`, `darwin`, `windows`
/// @param team empty when it is not known
public record Origin(Identity identity, String version, String osType, String team) {
  /// This machine.
  public static Origin here(Identity identity, String version) {
    return new Origin(identity, version, osType(System.getProperty("os.name", "")), "");
  }

  static String osType(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.contains("mac")) {
      return "darwin";
    }
    return lower.contains("windows") ? "windows" : lower.split(" ", -1)[0];
  }
}
