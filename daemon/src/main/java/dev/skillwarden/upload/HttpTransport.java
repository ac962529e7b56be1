package dev.skillwarden.upload;

import dev.skillwarden.otlp.Identity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// HTTP to receiver and witness. Follows no redirect: a network's sign-in page is no receiver.
/// After a failure its files are read anew, so that a certificate can be renewed while the daemon
/// runs; headers are read for each request.
final class HttpTransport implements Transport, Head, AutoCloseable {
  static final Duration CONNECT = Duration.ofSeconds(10);
  static final Duration REQUEST = Duration.ofSeconds(30);

  /// What a witness answers when it must not sign (c2sp.org/tlog-witness).
  private static final int CONFLICT = 409;

  private final UploadConfig config;
  private final Duration timeout;
  private @Nullable HttpClient client;

  /// @param timeout of a request with its answer
  HttpTransport(UploadConfig config, Duration timeout) {
    this.config = config;
    this.timeout = timeout;
  }

  private HttpClient client() throws IOException {
    HttpClient open = client;
    if (open == null) {
      open = connect();
      client = open;
    }
    return open;
  }

  private HttpClient connect() throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .proxy(proxy());
    if (config.endpoint().getScheme().equals("https")
        || config.witness().map(w -> w.url().getScheme().equals("https")).orElse(false)) {
      builder.sslContext(Credentials.tls(config));
    }
    return builder.build();
  }

  private ProxySelector proxy() {
    if (config.proxy().isEmpty() || !config.endpoint().getScheme().equals("https")) {
      return HttpClient.Builder.NO_PROXY;
    }
    String address = config.proxy().get();
    int colon = address.lastIndexOf(':');
    return ProxySelector.of(
        InetSocketAddress.createUnresolved(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
  }

  @Override
  public Answer post(byte[] body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(config.logs())
            .header("Content-Type", config.protocol().contentType())
            .header("Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(gzip(body)));
    return send(request.build());
  }

  @Override
  public String of(Identity identity) throws IOException, InterruptedException {
    UploadConfig.Witness witness = config.witness().orElseThrow();
    URI url =
        URI.create(
            "%s/v1/head?device=%s&install=%s"
                .formatted(
                    witness.url().toString().replaceFirst("/$", ""),
                    encoded(identity.device()),
                    encoded(identity.install())));
    Answer answer = send(request(url).GET().build());
    if (answer.status() == CONFLICT) {
      throw new DisagreementException(
          "%s: the witness does not sign, what it sees contradicts what it signed up to size %s"
              .formatted(
                  answer.headers().firstValue("Skillwarden-Why").orElse("conflict"),
                  new String(answer.body(), StandardCharsets.UTF_8).strip()));
    }
    if (answer.status() != 200) {
      throw new IOException("the witness answers with status " + answer.status());
    }
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// The secrets of the headers file go to the endpoint's host only.
  private HttpRequest.Builder request(URI url) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).timeout(timeout).header("User-Agent", "skillwarden");
    if (config.headersFile().isPresent()
        && url.getAuthority().equals(config.endpoint().getAuthority())) {
      for (Map.Entry<String, String> header :
          Credentials.headers(config.headersFile().get()).entrySet()) {
        request.header(header.getKey(), header.getValue());
      }
    }
    return request;
  }

  /// The client's own time limit ends with the head of the answer, so the body gets one here.
  private Answer send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<Bounded.Content>> sent =
        client().sendAsync(request, info -> new Bounded(MAX_ANSWER));
    try {
      HttpResponse<Bounded.Content> response = sent.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (response.statusCode() == 200 && response.body().cut()) {
        // What was read may look whole, but what it says is not known.
        throw new IOException("the answer is over %,d bytes".formatted(MAX_ANSWER));
      }
      return new Answer(response.statusCode(), response.headers(), response.body().bytes());
    } catch (ExecutionException e) {
      close();
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within %d s".formatted(timeout.toSeconds()), e);
    } finally {
      sent.cancel(true);
    }
  }

  static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    HttpClient open = client;
    client = null;
    if (open != null) {
      open.shutdownNow();
    }
  }

  /// Reads so many bytes of a body and no more.
  private static final class Bounded implements HttpResponse.BodySubscriber<Bounded.Content> {
    private final int most;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final CompletableFuture<Content> content = new CompletableFuture<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    /// What was read, and whether there was more.
    private static final class Content {
      private final byte[] bytes;
      private final boolean cut;

      Content(byte[] bytes, boolean cut) {
        this.bytes = bytes;
        this.cut = cut;
      }

      byte[] bytes() {
        return bytes;
      }

      boolean cut() {
        return cut;
      }
    }

    Bounded(int most) {
      this.most = most;
    }

    @Override
    public CompletionStage<Content> getBody() {
      return content;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[Math.min(buffer.remaining(), most + 1 - read.size())];
        buffer.get(bytes);
        read.writeBytes(bytes);
      }
      if (read.size() > most) {
        subscription.join().cancel();
        content.complete(new Content(java.util.Arrays.copyOf(read.toByteArray(), most), true));
      }
    }

    @Override
    public void onError(Throwable failure) {
      content.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      content.complete(new Content(read.toByteArray(), false));
    }
  }
}
