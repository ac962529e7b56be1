package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A signed note that holds a checkpoint.
///
/// @param size number of the record it is about, plus 1
/// @param root hash of that record
/// @param signed the bytes that are signed
@SuppressWarnings("ArrayRecordComponent") // never compared
record Note(String origin, long size, byte[] root, byte[] signed, List<Line> lines) {
  private static final int MOST_LINES = 16;
  private static final int KEY_HASH = 4;
  private static final byte ED25519 = 1;

  /// @param signature key hash of 4 bytes, then the signature
  @SuppressWarnings("ArrayRecordComponent")
  record Line(String name, byte[] signature) {}

  static Note parse(String text) throws MalformedException {
    int blank = text.lastIndexOf("\n\n");
    if (blank < 0 || blank + 2 == text.length() || !text.endsWith("\n")) {
      throw new MalformedException("has a note without signatures");
    }
    String body = text.substring(0, blank + 1);
    List<String> head = List.of(body.split("\n", -1));
    if (head.size() < 4) {
      throw new MalformedException("has a note without origin, size and root");
    }
    byte[] root = Facts.base64("root", head.get(2));
    if (root.length != JournalFormat.HASH_BYTES) {
      throw new MalformedException("has a root of %d bytes; 32 are wanted".formatted(root.length));
    }
    List<Line> lines = new ArrayList<>();
    for (String line : text.substring(blank + 2, text.length() - 1).split("\n", -1)) {
      lines.add(line(line));
      if (lines.size() > MOST_LINES) {
        throw new MalformedException(
            "has a note with more than %d signatures".formatted(MOST_LINES));
      }
    }
    long size = Facts.number("size", head.get(1));
    return new Note(
        head.getFirst(), size, root, body.getBytes(StandardCharsets.UTF_8), List.copyOf(lines));
  }

  private static Line line(String line) throws MalformedException {
    int space = line.lastIndexOf(' ');
    if (!line.startsWith("— ") || space < 3) {
      throw new MalformedException("has a note with a line that is no signature");
    }
    byte[] signature = Facts.base64("signature", line.substring(space + 1));
    if (signature.length <= KEY_HASH) {
      throw new MalformedException("has a note with a signature that is too short");
    }
    return new Line(line.substring(2, space), signature);
  }

  /// Whether this key signed it. Signatures of others are passed over, but every one in the key's
  /// name must be right.
  boolean signedBy(Ed25519.Verifier key) {
    MessageDigest digest = Sha256.start();
    digest.update((origin + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(ED25519);
    byte[] keyHash = Arrays.copyOf(digest.digest(Ed25519.raw(key.key())), KEY_HASH);
    boolean signed = false;
    for (Line line : lines) {
      if (line.name().equals(origin)
          && Arrays.equals(keyHash, Arrays.copyOf(line.signature(), KEY_HASH))) {
        signed = true;
        byte[] signature = Arrays.copyOfRange(line.signature(), KEY_HASH, line.signature().length);
        if (!key.verify(signed(), signature)) {
          return false;
        }
      }
    }
    return signed;
  }
}
