package dev.skillwarden.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/// Wraps HTTP/1.1 so that every request of a connection sees a [Peer] as its remote peer, and the
/// watchdog sees the bytes that come in. A connection whose channel cannot be reached is closed.
final class PeerSelector implements ServerConnectionSelector {
  private static final Field CHANNEL = channelField();

  private final ServerConnectionSelector http;
  private final Watchdog watchdog;
  private final Admission admission;

  PeerSelector(ServerConnectionSelector http, Watchdog watchdog, Admission admission) {
    this.http = http;
    this.watchdog = watchdog;
    this.admission = admission;
  }

  /// The server offers no public way to the channel of a connection.
  private static Field channelField() {
    try {
      Field field = NioSocket.class.getDeclaredField("delegate");
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(
          "this Helidon version hides its channels; peer credentials need them", e);
    }
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    try {
      SocketChannel channel = (SocketChannel) CHANNEL.get(context.serverSocket());
      if (channel == null) {
        throw new CloseConnectionException("no channel");
      }
      Peer peer =
          admission
              .peer(channel)
              .orElseThrow(() -> new CloseConnectionException("it was not admitted"));
      watchdog.watch(peer.open());
      return new Ending(
          http.connection(new WatchedContext(context, peer)), () -> admission.ended(channel));
    } catch (IOException | IllegalAccessException | IllegalArgumentException e) {
      throw new CloseConnectionException("no peer of a connection", e);
    }
  }

  /// A connection that tells when it is over.
  private record Ending(ServerConnection connection, Runnable ended)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        connection.handle(limit);
      } finally {
        ended.run();
      }
    }

    @Override
    public Duration idleTime() {
      return connection.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      connection.close(interrupt);
    }

    /// While it waits for a request it may be interrupted, so that a stop need not wait for it.
    @Override
    public boolean canInterrupt() {
      return connection instanceof InterruptableTask<?> task && task.canInterrupt();
    }
  }

  /// The context of the connection, with our peer and a reader that tells when bytes come in.
  private static final class WatchedContext implements ConnectionContext {
    private final ConnectionContext context;
    private final Peer peer;
    private final DataReader reader;

    WatchedContext(ConnectionContext context, Peer peer) {
      this.context = context;
      this.peer = peer;
      DataReader inner = context.dataReader();
      this.reader =
          DataReader.create(() -> {
            inner.ensureAvailable();
            byte[] bytes = inner.readBytes(inner.available());
            peer.open().bytesArrived();
            return bytes;
          });
    }

    @Override
    public ListenerContext listenerContext() {
      return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return context.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return context.dataWriter();
    }

    @Override
    public DataReader dataReader() {
      return reader;
    }

    @Override
    public Router router() {
      return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return context.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return peer;
    }

    @Override
    public PeerInfo localPeer() {
      return context.localPeer();
    }

    @Override
    public boolean isSecure() {
      return context.isSecure();
    }

    @Override
    public String socketId() {
      return context.socketId();
    }

    @Override
    public String childSocketId() {
      return context.childSocketId();
    }
  }
}
