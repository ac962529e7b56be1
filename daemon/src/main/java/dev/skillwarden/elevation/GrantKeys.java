package dev.skillwarden.elevation;

import dev.skillwarden.elevation.GrantRefusedException.Code;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.SignedNote;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.List;
import java.util.regex.Pattern;

/// Whose signature makes a text a grant.
///
/// @param name under which they sign
/// @param keys empty when nobody may sign
public record GrantKeys(String name, List<Ed25519.Verifier> keys) {
  /// What a name of signers may be: a signed note takes no spaces and plus signs in it.
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");

  public GrantKeys {
    keys = List.copyOf(keys);
  }

  /// The grant as a signed note.
  ///
  /// @throws GeneralSecurityException when the keys are not one pair
  public static String sign(Grant grant, String name, PrivateKey key, Ed25519.Verifier publicKey)
      throws GeneralSecurityException {
    SignedNote note = SignedNote.sign(grant.document(), name, key, publicKey.key());
    if (!note.isSignedBy(name, publicKey)) {
      throw new GeneralSecurityException("the private and the public key are not one pair");
    }
    return note.toString();
  }

  /// Verifies first, reads then.
  ///
  /// @throws GrantRefusedException when anything is wrong with it
  public Grant read(String note) throws GrantRefusedException {
    if (note.length() > Grant.MAX_BYTES) {
      throw new GrantRefusedException(
          Code.SIGNATURE,
          "a grant has at most %,d bytes, this is larger".formatted(Grant.MAX_BYTES));
    }
    if (keys.isEmpty()) {
      throw new GrantRefusedException(
          Code.SIGNATURE,
          "nobody may sign grants for this machine; set elevation.keys to the organisation's key and"
              + " restart the daemon");
    }
    try {
      SignedNote signed = SignedNote.parse(note);
      if (keys.stream().noneMatch(key -> signed.isSignedBy(name, key))) {
        throw new GrantRefusedException(
            Code.SIGNATURE,
            "the grant is not signed as '%s' by a key of elevation.keys (%s)"
                .formatted(
                    name, String.join(", ", keys.stream().map(Ed25519.Verifier::id).toList())));
      }
      return Grant.parse("grant", signed.text());
    } catch (IOException e) {
      throw new GrantRefusedException(Code.SIGNATURE, "this is no signed grant: " + e.getMessage());
    } catch (InvalidTextException e) {
      throw new GrantRefusedException(
          Code.MALFORMED, "the grant is signed but malformed:\n" + e.getMessage());
    }
  }
}
