package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/// A key of 32 bytes in a file that only its owner may read: 64 hexadecimal digits and a line end,
/// so that people can carry it.
final class KeyFile {
  private static final int BYTES = 32;

  private KeyFile() {}

  /// Reads the key, or makes one when there is no file.
  ///
  /// @throws IOException when it cannot be read or made, or holds something else
  static KeyedDigest open(Path file) throws IOException {
    Optional<KeyedDigest> known = read(file);
    if (known.isPresent()) {
      return known.get();
    }
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    String text = HexFormat.of().formatHex(key) + "\n";
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      ChronicleJournal.makeDirectory(directory);
    }
    PrivateFiles.write(file, text.getBytes(StandardCharsets.US_ASCII));
    return new KeyedDigest(key);
  }

  /// The key, when there is a file.
  ///
  /// @throws IOException when it cannot be read or holds something else
  static Optional<KeyedDigest> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (!text.matches("[0-9A-Fa-f]{" + 2 * BYTES + "}")) {
      throw new IOException(
          "%s has %d characters that are no key, %d hexadecimal digits are wanted; restore it, or remove it to have a new one made"
              .formatted(file, text.length(), 2 * BYTES));
    }
    return Optional.of(new KeyedDigest(HexFormat.of().parseHex(text)));
  }
}
