package dev.skillwarden.repo;

import java.time.Duration;
import java.util.regex.Pattern;

/// A git repository to fetch from.
///
/// @param url `file:///…`, `https://…`, `ssh://…`, or `http://` to a loopback address; never with a
///   password
/// @param timeout longest time one fetch may take, positive
public record RemoteConfig(String url, Duration timeout, Auth auth) {
  private static final Pattern ACCEPTED =
      Pattern.compile(
          "file:///\\S+"
              + "|https://[^@\\s/]+/\\S*"
              + "|http://(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?/\\S*"
              + "|ssh://([A-Za-z0-9._-]+@)?[^@\\s/]+/\\S+");

  /// @throws IllegalArgumentException for another kind of URL or a timeout that is not positive;
  ///   the message does not repeat a URL that may hold a secret
  public RemoteConfig {
    if (!ACCEPTED.matcher(url).matches()) {
      throw new IllegalArgumentException(
          "the remote must be a file:///, https:// or ssh:// URL (http:// to this machine only)"
              + " without a password, found "
              + (url.contains("@")
                  ? "one with '@'; put the secret into sync.auth"
                  : "'" + url + "'"));
    }
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("the timeout must be positive, found " + timeout);
    }
  }

  boolean isSsh() {
    return url.startsWith("ssh:");
  }

  boolean isHttp() {
    return url.startsWith("http");
  }
}
