package dev.skillwarden.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;

/// One connection under watch: since when a request is on its way but not all here.
final class OpenConnection {
  private static final System.Logger LOG = System.getLogger(OpenConnection.class.getName());

  private final SocketChannel channel;
  private volatile long pendingSince;

  OpenConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /// Bytes came in; the first of a request start its time.
  void bytesArrived() {
    if (pendingSince == 0) {
      pendingSince = Math.max(1, System.nanoTime());
    }
  }

  /// The request is all here.
  void requestReceived() {
    pendingSince = 0;
  }

  /// Closes the connection when its request takes longer than `nanos` to arrive.
  ///
  /// @return whether it was closed
  boolean closeIfStuck(long now, long nanos) {
    long since = pendingSince;
    if (since == 0 || now - since <= nanos) {
      return false;
    }
    close();
    return true;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "closing a connection", e);
    }
  }
}
