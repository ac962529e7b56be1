package dev.skillwarden.elevation;

import dev.skillwarden.keys.Ed25519;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.List;

/// A key pair that signs grants in tests.
public record TestKeys(PrivateKey key, Ed25519.Verifier publicKey) {
  public static final String NAME = "test/elevation";

  public static TestKeys generate() {
    try {
      List<String> pair = Ed25519.generate();
      return new TestKeys(
          Ed25519.privateKey(pair.getFirst()), Ed25519.publicKeys(pair.getLast()).getFirst());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK has Ed25519", e);
    }
  }

  public GrantKeys trusted() {
    return new GrantKeys(NAME, List.of(publicKey));
  }

  public String sign(Grant grant) {
    return sign(grant, NAME);
  }

  String sign(Grant grant, String name) {
    try {
      return GrantKeys.sign(grant, name, key, publicKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the pair was made here", e);
    }
  }
}
