package dev.skillwarden.journal.verify;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import java.util.Optional;

/// What the verifier is given besides the journal. With nothing, it trusts the key in the journal's
/// genesis.
///
/// @param device public key that the journal must be signed by: the one of its genesis or any it
///   was rotated to
/// @param escrow opens the sealed ratchet keys
/// @param firstKey for auditors who were given the ratchet key itself: that of the newest `enroll`
///   or `key-rotation` before or at the first record, 64 hex digits
public record VerifyOptions(
    Optional<Ed25519.Verifier> device, Optional<Hpke.Opener> escrow, Optional<String> firstKey) {
  public VerifyOptions {
    if (firstKey.isPresent() && !firstKey.get().matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("a ratchet key is 64 lower-case hex digits");
    }
  }

  /// Nothing is given.
  public static VerifyOptions none() {
    return new VerifyOptions(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
