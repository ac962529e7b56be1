package dev.skillwarden.http;

import java.net.InetSocketAddress;
import java.util.OptionalInt;

/// Says which account owns the other end of a loopback connection.
@FunctionalInterface
interface SocketOwner {
  /// Numeric id of the account that holds the socket `peer` connected to `local`; empty when the
  /// operating system does not say.
  OptionalInt owner(InetSocketAddress peer, InetSocketAddress local);
}
