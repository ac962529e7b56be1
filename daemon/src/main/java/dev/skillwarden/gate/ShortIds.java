package dev.skillwarden.gate;

import java.util.random.RandomGenerator;

/// Short ids a person can read aloud: eight characters without look-alikes, 40 random bits.
public final class ShortIds {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32

  private final RandomGenerator random;

  public ShortIds(RandomGenerator random) {
    this.random = random;
  }

  /// A new id such as `7k3f9qx2`.
  public String next() {
    long bits = random.nextLong();
    StringBuilder id = new StringBuilder(8);
    for (int i = 0; i < 8; i++) {
      id.append(ALPHABET.charAt((int) (bits >>> (i * 5)) & 31));
    }
    return id.toString();
  }
}
