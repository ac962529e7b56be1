package dev.skillwarden.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;

/// One connection under watch: since when a request is on its way but not all here. The first is
/// expected as soon as the connection is made.
final class OpenConnection {
  private static final System.Logger LOG = System.getLogger(OpenConnection.class.getName());

  private final SocketChannel channel;
  private volatile long pendingSince = now();
  private volatile long lastUsed = pendingSince;
  private volatile boolean serving;
  private volatile long receivedAt = pendingSince;
  private long held;

  OpenConnection(SocketChannel channel) {
    this.channel = channel;
  }

  private static long now() {
    return Math.max(1, System.nanoTime());
  }

  /// Bytes came in; the first of a request start its time.
  void bytesArrived() {
    if (pendingSince == 0) {
      pendingSince = now();
    }
  }

  /// The request is all here, its answer is not. May be said again before the answer.
  void requestReceived() {
    pendingSince = 0;
    if (!serving) {
      receivedAt = now();
    }
    serving = true;
  }

  /// The answer was given.
  void answered() {
    pendingSince = 0;
    serving = false;
    lastUsed = now();
  }

  /// So many bytes more of the request are held. Called by the connection's own thread.
  void holds(long bytes) {
    held += bytes;
  }

  /// Nanoseconds since the request was all here.
  long servedFor() {
    return now() - receivedAt;
  }

  /// What was held of the request, no more from now on. Called by the connection's own thread.
  long release() {
    long bytes = held;
    held = 0;
    return bytes;
  }

  /// Whether it may be closed without cutting off an answer.
  boolean spare() {
    return !serving;
  }

  /// When it last answered, or was made, as of [System#nanoTime].
  long lastUsed() {
    return lastUsed;
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
