package dev.skillwarden.effect;

/// Where text comes from, as far as it matters when it is run or sent away.
///
/// @param network whether it was read from the network
/// @param decoded whether it was decoded, decrypted or decompressed
/// @param secret whether it holds a secret
public record Taints(boolean network, boolean decoded, boolean secret) {
  public static final Taints NONE = new Taints(false, false, false);
  static final Taints NETWORK = new Taints(true, false, false);
  static final Taints DECODED = new Taints(false, true, false);
  static final Taints SECRET = new Taints(false, false, true);

  Taints plus(Taints other) {
    return other.equals(NONE) || other.equals(this)
        ? this
        : new Taints(network || other.network, decoded || other.decoded, secret || other.secret);
  }

  /// Whether nobody can have read it before it runs.
  boolean foreign() {
    return network || decoded;
  }
}
