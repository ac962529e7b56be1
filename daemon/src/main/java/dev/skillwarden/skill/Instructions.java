package dev.skillwarden.skill;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// What an agent gets of a skill. Kept compressed: a daemon holds every release of a catalog and
/// hands out a few, so two thirds of the memory are worth some 50 µs when one is asked for.
public final class Instructions {
  private final byte[] deflated;
  private final int length;
  private final int characters;

  private Instructions(byte[] deflated, int length, int characters) {
    this.deflated = deflated;
    this.length = length;
    this.characters = characters;
  }

  public static Instructions of(String text) {
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
      return new Instructions(out.toByteArray(), bytes.length, text.length());
    } finally {
      deflater.end();
    }
  }

  /// Length of the text, in characters, without unpacking it.
  public int length() {
    return characters;
  }

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
    return other instanceof Instructions i && Arrays.equals(i.deflated, deflated);
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
