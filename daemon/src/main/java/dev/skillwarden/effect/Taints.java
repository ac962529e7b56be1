package dev.skillwarden.effect;

/// Where text comes from, as far as it matters when it is run or sent away.
///
/// @param network whether it was read from the network
/// @param decoded whether it was decoded, decrypted or decompressed
/// @param scrambled whether unknown text was turned round, its letters exchanged or its escapes
///   resolved, so that it says something else than it did
/// @param secret whether it holds a secret
public record Taints(boolean network, boolean decoded, boolean scrambled, boolean secret) {
  public static final Taints NONE = new Taints(false, false, false, false);
  static final Taints NETWORK = new Taints(true, false, false, false);
  static final Taints DECODED = new Taints(false, true, false, false);
  static final Taints SCRAMBLED = new Taints(false, false, true, false);
  static final Taints SECRET = new Taints(false, false, false, true);

  Taints plus(Taints other) {
    return other.equals(NONE) || other.equals(this)
        ? this
        : new Taints(
            network || other.network,
            decoded || other.decoded,
            scrambled || other.scrambled,
            secret || other.secret);
  }

  /// Whether nobody can have read it before it runs.
  boolean foreign() {
    return network || decoded || scrambled;
  }
}
