package dev.skillwarden.repo;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whose signature a commit must carry. At least one kind is named.
///
/// @param sshAllowedSigners file in the format of OpenSSH's allowed signers
/// @param openPgpKeys file with ASCII-armoured OpenPGP public keys
/// @param openPgpFingerprints fingerprints of primary keys among them that may sign, 40 or 64
///   upper-case hex digits
public record Signers(
    Optional<Path> sshAllowedSigners,
    Optional<Path> openPgpKeys,
    List<String> openPgpFingerprints) {
  public Signers {
    openPgpFingerprints = List.copyOf(openPgpFingerprints);
  }

  /// Nobody is named: signatures are not looked at.
  public static Signers none() {
    return new Signers(Optional.empty(), Optional.empty(), List.of());
  }

  public boolean isNone() {
    return sshAllowedSigners.isEmpty() && openPgpKeys.isEmpty();
  }
}
