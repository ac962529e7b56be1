package dev.skillwarden.repo;

/// How much is taken from a remote, hostile or not.
///
/// @param maxBytes one exchange may bring, positive
/// @param maxStoreBytes all packs of the store together may have, positive
/// @param maxObjects one exchange may bring, positive
public record FetchLimits(long maxBytes, long maxStoreBytes, int maxObjects) {
  /// 1 GiB an exchange, 4 GiB in all, two million objects.
  public static final FetchLimits DEFAULT = new FetchLimits(1L << 30, 4L << 30, 2_000_000);

  public FetchLimits {
    if (maxBytes <= 0 || maxStoreBytes <= 0 || maxObjects <= 0) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }
}
