package dev.skillwarden.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate of this machine for its own loopback port, with the authority that issued it. Each
/// authority issues one certificate; its key is never kept, so nothing else can be issued by it. By
/// its name constraints (RFC 5280 §4.2.1.10, critical) it would be good for nothing but
/// `localhost`, 127.0.0.1 and ::1 even so, and by its path length of 0 for no further authority.
///
/// @param key of the server
/// @param server its certificate
/// @param authority the self-signed certificate that clients trust
public record LoopbackCertificate(
    PrivateKey key, X509Certificate server, X509Certificate authority) {
  /// Time that authority and certificate are good for. Clients of some systems refuse certificates
  /// of a server that last over 825 days.
  public static final Duration LIFETIME = Duration.ofDays(730);

  /// Clocks of a machine that just started may be behind.
  private static final Duration EARLIER = Duration.ofDays(1);

  private static final String ALGORITHM = "SHA256withECDSA";
  private static final int SERIAL_BITS = 127;

  /// Makes an authority and has it issue.
  ///
  /// @param device name of the machine, for people who look at a certificate; at most 64 characters
  /// @param now from a day before then it is good
  public static LoopbackCertificate issue(String device, Instant now) {
    try {
      SecureRandom random = new SecureRandom();
      KeyPair authority = pair(random);
      KeyPair server = pair(random);
      Validity validity =
          new Validity(
              Date.from(now.minus(EARLIER).truncatedTo(ChronoUnit.SECONDS)),
              Date.from(now.plus(LIFETIME).truncatedTo(ChronoUnit.SECONDS)));
      X500Name issuer =
          new X500NameBuilder(BCStyle.INSTANCE)
              .addRDN(BCStyle.OU, device)
              .addRDN(BCStyle.CN, "Skillwarden loopback authority")
              .build();
      X509Certificate root =
          signed(
              authority(issuer, authority.getPublic(), validity, random), authority.getPrivate());
      X509Certificate leaf =
          signed(
              server(root, issuer, server.getPublic(), validity, random), authority.getPrivate());
      return new LoopbackCertificate(server.getPrivate(), leaf, root);
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("every JDK has P-256 and ECDSA", e);
    }
  }

  private record Validity(Date from, Date to) {}

  private static KeyPair pair(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private static BigInteger serial(SecureRandom random) {
    return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
  }

  private static X509v3CertificateBuilder authority(
      X500Name name, PublicKey key, Validity validity, SecureRandom random)
      throws IOException, GeneralSecurityException {
    GeneralSubtree[] loopback = {
      new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost")),
      new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "127.0.0.1/32")),
      new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "::1/128")),
    };
    return new JcaX509v3CertificateBuilder(
            name, serial(random), validity.from(), validity.to(), name, key)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign))
        .addExtension(Extension.nameConstraints, true, new NameConstraints(loopback, null))
        .addExtension(
            Extension.subjectKeyIdentifier,
            false,
            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
  }

  private static X509v3CertificateBuilder server(
      X509Certificate root, X500Name issuer, PublicKey key, Validity validity, SecureRandom random)
      throws IOException, GeneralSecurityException {
    // No addresses: BoringSSL, which the client has, refuses them under a constraint on addresses.
    GeneralName[] names = {new GeneralName(GeneralName.dNSName, "localhost")};
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    return new JcaX509v3CertificateBuilder(
            issuer,
            serial(random),
            validity.from(),
            validity.to(),
            new X500Name("CN=localhost"),
            key)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
        .addExtension(
            Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key))
        .addExtension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(root.getPublicKey()));
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
      throws OperatorCreationException, CertificateException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder(ALGORITHM).build(key)));
  }

  /// When it stops being good.
  public Instant expires() {
    return server.getNotAfter().toInstant();
  }

  /// Key, certificate and authority as one PEM text.
  public String pem() {
    return block("PRIVATE KEY", key.getEncoded()) + pem(server) + pem(authority);
  }

  /// Reads what [#pem] wrote.
  ///
  /// @throws IOException when it is something else, or damaged; without the text
  public static LoopbackCertificate parse(String pem) throws IOException {
    List<X509Certificate> chain = certificates(pem);
    if (chain.size() != 2) {
      throw new IOException("wants a certificate and its authority, found " + chain.size());
    }
    try {
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Pem.only("PRIVATE KEY", pem)));
      chain.getFirst().verify(chain.getLast().getPublicKey());
      return new LoopbackCertificate(key, chain.getFirst(), chain.getLast());
    } catch (GeneralSecurityException e) {
      throw new IOException("the key or the certificate of the port is damaged", e);
    }
  }

  /// Every certificate of a PEM text, whatever else it holds.
  ///
  /// @throws IOException when one cannot be read; none at all is an empty list
  public static List<X509Certificate> certificates(String pem) throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (String block : Pem.blocks("CERTIFICATE", pem)) {
        for (Certificate one :
            factory.generateCertificates(
                new ByteArrayInputStream(block.getBytes(StandardCharsets.US_ASCII)))) {
          found.add((X509Certificate) one);
        }
      }
    } catch (CertificateException e) {
      throw new IOException("certificate " + (found.size() + 1) + " cannot be read", e);
    }
    return found;
  }

  /// One certificate as PEM.
  public static String pem(X509Certificate certificate) {
    try {
      return block("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read has an encoding", e);
    }
  }

  private static String block(String type, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            type,
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes),
            type);
  }

  /// Without the key.
  @Override
  public String toString() {
    return "certificate of 127.0.0.1 until " + expires();
  }
}
