package dev.skillwarden.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoopbackCertificateTest {
  private static final Instant NOW = Instant.parse("2026-11-28T00:00:00Z");
  private static final LoopbackCertificate MADE = LoopbackCertificate.issue("l".repeat(64), NOW);

  @Test
  void itsAuthorityIsGoodForLoopbackOnly() {
    X509Certificate authority = MADE.authority();
    assertEquals(0, authority.getBasicConstraints(), "path length");
    assertTrue(
        authority
            .getCriticalExtensionOIDs()
            .containsAll(Set.of("2.5.29.19", "2.5.29.15", "2.5.29.30")),
        authority.getCriticalExtensionOIDs().toString());
    assertTrue(authority.getKeyUsage()[5], "signs certificates");
    assertFalse(authority.getKeyUsage()[0], "signs nothing else");
  }

  @Test
  void aVerifierAcceptsItForItsTimeOnly() throws Exception {
    verify(NOW);
    verify(MADE.expires().minus(Duration.ofMinutes(1)));
    assertThrows(
        java.security.cert.CertPathValidatorException.class,
        () -> verify(MADE.expires().plus(Duration.ofMinutes(1))));
  }

  private static void verify(Instant at) throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(MADE.authority(), null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(at));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(MADE.server())),
            parameters);
  }

  @Test
  void itNamesTheLoopbackAddresses() throws Exception {
    assertEquals(
        List.of("localhost"),
        MADE.server().getSubjectAlternativeNames().stream().map(n -> n.get(1)).toList());
    assertEquals(List.of("1.3.6.1.5.5.7.3.1"), MADE.server().getExtendedKeyUsage());
    assertEquals(-1, MADE.server().getBasicConstraints(), "it is no authority");
  }

  @Test
  void itIsReadBackAsItWasWritten() throws IOException {
    LoopbackCertificate read = LoopbackCertificate.parse(MADE.pem());
    assertEquals(MADE, read);
    assertFalse(MADE.toString().contains("PRIVATE"), MADE.toString());
    assertThrows(IOException.class, () -> LoopbackCertificate.parse("nothing"));
    String other = LoopbackCertificate.issue("lap-2", NOW).pem();
    String mixed =
        MADE.pem().replace(LoopbackCertificate.pem(MADE.authority()), "")
            + LoopbackCertificate.pem(LoopbackCertificate.parse(other).authority());
    assertThrows(IOException.class, () -> LoopbackCertificate.parse(mixed));
  }
}
