package dev.skillwarden.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class HpkeTest {
  private static final byte[] SECRET =
      "thirty-two bytes of a first key!".getBytes(StandardCharsets.UTF_8);

  private static String pem(String type, byte[] encoded) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getEncoder().encodeToString(encoded), type);
  }

  private static KeyPair pair(String algorithm) throws Exception {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
  }

  @Test
  void onlyTheHolderOfThePrivateKeyReadsIt() throws Exception {
    KeyPair pair = pair("X25519");
    Hpke.Recipient to = Hpke.Recipient.parse(pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    Hpke.Opener opener = Hpke.Opener.parse(pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    assertEquals(to.id(), opener.recipient().id());
    byte[] sealed = Hpke.seal(to, SECRET, "info", "device/install");
    assertEquals(32 + 32 + 16, sealed.length);
    assertArrayEquals(SECRET, opener.open(sealed, "info", "device/install"));
    assertThrows(IOException.class, () -> opener.open(sealed, "info", "device/other"));
    assertThrows(IOException.class, () -> opener.open(sealed, "other", "device/install"));
    sealed[40] ^= 1;
    assertThrows(IOException.class, () -> opener.open(sealed, "info", "device/install"));
    assertThrows(IOException.class, () -> opener.open(new byte[7], "info", "device/install"));
    Hpke.Opener stranger =
        Hpke.Opener.parse(pem("PRIVATE KEY", pair("X25519").getPrivate().getEncoded()));
    byte[] fresh = Hpke.seal(to, SECRET, "info", "device/install");
    assertThrows(IOException.class, () -> stranger.open(fresh, "info", "device/install"));
  }

  @Test
  void otherKeysAreRefusedWithTheReason() throws Exception {
    String signing = pem("PUBLIC KEY", pair("Ed25519").getPublic().getEncoded());
    IOException e = assertThrows(IOException.class, () -> Hpke.Recipient.parse(signing));
    assertTrue(String.valueOf(e.getMessage()).contains("x25519"), e.getMessage());
    assertThrows(IOException.class, () -> Hpke.Recipient.parse("nothing"));
    assertThrows(IOException.class, () -> Hpke.Opener.parse(signing));
  }
}
