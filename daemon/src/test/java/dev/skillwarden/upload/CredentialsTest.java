package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {
  @TempDir Path temp;

  private Path secret(String name, String text) throws IOException {
    Path file = Files.writeString(temp.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static String refusal(Executable attempt) {
    return String.valueOf(assertThrows(IOException.class, attempt).getMessage());
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), type);
  }

  private static KeyPair pair(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (algorithm.equals("RSA")) {
      generator.initialize(2048);
    } else if (algorithm.equals("EC")) {
      generator.initialize(256);
    }
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(String name, KeyPair subject, KeyPair authority)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    boolean self = subject.equals(authority);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Principal("CN=authority"),
            BigInteger.valueOf(System.nanoTime()),
            Date.from(Instant.now().minus(Duration.ofHours(1))),
            Date.from(Instant.now().plus(Duration.ofHours(1))),
            new X500Principal(self ? "CN=authority" : "CN=" + name),
            subject.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(self));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
  }

  private static HttpsServer server(KeyPair authority, X509Certificate root)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPair own = pair("EC");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "s",
        own.getPrivate(),
        new char[0],
        new Certificate[] {certificate("server", own, authority)});
    store.setCertificateEntry("ca", root);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    server.start();
    return server;
  }

  private static UploadConfig config(
      HttpsServer server, Optional<Path> certificate, Optional<Path> key, Optional<Path> bundle) {
    return new UploadConfig(
        URI.create("https://127.0.0.1:" + server.getAddress().getPort()),
        UploadConfig.Protocol.JSON,
        Duration.ofMinutes(5),
        UploadConfig.Receipt.RESPONSE,
        Optional.empty(),
        false,
        certificate,
        key,
        bundle,
        Optional.empty(),
        Optional.empty(),
        true);
  }

  private static int post(UploadConfig config) throws IOException, InterruptedException {
    try (HttpTransport transport = new HttpTransport(config, Duration.ofSeconds(20))) {
      return transport.post(new byte[10]).status();
    }
  }

  private String keyText(String algorithm, String form, KeyPair pair)
      throws IOException, GeneralSecurityException {
    if (form.equals("PKCS8")) {
      return pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    }
    if (algorithm.equals("Ed25519")) {
      return pem(
          "OPENSSH PRIVATE KEY",
          OpenSSHPrivateKeyUtil.encodePrivateKey(
              PrivateKeyFactory.createKey(pair.getPrivate().getEncoded())));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "test", null, out);
    return out.toString(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "EC, PKCS8",
    "RSA, PKCS8",
    "Ed25519, PKCS8",
    "EC, OpenSSH",
    "RSA, OpenSSH",
    "Ed25519, OpenSSH"
  })
  void showsItsCertificate(String algorithm, String form) throws Exception {
    KeyPair authority = pair("EC");
    X509Certificate root = certificate("", authority, authority);
    KeyPair own = pair(algorithm);
    Path bundle = Files.writeString(temp.resolve("ca.pem"), pem("CERTIFICATE", root.getEncoded()));
    Path certificate =
        Files.writeString(
            temp.resolve("c.pem"),
            pem("CERTIFICATE", certificate("laptop", own, authority).getEncoded()));
    Path key = secret("c.key", keyText(algorithm, form, own));
    HttpsServer server = server(authority, root);
    try {
      UploadConfig config =
          config(server, Optional.of(certificate), Optional.of(key), Optional.of(bundle));
      assertEquals(java.util.List.of(), UploadCheck.problems(config));
      assertEquals(200, post(config));
      if (algorithm.equals("EC")) {
        assertThrows(
            IOException.class,
            () -> post(config(server, Optional.empty(), Optional.empty(), Optional.of(bundle))),
            "without a certificate");
        assertThrows(
            IOException.class,
            () ->
                post(config(server, Optional.of(certificate), Optional.of(key), Optional.empty())),
            "of an authority nobody knows");
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void refusesKeysItCannotUse() throws Exception {
    KeyPair pair = pair("EC");
    ByteArrayOutputStream locked = new ByteArrayOutputStream();
    org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext encryption =
        new org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext();
    encryption.setCipherName("AES");
    encryption.setCipherType("256");
    encryption.setCipherMode("CTR");
    encryption.setPassword("secret");
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "test", encryption, locked);
    Map<String, String> texts =
        Map.of(
            "locked", locked.toString(StandardCharsets.US_ASCII),
            "old", pem("EC PRIVATE KEY", new byte[] {48, 0}),
            "junk", pem("PRIVATE KEY", new byte[] {1, 2, 3}),
            "none", "hello");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Path file = secret(text.getKey(), text.getValue());
      String e = refusal(() -> Credentials.privateKey(file));
      assertTrue(e.contains(file + " cannot be used") && e.contains("without passphrase"), e);
    }
  }

  @Test
  void refusesSecretsThatOthersCanRead() throws Exception {
    Path file = secret("open", "X-Token: a\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    for (String e :
        new String[] {
          refusal(() -> Credentials.headers(file)), refusal(() -> Credentials.privateKey(file))
        }) {
      assertTrue(e.contains("mode 0644"), e);
      assertTrue(e.contains("chmod 600 " + file), e);
    }
  }

  @Test
  void readsHeaders() throws Exception {
    Path file = secret("headers", "# token of the collector\n\nAuthorization: Bearer a b\nX-A:1\n");
    assertEquals(Map.of("Authorization", "Bearer a b", "X-A", "1"), Credentials.headers(file));
    for (String bad : new String[] {"secret-token", "A b: c", "Host: x", "X: \u00fc"}) {
      Path wrong = secret("wrong", "X-A: 1\n" + bad + "\n");
      String e = refusal(() -> Credentials.headers(wrong));
      assertTrue(e.contains("line 2"), e);
      assertTrue(!e.contains(bad), "without the text");
    }
    String e = refusal(() -> Credentials.headers(temp.resolve("missing")));
    assertTrue(e.contains("does not exist"), e);
  }
}
