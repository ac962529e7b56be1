package dev.skillwarden.daemon;

import dev.skillwarden.text.Problem;
import dev.skillwarden.upload.UploadConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a configuration wants the journal to be sent.
final class UploadReader {
  private static final Pattern PROXY = Pattern.compile("[A-Za-z0-9.-]+:\\d{1,5}");

  private final ConfigReader read;

  private UploadReader(ConfigReader read) {
    this.read = read;
  }

  /// @param problems receives everything that is wrong
  /// @return empty when there is no endpoint
  static Optional<UploadConfig> read(ConfigLayers layers, List<Problem> problems) {
    ConfigReader reader = new ConfigReader(layers, "");
    Optional<UploadConfig> config = new UploadReader(reader).config();
    problems.addAll(reader.problems());
    return reader.problems().isEmpty() ? config : Optional.empty();
  }

  private Optional<UploadConfig> config() {
    Optional<URI> endpoint = address(ConfigKey.UPLOAD_ENDPOINT);
    UploadConfig.Protocol protocol = protocol();
    Duration interval =
        read.duration(ConfigKey.UPLOAD_INTERVAL, Duration.ofSeconds(1), Duration.ofHours(24));
    UploadConfig.Receipt receipt = receipt();
    Optional<URI> url = address(ConfigKey.UPLOAD_WITNESS_URL);
    Optional<Path> key = read.path(ConfigKey.UPLOAD_WITNESS_KEY);
    boolean witness = receipt == UploadConfig.Receipt.WITNESS;
    if (witness != url.isPresent() || witness != key.isPresent()) {
      read.problem(
          ConfigKey.UPLOAD_RECEIPT,
          "is %s; `witness`, upload.witness-url and upload.witness-key go together"
              .formatted(receipt));
    }
    Optional<Path> certificate = read.path(ConfigKey.UPLOAD_CLIENT_CERTIFICATE);
    Optional<Path> clientKey = read.path(ConfigKey.UPLOAD_CLIENT_KEY);
    if (certificate.isPresent() != clientKey.isPresent()) {
      read.problem(
          ConfigKey.UPLOAD_CLIENT_CERTIFICATE, "and upload.client-key go together; one is missing");
    }
    Optional<Path> bundle = read.path(ConfigKey.UPLOAD_CA_BUNDLE);
    Optional<String> proxy = read.matching(ConfigKey.UPLOAD_PROXY, PROXY, "host:port");
    Optional<Path> headers = read.path(ConfigKey.UPLOAD_HEADERS_FILE);
    boolean durable = read.bool(ConfigKey.UPLOAD_DURABLE);
    boolean pause = read.bool(ConfigKey.UPLOAD_PAUSE_ON_BATTERY);
    if (!read.problems().isEmpty() || endpoint.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new UploadConfig(
            endpoint.get(),
            protocol,
            interval,
            receipt,
            url.map(u -> new UploadConfig.Witness(u, key.orElseThrow())),
            durable,
            certificate,
            clientKey,
            bundle,
            proxy,
            headers,
            pause));
  }

  private Optional<URI> address(ConfigKey key) {
    try {
      return read.optional(key).map(UploadConfig::address);
    } catch (IllegalArgumentException e) {
      read.problem(key, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private UploadConfig.Protocol protocol() {
    String text = read.text(ConfigKey.UPLOAD_PROTOCOL);
    for (UploadConfig.Protocol protocol : UploadConfig.Protocol.values()) {
      if (protocol.toString().equals(text)) {
        return protocol;
      }
    }
    read.problem(
        ConfigKey.UPLOAD_PROTOCOL,
        "wants one of %s, found '%s'"
            .formatted(Arrays.toString(UploadConfig.Protocol.values()), text));
    return UploadConfig.Protocol.JSON;
  }

  private UploadConfig.Receipt receipt() {
    String text = read.text(ConfigKey.UPLOAD_RECEIPT);
    for (UploadConfig.Receipt receipt : UploadConfig.Receipt.values()) {
      if (receipt.name().toLowerCase(Locale.ROOT).equals(text)) {
        return receipt;
      }
    }
    read.problem(
        ConfigKey.UPLOAD_RECEIPT,
        "wants one of %s, found '%s'"
            .formatted(Arrays.toString(UploadConfig.Receipt.values()), text));
    return UploadConfig.Receipt.RESPONSE;
  }
}
