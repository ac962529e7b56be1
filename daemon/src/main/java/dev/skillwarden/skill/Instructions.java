package dev.skillwarden.skill;

import dev.skillwarden.text.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// What an agent gets of a skill. A daemon holds every release of a catalog and hands out a few, so
/// the text itself is not in memory: it is read again from where it came from, or kept compressed
/// where there is no such place.
public sealed interface Instructions {
  /// Length of the text, in characters, without reading it.
  int length();

  /// @throws UncheckedIOException when the file cannot be read any more, or is another one by now
  String text();

  /// Keeps the text in memory, compressed.
  static Instructions of(String text) {
    return Packed.of(text);
  }

  /// Instructions that can be read from their file again, once [#forget] was called.
  ///
  /// @param file that gave the skill; it can be read again
  /// @param sha256 hex digest of its bytes, checked whenever it is read
  static Instructions in(SkillFile file, String sha256, String text) {
    return new Stored(file, sha256, text);
  }

  /// Gives the memory back that the text takes, where it can be read again; nothing else changes.
  default void forget() {
    // Kept: there is no other place.
  }

  /// Read again when needed.
  final class Stored implements Instructions {
    private final String path;
    private final SkillFile.Reading file;
    private final String sha256;
    private final int length;
    private volatile @Nullable Packed copy;

    private Stored(SkillFile from, String sha256, String text) {
      this.path = from.path();
      this.file = from.again().orElseThrow();
      this.sha256 = sha256;
      this.length = text.length();
      this.copy = Packed.of(text);
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public String text() {
      Packed kept = copy;
      if (kept != null) {
        return kept.text();
      }
      try {
        byte[] bytes = file.bytes();
        if (!Sha256.of(bytes).equals(sha256)) {
          throw new IOException("has another content by now");
        }
        return SkillParser.parse(new SkillFile(path, true, bytes)).skill().orElseThrow().body();
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the file of a skill, %s, cannot be read".formatted(path), e);
      }
    }

    @Override
    public void forget() {
      copy = null;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Stored s && s.path.equals(path) && s.sha256.equals(sha256);
    }

    @Override
    public int hashCode() {
      return sha256.hashCode();
    }

    @Override
    public String toString() {
      return length + " characters of " + path;
    }
  }

  /// Some 50 µs for two thirds of the memory.
  final class Packed implements Instructions {
    private final byte[] deflated;
    private final int length;
    private final int characters;

    private Packed(byte[] deflated, int length, int characters) {
      this.deflated = deflated;
      this.length = length;
      this.characters = characters;
    }

    private static Packed of(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      Deflater deflater = new Deflater(Deflater.BEST_SPEED);
      try {
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2 + 16);
        byte[] buffer = new byte[8_192];
        while (!deflater.finished()) {
          out.write(buffer, 0, deflater.deflate(buffer));
        }
        return new Packed(out.toByteArray(), bytes.length, text.length());
      } finally {
        deflater.end();
      }
    }

    @Override
    public int length() {
      return characters;
    }

    @Override
    public String text() {
      Inflater inflater = new Inflater();
      try {
        inflater.setInput(deflated);
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
          done += inflater.inflate(bytes, done, length - done);
        }
        return new String(bytes, StandardCharsets.UTF_8);
      } catch (DataFormatException e) {
        throw new IllegalStateException(e); // packed above, by this very class
      } finally {
        inflater.end();
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Packed i && Arrays.equals(i.deflated, deflated);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(deflated);
    }

    @Override
    public String toString() {
      return length() + " characters";
    }
  }
}
