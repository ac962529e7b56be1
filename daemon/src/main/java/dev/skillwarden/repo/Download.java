package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jgit.transport.http.HttpConnection;

/// Gets one file over HTTPS (plain HTTP from this machine only): bounded in time and size, without
/// redirects and without a login.
public final class Download {
  private static final int NOT_MODIFIED = 304;
  private static final int OK = 200;

  private final Auth auth;
  private final Duration timeout;

  /// @param auth its proxy and CA bundle are used, its secrets are not
  /// @param timeout for the whole file
  public Download(Auth auth, Duration timeout) {
    this.auth =
        new Auth(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            java.util.List.of(),
            auth.proxy(),
            auth.caBundle());
    this.timeout = timeout;
  }

  /// An answer to a conditional request.
  public sealed interface Answer {
    record NotModified() implements Answer {}

    /// @param etag to send the next time, empty when the server gave none
    record Content(byte[] bytes, String etag) implements Answer {
      @Override
      public boolean equals(Object other) {
        return other instanceof Content c
            && c.etag.equals(etag)
            && java.util.Arrays.equals(c.bytes, bytes);
      }

      @Override
      public int hashCode() {
        return etag.hashCode();
      }

      @Override
      public String toString() {
        return bytes.length + " bytes, etag " + etag;
      }
    }
  }

  /// Reads a small file into memory.
  ///
  /// @param etag of the version that is known, empty when none is
  public Answer get(String url, String etag, int maxBytes) throws FetchException {
    return within(url, () -> request(url, etag, maxBytes));
  }

  /// Reads a file to the disk and compares its digest.
  ///
  /// @param target replaced when it exists
  public void to(Path target, String url, String sha256, long size) throws FetchException {
    within(
        url,
        () -> {
          save(target, url, sha256, size);
          return true;
        });
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException, FetchException;
  }

  private <T> T within(String url, Work<T> work) throws FetchException {
    FutureTask<T> task = new FutureTask<>(work::run);
    Thread.ofVirtual().name("download").start(task);
    try {
      return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw timedOut(url);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException(Code.LOCAL, "the download was interrupted; the daemon is stopping");
    } catch (ExecutionException e) {
      throw explain(url, e);
    } finally {
      task.cancel(true);
    }
  }

  private FetchException explain(String url, ExecutionException failure) {
    return switch (failure.getCause()) {
      case FetchException f -> f;
      case SocketTimeoutException t -> timedOut(url);
      case IOException e ->
          new FetchException(
              Code.UNREACHABLE,
              "%s: no usable answer: %s; look at the URL, the network and the server"
                  .formatted(
                      url, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
      case null, default ->
          new FetchException(
              Code.LOCAL, "the download of %s failed: %s".formatted(url, failure.getCause()));
    };
  }

  private FetchException timedOut(String url) {
    return new FetchException(
        Code.TIMEOUT,
        "%s did not deliver within %s; look at the network"
            .formatted(url, timeout.toString().substring(2).toLowerCase(Locale.ROOT)));
  }

  private HttpConnection open(String url) throws IOException, FetchException {
    RemoteConfig config = new RemoteConfig(url, timeout, auth);
    HttpConnection connection =
        new HttpAccess(config, "", Optional.empty()).create(URI.create(url).toURL());
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    connection.setReadTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    connection.setRequestProperty("Accept", "*/*");
    connection.setRequestProperty("User-Agent", "skillwarden");
    return connection;
  }

  private Answer request(String url, String etag, int maxBytes) throws IOException, FetchException {
    HttpConnection connection = open(url);
    if (!etag.isEmpty()) {
      connection.setRequestProperty("If-None-Match", etag);
    }
    int status = connection.getResponseCode();
    if (status == NOT_MODIFIED && !etag.isEmpty()) {
      return new Answer.NotModified();
    }
    requireOk(url, status);
    try (InputStream in = connection.getInputStream()) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new FetchException(
            Code.TOO_LARGE, "%s has more than %,d bytes".formatted(url, maxBytes));
      }
      String given = connection.getHeaderField("ETag");
      boolean usable = given != null && given.length() <= 200;
      return new Answer.Content(bytes, usable ? given : "");
    }
  }

  private static void requireOk(String url, int status) throws FetchException {
    if (status == 401 || status == 403) {
      throw new FetchException(
          Code.UNAUTHORIZED,
          "%s answers %d; it must be readable without a login".formatted(url, status));
    }
    if (status != OK) {
      throw new FetchException(
          Code.UNREACHABLE, "%s answers %d; 200 is wanted".formatted(url, status));
    }
  }

  private void save(Path target, String url, String sha256, long size)
      throws IOException, FetchException {
    HttpConnection connection = open(url);
    requireOk(url, connection.getResponseCode());
    MessageDigest digest = Sha256.start();
    long left = size;
    byte[] buffer = new byte[64 << 10];
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(target)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        left -= read;
        if (left < 0) {
          throw new FetchException(
              Code.TOO_LARGE, "%s has more than the %,d bytes announced".formatted(url, size));
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    }
    if (left != 0 || !HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
      throw new FetchException(
          Code.UNREACHABLE, "%s is not the file announced: size or digest differ".formatted(url));
    }
  }
}
