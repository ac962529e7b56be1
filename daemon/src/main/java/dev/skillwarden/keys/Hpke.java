package dev.skillwarden.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;

/// Seals something small to an X25519 public key, so that only the holder of the private key reads
/// it: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. A sealed
/// text is the encapsulated key, 32 bytes, and the ciphertext.
public final class Hpke {
  private static final int KEY_BYTES = 32;

  private Hpke() {}

  /// A key to seal to.
  ///
  /// @param id SHA-256 of its 32 bytes, hex
  public record Recipient(String id, X25519PublicKeyParameters key) {
    /// @param pem `PUBLIC KEY`, as `openssl pkey -pubout` writes it
    /// @throws IOException saying what is wrong
    public static Recipient parse(String pem) throws IOException {
      if (PublicKeyFactory.createKey(Pem.only("PUBLIC KEY", pem))
          instanceof X25519PublicKeyParameters key) {
        return of(key);
      }
      throw new IOException(
          "the public key is not X25519; make a pair with `openssl genpkey -algorithm x25519`");
    }

    private static Recipient of(X25519PublicKeyParameters key) throws IOException {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        return new Recipient(HexFormat.of().formatHex(digest), key);
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
    }
  }

  /// The private half.
  public record Opener(Recipient recipient, X25519PrivateKeyParameters key) {
    /// @param pem `PRIVATE KEY` without passphrase, as `openssl genpkey -algorithm x25519` writes
    ///   it
    /// @throws IOException saying what is wrong, without the text
    public static Opener parse(String pem) throws IOException {
      AsymmetricKeyParameter parsed = PrivateKeyFactory.createKey(Pem.only("PRIVATE KEY", pem));
      if (parsed instanceof X25519PrivateKeyParameters key) {
        return new Opener(Recipient.of(key.generatePublicKey()), key);
      }
      throw new IOException("the private key is not X25519");
    }

    /// @throws IOException when it was sealed to another key, or is damaged
    public byte[] open(byte[] sealed, String info, String associated) throws IOException {
      if (sealed.length < KEY_BYTES) {
        throw new IOException("a sealed key has at least 32 bytes, found " + sealed.length);
      }
      try {
        return hpke()
            .open(
                Arrays.copyOf(sealed, KEY_BYTES),
                new AsymmetricCipherKeyPair(recipient.key(), key),
                info.getBytes(StandardCharsets.UTF_8),
                associated.getBytes(StandardCharsets.UTF_8),
                Arrays.copyOfRange(sealed, KEY_BYTES, sealed.length),
                null,
                null,
                null);
      } catch (InvalidCipherTextException | RuntimeException e) {
        throw new IOException("not sealed to this key, or damaged", e);
      }
    }
  }

  /// @param info what it is for
  /// @param associated what it belongs to; opening asks for the same
  public static byte[] seal(Recipient to, byte[] secret, String info, String associated)
      throws IOException {
    try {
      byte[][] sealed =
          hpke()
              .seal(
                  to.key(),
                  info.getBytes(StandardCharsets.UTF_8),
                  associated.getBytes(StandardCharsets.UTF_8),
                  secret,
                  null,
                  null,
                  null);
      byte[] whole = Arrays.copyOf(sealed[1], KEY_BYTES + sealed[0].length);
      System.arraycopy(sealed[0], 0, whole, KEY_BYTES, sealed[0].length);
      return whole;
    } catch (InvalidCipherTextException e) {
      throw new IOException("sealing failed", e);
    }
  }

  private static HPKE hpke() {
    return new HPKE(
        HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
  }
}
