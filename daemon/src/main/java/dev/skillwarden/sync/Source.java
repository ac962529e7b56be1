package dev.skillwarden.sync;

import dev.skillwarden.repo.FetchLimits;
import dev.skillwarden.repo.RemoteConfig;
import dev.skillwarden.repo.Signers;
import java.time.Duration;
import java.util.regex.Pattern;

/// One skills repository to serve from.
///
/// @param name lower-case letters, digits and hyphens; state is kept under it
/// @param signers who must have signed the commit that is served
/// @param maxAge age of the served commit from which on there is an alarm; zero for never
public record Source(
    String name,
    RemoteConfig remote,
    Pin pin,
    Signers signers,
    FetchLimits limits,
    Duration maxAge) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  public Source {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a source's name wants lower-case letters, digits and hyphens, found '" + name + "'");
    }
  }
}
