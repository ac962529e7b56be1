package dev.skillwarden.upload;

import dev.skillwarden.keys.Authorities;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.jspecify.annotations.Nullable;

/// What a connection needs to be trusted and to trust, from files. Messages name files, never what
/// is in them.
final class Credentials {
  private static final int MAX_BYTES = 1 << 20;

  /// Any use by the group and by others.
  private static final int OTHERS = 077;

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final Pattern HEADER =
      Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}): *([\\x20-\\x7e]{0,8192})");

  /// Set by the upload itself or by HTTP.
  private static final Set<String> RESERVED =
      Set.of("content-type", "content-encoding", "content-length", "host", "connection");

  private Credentials() {}

  /// TLS with the client's certificate and the authorities configured; the platform's authorities
  /// where none are.
  ///
  /// @throws IOException saying what is wrong with which file and what is wanted
  static SSLContext tls(UploadConfig config) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager @Nullable [] keys =
          config.clientKey().isPresent()
              ? keys(config.clientCertificate().orElseThrow(), config.clientKey().orElseThrow())
              : null;
      TrustManager @Nullable [] trusted =
          config.caBundle().isPresent() ? trust(config.caBundle().orElseThrow()) : null;
      context.init(keys, trusted, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS does not start: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trust(Path bundle) throws IOException {
    String what = "upload.ca-bundle";
    String pem = new String(read(what, bundle), StandardCharsets.ISO_8859_1);
    try {
      return Authorities.trust(pem);
    } catch (IOException e) {
      throw new IOException("%s %s: %s".formatted(what, bundle, e.getMessage()), e);
    }
  }

  private static KeyManager[] keys(Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    Collection<? extends Certificate> chain =
        certificates("upload.client-certificate", certificate);
    char[] none = new char[0];
    store.setKeyEntry("client", privateKey(key), none, chain.toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, none);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(String what, Path file)
      throws IOException {
    try {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(read(what, file)));
      if (certificates.isEmpty()) {
        throw new GeneralSecurityException("it is empty");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "%s %s holds no certificates in PEM (-----BEGIN CERTIFICATE-----)".formatted(what, file),
          e);
    }
  }

  /// PKCS #8 in PEM, or OpenSSH's own format, without passphrase.
  static PrivateKey privateKey(Path file) throws IOException {
    String what = "upload.client-key";
    requirePrivate(what, file);
    Matcher pem = PEM.matcher(new String(read(what, file), StandardCharsets.ISO_8859_1));
    String type = pem.find() ? pem.group(1) : "";
    try {
      byte[] bytes =
          type.isEmpty() ? new byte[0] : Base64.getMimeDecoder().decode(pem.group(2).strip());
      return switch (type) {
        case "PRIVATE KEY" -> pkcs8(bytes);
        case "OPENSSH PRIVATE KEY" -> pkcs8(openSsh(bytes));
        default ->
            throw new GeneralSecurityException(
                type.isEmpty() ? "it has no private key in PEM" : "it is a " + type);
      };
    } catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException(
          "%s %s cannot be used: %s; wanted is a key without passphrase, as `openssl pkcs8 -topk8 -nocrypt` or ssh-keygen writes it"
              .formatted(what, file, e.getMessage()),
          e);
    }
  }

  private static byte[] openSsh(byte[] blob) throws IOException {
    AsymmetricKeyParameter key = OpenSSHPrivateKeyUtil.parsePrivateKeyBlob(blob);
    return PrivateKeyInfoFactory.createPrivateKeyInfo(key).getEncoded();
  }

  private static PrivateKey pkcs8(byte[] encoded) throws GeneralSecurityException {
    String algorithm =
        switch (PrivateKeyInfo.getInstance(encoded)
            .getPrivateKeyAlgorithm()
            .getAlgorithm()
            .getId()) {
          case "1.2.840.113549.1.1.1" -> "RSA";
          case "1.2.840.10045.2.1" -> "EC";
          case "1.3.101.112", "1.3.101.113" -> "EdDSA";
          default -> throw new GeneralSecurityException("it is neither RSA nor EC nor Ed25519");
        };
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
  }

  /// Lines `Name: value`; empty ones and those that begin with `#` are passed over.
  static Map<String, String> headers(Path file) throws IOException {
    String what = "upload.headers-file";
    requirePrivate(what, file);
    Map<String, String> headers = new LinkedHashMap<>();
    int number = 0;
    for (String line : new String(read(what, file), StandardCharsets.UTF_8).lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      Matcher header = HEADER.matcher(line.strip());
      if (!header.matches()
          || RESERVED.contains(header.group(1).toLowerCase(java.util.Locale.ROOT))) {
        throw new IOException(
            "%s %s, line %d: a header `Name: value` in ASCII is wanted, other than %s"
                .formatted(
                    what, file, number, String.join(", ", new java.util.TreeSet<>(RESERVED))));
      }
      headers.put(header.group(1), header.group(2));
    }
    return headers;
  }

  static void requirePrivate(String what, Path file) throws IOException {
    Optional<Integer> mode = mode(what, file);
    if (mode.isPresent() && (mode.get() & OTHERS) != 0) {
      throw new IOException(
          "%s %s has mode %04o, so other accounts can use it; run: chmod 600 %s"
              .formatted(what, file, mode.get() & 07777, file));
    }
  }

  private static Optional<Integer> mode(String what, Path file) throws IOException {
    try {
      return Optional.of((Integer) Files.getAttribute(file, "unix:mode"));
    } catch (UnsupportedOperationException e) {
      return Optional.empty(); // a file system without such modes
    } catch (IOException e) {
      throw unreadable(what, file, e);
    }
  }

  static byte[] read(String what, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new IOException(
            "%s %s is larger than %d KiB; is it the right file?"
                .formatted(what, file, MAX_BYTES >> 10));
      }
      return content;
    } catch (NoSuchFileException e) {
      throw unreadable(what, file, e);
    }
  }

  private static IOException unreadable(String what, Path file, IOException e) {
    return new IOException(
        "%s %s %s; correct the path, or let the daemon's account read it"
            .formatted(
                what, file, e instanceof NoSuchFileException ? "does not exist" : "cannot be read"),
        e);
  }
}
