package dev.skillwarden.claude;

/// One thing that was looked at.
///
/// @param code stable, for scripts
/// @param cause what was found
/// @param next what to do, empty when it is good
public record Finding(String code, boolean ok, String cause, String next) {
  static Finding good(String code, String cause) {
    return new Finding(code, true, cause, "");
  }

  static Finding bad(String code, String cause, String next) {
    return new Finding(code, false, cause, next);
  }
}
