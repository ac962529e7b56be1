package dev.skillwarden.journal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 (FIPS 180-4) of files and bytes.
final class Sha256 {
  private Sha256() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  static String hex(Path file) throws IOException {
    MessageDigest digest = digest();
    byte[] part = new byte[64 << 10];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(part); count >= 0; count = in.read(part)) {
        digest.update(part, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
