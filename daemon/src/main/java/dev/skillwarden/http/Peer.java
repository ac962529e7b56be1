package dev.skillwarden.http;

import dev.skillwarden.identity.Caller;
import io.helidon.common.socket.PeerInfo;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;

/// The other end of a connection as the operating system sees it, once per connection.
///
/// @param account login name, empty when it could not be determined
/// @param control whether it came over the control socket
/// @param open the connection, for the watchdog
record Peer(SocketAddress address, Optional<String> account, boolean control, OpenConnection open)
    implements PeerInfo {
  /// Whose share it takes; those that cannot be named have one together.
  String owner() {
    return account.orElse(Caller.UNKNOWN_ACCOUNT);
  }

  @Override
  public String host() {
    return control ? "control-socket" : "loopback";
  }

  @Override
  public int port() {
    return -1;
  }

  @Override
  public Optional<Principal> tlsPrincipal() {
    return Optional.empty();
  }

  @Override
  public Optional<Certificate[]> tlsCertificates() {
    return Optional.empty();
  }
}
