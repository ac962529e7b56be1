package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.keys.LoopbackCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@org.jspecify.annotations.NullUnmarked // fields are set before each test
class PortCertificatesTest {
  private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");

  @TempDir private Path directory;
  private Home home;
  private Instant now = START;

  @BeforeEach
  void create() throws IOException {
    home = Home.system(directory);
    home.create();
  }

  private PortCertificates open() throws IOException {
    return PortCertificates.open(home, Optional.empty(), "lap-1", () -> now);
  }

  private List<X509Certificate> bundle() throws IOException {
    return LoopbackCertificate.certificates(Files.readString(home.caBundle()));
  }

  @Test
  void theFirstIsMadeKeptAndPublished() throws IOException {
    LoopbackCertificate first = open().current();
    assertEquals(List.of(first.authority()), bundle());
    assertEquals(first, open().current(), "kept over a restart");
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.tls())));
    assertEquals(
        "rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.caBundle())));
    assertTrue(Files.readString(home.caBundle()).indexOf("PRIVATE") < 0);
  }

  @Test
  void aSuccessorIsPublishedTwoWeeksBeforeItIsUsed() throws IOException {
    PortCertificates certificates = open();
    LoopbackCertificate first = certificates.current();
    now = first.expires().minus(PortCertificates.AHEAD).plusSeconds(1);
    certificates.maintain();
    assertEquals(first, certificates.current());
    assertEquals(2, bundle().size(), "both are trusted");
    X509Certificate announced = bundle().get(1);
    now = now.plus(PortCertificates.PUBLISHED_BEFORE).minusSeconds(1);
    certificates.maintain();
    assertEquals(first, open().current(), "a day too early, over a restart too");
    now = now.plusSeconds(1);
    certificates.maintain();
    assertEquals(announced, certificates.current().authority());
    assertEquals(List.of(announced), bundle());
    assertEquals(announced, open().current().authority());
  }

  @Test
  void anExpiredOneIsReplacedAtOnce() throws IOException {
    LoopbackCertificate first = open().current();
    now = first.expires().plus(Duration.ofDays(1));
    LoopbackCertificate second = open().current();
    assertNotEquals(first, second);
    assertTrue(second.expires().isAfter(now));
    assertEquals(List.of(second.authority()), bundle());
  }

  @Test
  void aDamagedFileCostsTheCertificateOnly() throws IOException {
    LoopbackCertificate first = open().current();
    Files.writeString(home.tls(), "{\"current\":");
    assertNotEquals(first, open().current());
    assertEquals(1, bundle().size());
  }

  @Test
  void theBundleIsPutBackAndHoldsTheCompanysAuthorities() throws IOException {
    Path company = directory.resolve("company.pem");
    X509Certificate root = LoopbackCertificate.issue("company", START).authority();
    Files.writeString(company, "# ours\n" + LoopbackCertificate.pem(root));
    PortCertificates certificates =
        PortCertificates.open(home, Optional.of(company), "lap-1", () -> now);
    assertEquals(List.of(certificates.current().authority(), root), bundle());
    Files.writeString(home.caBundle(), "gone");
    certificates.maintain();
    assertEquals(2, bundle().size());
    Files.writeString(company, "no certificate");
    certificates.maintain();
    assertEquals(2, bundle().size(), "the last good bundle stays");
    assertTrue(certificates.problem().contains("holds no certificate"), certificates.problem());
  }
}
