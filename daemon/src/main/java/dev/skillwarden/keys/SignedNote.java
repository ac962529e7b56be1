package dev.skillwarden.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// A text with Ed25519 signatures below it, as https://c2sp.org/signed-note defines it.
///
/// @param text ends with a line feed
public record SignedNote(String text, List<Line> signatures) {
  private static final String DASH = "\u2014 ";
  private static final byte ED25519 = 1;
  private static final int ID_BYTES = 4;

  /// One signature line.
  ///
  /// @param signature key id, 4 bytes, and the signature
  public record Line(String name, byte[] signature) {
    @Override
    public String toString() {
      return DASH + name + ' ' + Base64.getEncoder().encodeToString(signature) + '\n';
    }
  }

  public SignedNote {
    signatures = List.copyOf(signatures);
  }

  /// @param name of the key, without spaces and plus signs
  public static SignedNote sign(String text, String name, PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    byte[] signature = Ed25519.sign(key, text.getBytes(StandardCharsets.UTF_8));
    byte[] line =
        ByteBuffer.allocate(ID_BYTES + signature.length)
            .put(id(name, publicKey))
            .put(signature)
            .array();
    return new SignedNote(text, List.of(new Line(name, line)));
  }

  /// @throws IOException when it is no signed note
  public static SignedNote parse(String note) throws IOException {
    int split = note.lastIndexOf("\n\n");
    if (split < 0) {
      throw new IOException("no signed note: an empty line before the signatures is missing");
    }
    List<Line> lines = new ArrayList<>();
    for (String line : note.substring(split + 2).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(line(line));
      }
    }
    return new SignedNote(note.substring(0, split + 1), lines);
  }

  private static Line line(String line) throws IOException {
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !line.startsWith(DASH)) {
      throw new IOException("no signature line of a signed note: " + line);
    }
    try {
      return new Line(parts[1], Base64.getDecoder().decode(parts[2]));
    } catch (IllegalArgumentException e) {
      throw new IOException("a signature of a signed note is no base64", e);
    }
  }

  /// Whether this key signed it under this name.
  public boolean isSignedBy(String name, Ed25519.Verifier key) {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    for (Line line : signatures) {
      ByteBuffer signature = ByteBuffer.wrap(line.signature());
      if (line.name().equals(name) && signature.remaining() > ID_BYTES) {
        byte[] id = new byte[ID_BYTES];
        byte[] rest = new byte[signature.remaining() - ID_BYTES];
        signature.get(id).get(rest);
        if (MessageDigest.isEqual(id, id(name, key.key())) && key.verify(message, rest)) {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] id(String name, PublicKey key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((name + '\n').getBytes(StandardCharsets.UTF_8));
      digest.update(ED25519);
      digest.update(Ed25519.raw(key));
      return Arrays.copyOf(digest.digest(), ID_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    signatures.forEach(note::append);
    return note.toString();
  }
}
