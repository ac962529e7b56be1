package dev.skillwarden.journal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-256 (RFC 2104) of texts under one key: equal texts have equal digests, and whoever
/// lacks the key cannot try texts until one fits.
final class KeyedDigest {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /// @param key at least one byte; copied
  KeyedDigest(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /// One that nobody can repeat.
  static KeyedDigest ofTheMoment() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return new KeyedDigest(key);
  }

  /// @param bytes how many of the 32 are wanted, from the first on
  /// @return two lower-case hexadecimal digits for each
  String of(String text, int bytes) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
