package dev.skillwarden.policy;

import java.util.Locale;

/// What a rule wants done about a tool call, from the mildest to the strictest.
public enum Verdict {
  NONE,
  ASK,
  DENY;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
