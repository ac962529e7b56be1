package dev.skillwarden.effect;

import java.util.regex.Pattern;

/// Addresses of the services that hand out credentials of a cloud machine.
public final class Addresses {
  private static final Pattern METADATA =
      Pattern.compile(
          "(?i).*(?:169\\.254\\.169\\.254|169\\.254\\.170\\.2|metadata\\.google\\.internal|fd00:ec2::254|100\\.100\\.100\\.200|2852039166|0xa9fea9fe|0251\\.0376\\.0251\\.0376).*");

  private Addresses() {}

  /// @param url a URL or what a command names in place of one
  public static boolean isMetadata(String url) {
    return METADATA.matcher(url).matches();
  }
}
