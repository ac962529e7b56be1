package dev.skillwarden.keys;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// Trust in the certificates of a PEM text, and in no others.
public final class Authorities {
  private Authorities() {}

  /// @param pem one certificate or more, whatever else is in it
  /// @throws IOException when there is none, or one cannot be read; without the text
  public static TrustManager[] trust(String pem) throws IOException {
    List<X509Certificate> certificates = LoopbackCertificate.certificates(pem);
    if (certificates.isEmpty()) {
      throw new IOException("no certificate in PEM is in it (-----BEGIN CERTIFICATE-----)");
    }
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int next = 0;
      for (X509Certificate certificate : certificates) {
        store.setCertificateEntry("authority-" + next++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IOException("its certificates cannot be used: " + e.getMessage(), e);
    }
  }

  /// TLS of a client that trusts them.
  ///
  /// @throws IOException as [#trust]
  public static SSLContext context(String pem) throws IOException {
    TrustManager[] trusted = trust(pem);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trusted, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }
}
