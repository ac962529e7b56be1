package dev.skillwarden.daemon;

import dev.skillwarden.keys.Ed25519;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Whose signature `policy.yaml` and `organization.yaml` need.
///
/// @param required whether they need one; without, signatures are not looked at
/// @param keys who may sign
/// @param file where the keys come from, absolute
public record Signing(boolean required, List<Ed25519.Verifier> keys, Optional<Path> file) {
  /// Nothing needs to be signed.
  public static final Signing NONE = new Signing(false, List.of(), Optional.empty());

  public Signing {
    keys = List.copyOf(keys);
  }

  /// Checks the signature beside a file.
  ///
  /// @param name which of the two files it is
  /// @param content what was read of it
  /// @param place where it was read: the file itself or a copy
  /// @return the signature, empty when none is needed
  /// @throws IOException when it is not signed as it must be
  Optional<byte[]> check(String name, byte[] content, Path place) throws IOException {
    if (!required) {
      return Optional.empty();
    }
    byte[] signature = FileSignature.read(FileSignature.of(place));
    FileSignature.verify(name, content, signature, keys);
    return Optional.of(signature);
  }
}
