package dev.skillwarden.http;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The listener on the port, which another process may have.
final class PortListener {
  private static final System.Logger LOG = System.getLogger(PortListener.class.getName());
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final int wanted;
  private final Supplier<WebServer> servers;
  private volatile @Nullable WebServer server;
  private volatile boolean closed;
  private volatile String problem = "";

  PortListener(int wanted, Supplier<WebServer> servers) {
    this.wanted = wanted;
    this.servers = servers;
  }

  /// @param patient whether to go on trying in the background
  void open(boolean patient) {
    try {
      listen();
    } catch (UncheckedIOException | IllegalStateException e) {
      if (!patient) {
        throw e;
      }
      problem =
          "port %d is taken by another process, whose answers clients refuse: every tool call is blocked; end that process (%s), or set server.port and roll out the settings again"
              .formatted(wanted, "ss -ltnp sport = :" + wanted);
      LOG.log(Level.ERROR, problem, e);
      Thread.ofVirtual().name("port").start(this::retry);
    }
  }

  private synchronized void listen() {
    WebServer fresh = servers.get();
    started(fresh);
    server = fresh;
    if (closed) {
      fresh.stop();
    }
  }

  private void retry() {
    try {
      while (!closed && server == null) {
        Thread.sleep(RETRY);
        try (ServerSocket probe = new ServerSocket()) {
          probe.setReuseAddress(true);
          probe.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), wanted));
        } catch (IOException e) {
          continue; // still taken; the problem says so
        }
        listenAgain();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listenAgain() {
    try {
      listen();
      problem = "";
      LOG.log(Level.INFO, "the port is free, and listened on");
    } catch (UncheckedIOException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the port was taken again", e);
    }
  }

  int number() {
    WebServer now = server;
    return now == null ? 0 : now.port();
  }

  /// What is wrong, empty when nothing is.
  String problem() {
    return problem;
  }

  synchronized void close() {
    closed = true;
    WebServer now = server;
    if (now != null) {
      now.stop();
    }
  }

  /// Starts a server, or says that it did not.
  static void started(WebServer server) {
    server.start();
    if (!server.isRunning()) { // the server logs why, and returns
      throw new IllegalStateException("a listener did not start; the log has the cause");
    }
  }
}
