package dev.skillwarden.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

class AuthoritiesTest {
  @Test
  void trustsWhatThePemHoldsAndNothingElse() throws IOException {
    LoopbackCertificate one = LoopbackCertificate.issue("one", Instant.now());
    LoopbackCertificate two = LoopbackCertificate.issue("two", Instant.now());
    String pem =
        "a comment - with dashes\n"
            + LoopbackCertificate.pem(one.authority())
            + LoopbackCertificate.pem(two.authority());
    Set<X509Certificate> trusted =
        Arrays.stream(Authorities.trust(pem))
            .map(X509TrustManager.class::cast)
            .flatMap(m -> Arrays.stream(m.getAcceptedIssuers()))
            .collect(Collectors.toSet());
    assertEquals(Set.of(one.authority(), two.authority()), trusted);
  }

  @Test
  void aFileWithoutACertificateIsNoTrustInNobody() {
    for (String pem :
        new String[] {"", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}) {
      IOException e = assertThrows(IOException.class, () -> Authorities.trust(pem));
      assertTrue(String.valueOf(e.getMessage()).contains("certificate"), e.getMessage());
    }
  }
}
