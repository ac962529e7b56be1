package dev.skillwarden.daemon;

import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.keys.LoopbackCertificate;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The certificates of the loopback port. A new one is made in good time, and used only when every
/// client has had time to read its authority: clients read the bundle when they start, and never
/// again.
final class PortCertificates {
  /// Before the end of a certificate its successor is made.
  static final Duration AHEAD = Duration.ofDays(90);

  /// Time between publishing an authority and using its certificate.
  static final Duration PUBLISHED_BEFORE = Duration.ofDays(14);

  private static final System.Logger LOG = System.getLogger(PortCertificates.class.getName());

  private final Path file;
  private final Path bundle;
  private final Optional<Path> companyAuthorities;
  private final String device;
  private final InstantSource clock;
  private volatile LoopbackCertificate current;
  private @Nullable Next next;
  private volatile String problem = "";

  /// @param published since when clients can read its authority
  private record Next(LoopbackCertificate certificate, Instant published) {}

  private PortCertificates(
      Path file,
      Path bundle,
      Optional<Path> companyAuthorities,
      String device,
      InstantSource clock,
      LoopbackCertificate current,
      @Nullable Next next) {
    this.file = file;
    this.bundle = bundle;
    this.companyAuthorities = companyAuthorities;
    this.device = device;
    this.clock = clock;
    this.current = current;
    this.next = next;
  }

  /// Reads the certificates, or makes the first; then publishes the bundle.
  ///
  /// @param companyAuthorities PEM file of further authorities for the bundle
  /// @throws IOException when they cannot be kept
  static PortCertificates open(
      Home home, Optional<Path> companyAuthorities, String device, InstantSource clock)
      throws IOException {
    Path file = home.tls();
    LoopbackCertificate current = null;
    Next next = null;
    if (Files.exists(file)) {
      try {
        JsonNode kept = Json.parse(file.toString(), Files.readAllBytes(file));
        current = LoopbackCertificate.parse(kept.path("current").asString(""));
        if (kept.has("next")) {
          next =
              new Next(
                  LoopbackCertificate.parse(kept.path("next").asString("")),
                  Instant.parse(kept.path("published").asString("")));
        }
      } catch (IOException | InvalidTextException | DateTimeParseException e) {
        LOG.log(
            Level.ERROR,
            file + " is damaged; a new certificate is made, and clients must be started again",
            e);
      }
    }
    boolean fresh = current == null;
    PortCertificates certificates =
        new PortCertificates(
            file,
            home.caBundle(),
            companyAuthorities,
            device,
            clock,
            current == null ? LoopbackCertificate.issue(device, clock.instant()) : current,
            next);
    if (fresh) {
      certificates.keep();
    }
    certificates.maintain();
    return certificates;
  }

  /// The certificate for new connections.
  LoopbackCertificate current() {
    return current;
  }

  /// What is wrong, empty when nothing is.
  String problem() {
    return problem;
  }

  /// Makes a successor, or switches to it, when it is time; publishes again what was changed or
  /// taken away. What fails is tried again the next time.
  synchronized void maintain() {
    Instant now = clock.instant();
    try {
      if (!now.isBefore(current.expires())) {
        replaceExpired(now);
      } else if (next != null && !now.isBefore(next.published().plus(PUBLISHED_BEFORE))) {
        switchToNext();
      } else if (next == null && !now.isBefore(current.expires().minus(AHEAD))) {
        next = new Next(LoopbackCertificate.issue(device, now), now);
        keep();
        LOG.log(
            Level.INFO,
            "a new certificate of the port is published; it is used from "
                + now.plus(PUBLISHED_BEFORE));
      }
      export();
      problem = "";
    } catch (IOException e) {
      problem = "the certificates of the port cannot be kept or published: " + e.getMessage();
      LOG.log(Level.ERROR, problem, e);
    }
  }

  private void replaceExpired(Instant now) throws IOException {
    LOG.log(
        Level.ERROR,
        "the certificate of the port expired on %s; clients must be started again"
            .formatted(current.expires()));
    if (next != null && now.isBefore(next.certificate().expires())) {
      switchToNext();
      return;
    }
    next = null;
    current = LoopbackCertificate.issue(device, now);
    keep();
  }

  private void switchToNext() throws IOException {
    if (next != null) {
      current = next.certificate();
      next = null;
      keep();
      LOG.log(Level.INFO, "the port has its new certificate, until " + current.expires());
    }
  }

  private void keep() throws IOException {
    ObjectNode node = Json.object().put("current", current.pem());
    if (next != null) {
      node.put("next", next.certificate().pem()).put("published", next.published().toString());
    }
    PrivateFiles.write(file, (Json.write(node) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /// Writes the bundle when it is not as it should be.
  private void export() throws IOException {
    String wanted = bundle();
    if (Files.exists(bundle) && Files.readString(bundle).equals(wanted)) {
      return;
    }
    PublicFile.write(bundle, wanted);
  }

  private String bundle() throws IOException {
    List<X509Certificate> authorities = new ArrayList<>(List.of(current.authority()));
    if (next != null) {
      authorities.add(next.certificate().authority());
    }
    if (companyAuthorities.isPresent()) {
      Path company = companyAuthorities.get();
      List<X509Certificate> found = LoopbackCertificate.certificates(Files.readString(company));
      if (found.isEmpty()) {
        throw new IOException(company + " holds no certificate (-----BEGIN CERTIFICATE-----)");
      }
      authorities.addAll(found);
    }
    StringBuilder pem = new StringBuilder();
    authorities.forEach(a -> pem.append(LoopbackCertificate.pem(a)));
    return pem.toString();
  }
}
