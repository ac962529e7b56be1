package dev.skillwarden.daemon;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.SignedNote;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.List;

/// The organisation's signature of `policy.yaml` or `organization.yaml`: a signed note beside the
/// file that says which of the two it is and what its digest is.
public final class FileSignature {
  /// So much of a signature file is read, in bytes: a note with several signatures.
  private static final int MAX_BYTES = 8 << 10;

  private static final String SIGNER = "skillwarden-policy";

  private FileSignature() {}

  /// Where the signature of a file lies.
  public static Path of(Path file) {
    return file.resolveSibling(file.getFileName() + ".sig");
  }

  /// The signature file's text.
  ///
  /// @param name `policy.yaml` or `organization.yaml`, so that neither passes for the other
  /// @throws GeneralSecurityException when the keys are not one pair
  public static String sign(String name, byte[] content, PrivateKey key, Ed25519.Verifier publicKey)
      throws GeneralSecurityException {
    SignedNote note = SignedNote.sign(text(name, content), SIGNER, key, publicKey.key());
    if (!note.isSignedBy(SIGNER, publicKey)) {
      throw new GeneralSecurityException("the private and the public key are not one pair");
    }
    return note.toString();
  }

  /// Checks that one of the keys signed this very content under this name.
  ///
  /// @return id of that key
  /// @throws IOException when none did, saying what was found
  public static String verify(
      String name, byte[] content, byte[] signature, List<Ed25519.Verifier> keys)
      throws IOException {
    SignedNote note = SignedNote.parse(new String(signature, StandardCharsets.UTF_8));
    for (Ed25519.Verifier key : keys) {
      if (note.isSignedBy(SIGNER, key)) {
        if (!note.text().equals(text(name, content))) {
          throw new IOException(
              "its signature is of another content or of another file; sign it again");
        }
        return key.id();
      }
    }
    throw new IOException(
        "it is not signed by a key of policy.keys (%s)"
            .formatted(String.join(", ", keys.stream().map(Ed25519.Verifier::id).toList())));
  }

  /// What the signature file holds, cut off where no signature is that long.
  ///
  /// @throws IOException when there is none
  public static byte[] read(Path signature) throws IOException {
    try (InputStream in = Files.newInputStream(signature)) {
      return in.readNBytes(MAX_BYTES);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "it is not signed: there is no %s; make it with `skillwarden policy sign`"
              .formatted(signature),
          e);
    } catch (IOException e) {
      throw new IOException("its signature cannot be read: " + e, e);
    }
  }

  private static String text(String name, byte[] content) {
    return "skillwarden signed file\n%s\nsha256 %s\n".formatted(name, Sha256.of(content));
  }
}
