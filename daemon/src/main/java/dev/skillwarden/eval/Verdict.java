package dev.skillwarden.eval;

import java.util.Locale;

/// What became of a trigger. The names stand in result files: never rename.
public enum Verdict {
  PASSED,
  /// Passed, and failed in the baseline.
  FIXED,
  /// Failed; the baseline does not have it, or there is none.
  FAILED,
  /// Failed, and passed in the baseline.
  REGRESSED,
  /// Failed as in the baseline.
  KNOWN,
  /// An edge case that is as its author thinks.
  EDGE_MET,
  /// An edge case that is not.
  EDGE_UNMET;

  public boolean fails() {
    return this == FAILED || this == REGRESSED;
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
