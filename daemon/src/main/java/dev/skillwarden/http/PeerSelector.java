package dev.skillwarden.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.IntFunction;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/// Wraps HTTP/1.1 so that every request of a connection sees a [Peer] as its remote peer, and the
/// watchdog sees the bytes that come in. A connection whose channel cannot be reached is closed.
final class PeerSelector implements ServerConnectionSelector {
  private static final Field CHANNEL = channelField();

  private final ServerConnectionSelector http;
  private final Watchdog watchdog;
  private final TcpOwners owners;
  private final IntFunction<Optional<String>> accountNames;

  /// @param accountNames login name of a numeric account id
  PeerSelector(
      ServerConnectionSelector http,
      Watchdog watchdog,
      TcpOwners owners,
      IntFunction<Optional<String>> accountNames) {
    this.http = http;
    this.watchdog = watchdog;
    this.owners = owners;
    this.accountNames = accountNames;
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
      OpenConnection open = new OpenConnection(channel);
      open.bytesArrived(); // those that identified the protocol
      watchdog.watch(open);
      return http.connection(new WatchedContext(context, peer(channel, open)));
    } catch (IOException | IllegalAccessException | IllegalArgumentException e) {
      throw new CloseConnectionException("no peer credentials", e);
    }
  }

  private Peer peer(SocketChannel channel, OpenConnection open) throws IOException {
    if (channel.getLocalAddress() instanceof UnixDomainSocketAddress) {
      UnixDomainPrincipal who = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
      return new Peer(channel.getRemoteAddress(), Optional.of(who.user().getName()), true, open);
    }
    OptionalInt uid =
        owners.owner(
            (InetSocketAddress) channel.getRemoteAddress(),
            (InetSocketAddress) channel.getLocalAddress());
    Optional<String> account =
        uid.isPresent() ? accountNames.apply(uid.getAsInt()) : Optional.empty();
    return new Peer(channel.getRemoteAddress(), account, false, open);
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
