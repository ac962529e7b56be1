package dev.skillwarden.upload;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.SignedNote;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// What a witness signed: how far it has a journal, as a checkpoint (c2sp.org/tlog-checkpoint).
///
/// @param size number of records, those that are missing too
/// @param root hash of the last one, 64 hex digits
/// @param note the whole signed note
record WitnessHead(String origin, long size, String root, String note) {
  private static final String NAME = "witness";
  private static final int HASH_BYTES = 32;

  /// @return empty when it is no checkpoint, or none of the keys signed it
  static Optional<WitnessHead> verified(String note, List<Ed25519.Verifier> keys) {
    SignedNote signed;
    try {
      signed = SignedNote.parse(note);
    } catch (IOException e) {
      return Optional.empty(); // whoever asked says that it is not signed
    }
    return keys.stream().anyMatch(key -> signed.isSignedBy(NAME, key))
        ? checkpoint(signed.text(), note)
        : Optional.empty();
  }

  private static Optional<WitnessHead> checkpoint(String signed, String note) {
    List<String> lines = signed.lines().toList();
    if (lines.size() < 3 || !lines.get(1).matches("0|[1-9]\\d{0,17}")) {
      return Optional.empty();
    }
    try {
      byte[] root = Base64.getDecoder().decode(lines.get(2));
      return root.length == HASH_BYTES
          ? Optional.of(
              new WitnessHead(
                  lines.get(0), Long.parseLong(lines.get(1)), HexFormat.of().formatHex(root), note))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
