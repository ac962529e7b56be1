package dev.skillwarden.http;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Closes connections whose request does not arrive in time: the server itself never does.
final class Watchdog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Watchdog.class.getName());

  private final Set<OpenConnection> connections = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private final long limit;
  private final Runnable sweep;

  /// @param readTimeout time from the first byte of a request to its last
  /// @param sweep called now and then
  Watchdog(Duration readTimeout, Runnable sweep) {
    this.sweep = sweep;
    this.limit = readTimeout.toNanos();
    Duration period = Duration.ofMillis(Math.max(50, readTimeout.toMillis() / 8));
    this.thread = Thread.ofVirtual().name("watchdog").start(() -> run(period));
  }

  void watch(OpenConnection connection) {
    connections.add(connection);
  }

  private void run(Duration period) {
    try {
      while (true) {
        Thread.sleep(period);
        long now = System.nanoTime();
        sweep.run();
        connections.removeIf(c -> !c.isOpen() || closed(c, now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server stops
    }
  }

  private boolean closed(OpenConnection connection, long now) {
    if (!connection.closeIfStuck(now, limit)) {
      return false;
    }
    LOG.log(Level.INFO, "closed a connection whose request did not arrive in time");
    return true;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
