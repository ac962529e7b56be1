package dev.skillwarden.repo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A forward proxy that tunnels and notes where to.
final class ConnectProxy implements AutoCloseable {
  private final ServerSocket listener;

  /// `host:port` of every tunnel asked for.
  final List<String> targets = new CopyOnWriteArrayList<>();

  private ConnectProxy(ServerSocket listener) {
    this.listener = listener;
  }

  static ConnectProxy start() throws IOException {
    ConnectProxy proxy =
        new ConnectProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().start(proxy::accept);
    return proxy;
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> tunnel(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  /// The client sends nothing after its header until it has the answer, so buffering loses nothing.
  private void tunnel(Socket client) {
    try (client) {
      BufferedReader header =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
      String target = header.readLine().replaceFirst("CONNECT (\\S+) .*", "$1");
      while (!header.readLine().isEmpty()) {
        // the rest of the header does not matter
      }
      targets.add(target);
      int colon = target.lastIndexOf(':');
      try (Socket server =
          new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)))) {
        client
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Thread.ofVirtual().start(() -> copy(client, server));
        copy(server, client);
      }
    } catch (IOException e) {
      // the test sees that nothing arrives
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // closed by the other direction
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
