package dev.skillwarden.upload;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A checkpoint in a signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).
///
/// @param size number of records, those that are missing too
/// @param root hash of the last one, 64 hex digits
/// @param text the whole note
record SignedNote(String origin, long size, String root, String text) {
  private static final int HASH_BYTES = 32;
  private static final int KEY_HASH_BYTES = 4;
  private static final byte ED25519 = 1;
  private static final String SIGNATURE = "\u2014 ";

  /// Reads a note and checks that this key signed it under this name. Lines of other keys are
  /// passed over.
  ///
  /// @return empty when it is no checkpoint, or the signature is not right
  static Optional<SignedNote> verified(String note, String name, Ed25519.Verifier key) {
    int end = note.lastIndexOf("\n\n");
    if (end < 0 || !note.endsWith("\n")) {
      return Optional.empty();
    }
    String signed = note.substring(0, end + 1);
    boolean right =
        note.substring(end + 2)
            .lines()
            .anyMatch(
                line -> isSignature(line, name, key, signed.getBytes(StandardCharsets.UTF_8)));
    return right ? checkpoint(signed, note) : Optional.empty();
  }

  private static boolean isSignature(
      String line, String name, Ed25519.Verifier key, byte[] signed) {
    String prefix = SIGNATURE + name + " ";
    if (!line.startsWith(prefix)) {
      return false;
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(line.substring(prefix.length()));
    } catch (IllegalArgumentException e) {
      return false;
    }
    return bytes.length > KEY_HASH_BYTES
        && Arrays.equals(Arrays.copyOf(bytes, KEY_HASH_BYTES), keyHash(name, key))
        && key.verify(signed, Arrays.copyOfRange(bytes, KEY_HASH_BYTES, bytes.length));
  }

  /// First four bytes of SHA-256 of name, line feed, 1 for Ed25519, and the key.
  static byte[] keyHash(String name, Ed25519.Verifier key) {
    MessageDigest digest = Sha256.start();
    digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(ED25519);
    digest.update(Ed25519.raw(key.key()));
    return Arrays.copyOf(digest.digest(), KEY_HASH_BYTES);
  }

  private static Optional<SignedNote> checkpoint(String signed, String note) {
    List<String> lines = signed.lines().toList();
    if (lines.size() < 3 || !lines.get(1).matches("0|[1-9]\\d{0,17}")) {
      return Optional.empty();
    }
    try {
      byte[] root = Base64.getDecoder().decode(lines.get(2));
      return root.length == HASH_BYTES
          ? Optional.of(
              new SignedNote(
                  lines.get(0), Long.parseLong(lines.get(1)), HexFormat.of().formatHex(root), note))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
