package dev.skillwarden.upload;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where the journal is sent, and what counts as a receipt.
///
/// @param endpoint OTLP/HTTP address; `/v1/logs` is added when it does not end so
/// @param interval longest time an entry waits, 1 s to 24 h
/// @param durable whether the endpoint answers 200 only when the records are on a disk
/// @param proxy `host:port`, for https only
/// @param headersFile lines `Name: value`, readable by the owner only
public record UploadConfig(
    URI endpoint,
    Protocol protocol,
    Duration interval,
    Receipt receipt,
    Optional<Witness> witness,
    boolean durable,
    Optional<Path> clientCertificate,
    Optional<Path> clientKey,
    Optional<Path> caBundle,
    Optional<String> proxy,
    Optional<Path> headersFile,
    boolean pauseOnBattery) {
  private static final String LOGS = "/v1/logs";
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  /// How requests are spelled.
  public enum Protocol {
    JSON("http/json", "application/json"),
    PROTOBUF("http/protobuf", "application/x-protobuf");

    private final String text;
    private final String contentType;

    Protocol(String text, String contentType) {
      this.text = text;
      this.contentType = contentType;
    }

    String contentType() {
      return contentType;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /// What proves that records arrived.
  public enum Receipt {
    /// Status 200 of an endpoint declared durable. The weaker kind: nothing signed.
    RESPONSE,
    /// A signed head of what a witness has seen of the collected records.
    WITNESS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param url the service, without `/v1/head`
  /// @param key PEM file of its Ed25519 public key
  public record Witness(URI url, Path key) {}

  public UploadConfig {
    if ((receipt == Receipt.WITNESS) != witness.isPresent()) {
      throw new IllegalArgumentException(
          "upload.receipt: witness, upload.witness-url and upload.witness-key are wanted together");
    }
    if (clientCertificate.isPresent() != clientKey.isPresent()) {
      throw new IllegalArgumentException(
          "upload.client-certificate and upload.client-key are wanted together");
    }
  }

  /// An address records may be sent to.
  ///
  /// @throws IllegalArgumentException saying what is wanted; an address with a user is not repeated
  public static URI address(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no URL: " + e.getReason(), e);
    }
    if (uri.getRawUserInfo() != null || text.contains("@")) {
      throw new IllegalArgumentException(
          "has a user or a password in it; put the secret into upload.headers-file");
    }
    boolean loopback = LOOPBACK.contains(String.valueOf(uri.getHost()));
    boolean allowed =
        "https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && loopback);
    if (uri.getHost() == null || !allowed || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "wants https://HOST[:PORT][/PATH], or http:// to 127.0.0.1, found '%s'".formatted(text));
    }
    return uri;
  }

  /// Where requests go.
  URI logs() {
    String path = endpoint.getRawPath() == null ? "" : endpoint.getRawPath();
    if (path.endsWith(LOGS)) {
      return endpoint;
    }
    String query = endpoint.getRawQuery() == null ? "" : "?" + endpoint.getRawQuery();
    return endpoint.resolve(path.replaceFirst("/$", "") + LOGS + query);
  }

  /// The endpoint as it may be shown: without query, where some receivers want a token.
  public String shown() {
    String text = endpoint.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }
}
