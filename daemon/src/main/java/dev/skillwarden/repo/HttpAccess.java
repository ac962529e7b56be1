package dev.skillwarden.repo;

import dev.skillwarden.keys.Authorities;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.jspecify.annotations.Nullable;

/// Connections of one fetch over HTTP. Login, proxy and trusted certificates belong to each
/// connection: nothing is set for the whole process. The login goes to the configured host only.
final class HttpAccess implements HttpConnectionFactory {
  /// Longest list of refs taken, in bytes; 100,000 refs have about 7 MiB.
  private static final long MAX_REFS = 32L << 20;

  private final URL remote;
  private final Optional<String> authorization;
  private final Proxy proxy;
  private final TrustManager @Nullable [] trusted;

  /// Status of the last answer, 0 before the first.
  private volatile int status;

  private volatile String location = "";

  HttpAccess(RemoteConfig config, String username, Optional<String> secret) throws FetchException {
    this.remote = url(config.url());
    this.authorization = secret.map(s -> "Basic " + Secrets.basic(username, s));
    this.proxy = isTls(remote) ? proxy(config.auth().proxy()) : Proxy.NO_PROXY;
    this.trusted =
        config.auth().caBundle().isPresent() ? trust(config.auth().caBundle().get()) : null;
  }

  int status() {
    return status;
  }

  /// Where the last answer redirects to, without query; empty if it does not.
  String location() {
    return location;
  }

  @Override
  public HttpConnection create(URL url) throws IOException {
    return new Connection(url);
  }

  /// The process-wide choice of a proxy is ignored.
  @Override
  public HttpConnection create(URL url, @Nullable Proxy ignored) throws IOException {
    return new Connection(url);
  }

  private static URL url(String text) throws FetchException {
    try {
      return new URI(text).toURL();
    } catch (URISyntaxException | IOException | IllegalArgumentException e) {
      throw Secrets.config("the remote is not a valid URL: " + e.getMessage());
    }
  }

  private static boolean isTls(URL url) {
    return url.getProtocol().equals("https");
  }

  private static Proxy proxy(Optional<String> address) throws FetchException {
    if (address.isEmpty()) {
      return Proxy.NO_PROXY;
    }
    int colon = address.get().lastIndexOf(':');
    try {
      int port = Integer.parseInt(address.get().substring(colon + 1));
      return new Proxy(
          Proxy.Type.HTTP, new InetSocketAddress(address.get().substring(0, colon), port));
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw Secrets.config("the proxy must be host:port, found '" + address.get() + "'");
    }
  }

  private static TrustManager[] trust(Path bundle) throws FetchException {
    String pem;
    try {
      pem = Files.readString(bundle, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw Secrets.unreadable("CA bundle", bundle, e);
    }
    try {
      return Authorities.trust(pem);
    } catch (IOException e) {
      throw Secrets.config("the CA bundle %s cannot be used: %s".formatted(bundle, e.getMessage()));
    }
  }

  /// The first bytes of a request, which say what it is for.
  private static final class Request {
    private static final String LS_REFS = "command=ls-refs";
    private final StringBuilder start = new StringBuilder();

    OutputStream copyOf(OutputStream out) {
      return new FilterOutputStream(out) {
        @Override
        public void write(int b) throws IOException {
          note(new byte[] {(byte) b}, 0, 1);
          out.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          note(bytes, from, length);
          out.write(bytes, from, length);
        }
      };
    }

    private void note(byte[] bytes, int from, int length) {
      for (int i = from; i < from + length && start.length() < 64; i++) {
        start.append((char) (bytes[i] & 0xFF));
      }
    }

    boolean isForRefs() {
      return start.indexOf(LS_REFS) >= 0;
    }
  }

  /// Ends with an error after so many bytes.
  private static final class BoundedInput extends FilterInputStream {
    private final long most;
    private long left;

    BoundedInput(InputStream in, long most) {
      super(in);
      this.most = most;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      count(1);
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = in.read(bytes, from, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int bytes) throws IOException {
      left -= bytes;
      if (left < 0) {
        throw new IOException("the list of refs is over %,d MiB".formatted(most >> 20));
      }
    }
  }

  private final class Connection extends JDKHttpConnection {
    private final Request request = new Request();

    Connection(URL url) throws IOException {
      super(url, isTls(url) ? proxy : Proxy.NO_PROXY);
      if (trusted != null && isTls(url)) {
        try {
          configure(null, trusted, null);
        } catch (GeneralSecurityException e) {
          throw new IOException("TLS is not available", e);
        }
      }
      if (authorization.isPresent() && isRemote(url)) {
        super.setRequestProperty("Authorization", authorization.get());
      }
    }

    private static int port(URL url) {
      return url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
    }

    private boolean isRemote(URL url) {
      return url.getProtocol().equals(remote.getProtocol())
          && url.getHost()
              .toLowerCase(Locale.ROOT)
              .equals(remote.getHost().toLowerCase(Locale.ROOT))
          && port(url) == port(remote);
    }

    /// A list of refs is kept in memory, so it may not go on without end.
    @Override
    public InputStream getInputStream() throws IOException {
      InputStream in = super.getInputStream();
      boolean refs = getRequestMethod().equals("GET") || request.isForRefs();
      return refs ? new BoundedInput(in, MAX_REFS) : in;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return request.copyOf(super.getOutputStream());
    }

    /// Only the configured login is sent, whatever scheme the server asks for.
    @Override
    public void setRequestProperty(String key, String value) {
      if (!key.equalsIgnoreCase("Authorization")) {
        super.setRequestProperty(key, value);
      }
    }

    @Override
    public int getResponseCode() throws IOException {
      int code = super.getResponseCode();
      status = code;
      location = code / 100 == 3 ? withoutQuery(getHeaderField("Location")) : "";
      return code;
    }

    private static String withoutQuery(@Nullable String target) {
      if (target == null) {
        return "";
      }
      try {
        URI uri = new URI(target);
        String host = uri.getHost() == null ? "" : uri.getScheme() + "://" + uri.getHost();
        return host + (uri.getPath() == null ? "" : uri.getPath());
      } catch (URISyntaxException e) {
        return "";
      }
    }
  }
}
