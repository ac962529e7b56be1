package dev.skillwarden.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Ed25519 keys (RFC 8032) in PEM: `PUBLIC KEY` (RFC 8410) and PKCS #8 `PRIVATE KEY`, as `openssl
/// genpkey -algorithm ed25519` writes them.
public final class Ed25519 {
  private static final Pattern PUBLIC =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
  private static final Pattern PRIVATE =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private static final int RAW_BYTES = 32;

  /// What precedes the 32 bytes in X.509 (RFC 8410).
  private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

  private Ed25519() {}

  /// A public key with its name.
  ///
  /// @param id first 16 hex digits of the SHA-256 of the key's encoding
  public record Verifier(String id, PublicKey key) {
    /// Whether the signature is this key's over exactly these bytes.
    public boolean verify(byte[] message, byte[] signature) {
      try {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
      } catch (GeneralSecurityException e) {
        return false; // malformed signatures are refused like wrong ones
      }
    }
  }

  /// Every public key of a PEM text, at least one.
  ///
  /// @throws IOException saying what is wrong, without the text
  public static List<Verifier> publicKeys(String pem) throws IOException {
    List<Verifier> keys = new ArrayList<>();
    Matcher matcher = PUBLIC.matcher(pem);
    while (matcher.find()) {
      try {
        byte[] encoded = decode(matcher.group(1));
        PublicKey key =
            KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        keys.add(new Verifier(id(encoded), key));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        throw new IOException("a public key is not Ed25519 in PEM", e);
      }
    }
    if (keys.isEmpty()) {
      throw new IOException("no Ed25519 public key in PEM is in it (-----BEGIN PUBLIC KEY-----)");
    }
    return keys;
  }

  /// The private key of a PEM text.
  ///
  /// @throws IOException saying what is wrong, without the text
  public static PrivateKey privateKey(String pem) throws IOException {
    Matcher matcher = PRIVATE.matcher(pem);
    if (!matcher.find()) {
      throw new IOException(
          "no private key in PEM is in it; make one with `openssl genpkey -algorithm ed25519`");
    }
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(new PKCS8EncodedKeySpec(decode(matcher.group(1))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the private key is not Ed25519 in PEM without passphrase", e);
    }
  }

  /// The 32 bytes of a public key (RFC 8032).
  public static byte[] raw(PublicKey key) {
    byte[] encoded = key.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - RAW_BYTES, encoded.length);
  }

  /// The public key of 32 bytes.
  ///
  /// @throws IOException when they are no Ed25519 key
  public static Verifier ofRaw(byte[] raw) throws IOException {
    if (raw.length != RAW_BYTES) {
      throw new IOException("an Ed25519 key has 32 bytes, found " + raw.length);
    }
    byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + RAW_BYTES);
    System.arraycopy(raw, 0, encoded, SPKI.length, RAW_BYTES);
    try {
      return new Verifier(
          id(encoded),
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException e) {
      throw new IOException("these 32 bytes are no Ed25519 key", e);
    }
  }

  public static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(key);
    signer.update(message);
    return signer.sign();
  }

  /// A new pair, private key first, both in PEM.
  public static List<String> generate() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    return List.of(pem("PRIVATE KEY", pair.getPrivate()), pem("PUBLIC KEY", pair.getPublic()));
  }

  /// @param type `PRIVATE KEY` or `PUBLIC KEY`
  public static String pem(String type, Key key) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(key.getEncoded());
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, body, type);
  }

  private static byte[] decode(String base64) {
    return Base64.getMimeDecoder().decode(base64.strip());
  }

  private static String id(byte[] encoded) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded), 0, 8);
  }
}
