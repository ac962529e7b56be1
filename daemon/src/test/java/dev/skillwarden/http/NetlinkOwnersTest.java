package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NetlinkOwnersTest {
  private final SocketOwner kernel = NetlinkOwners.or((peer, local) -> OptionalInt.empty());

  private static OptionalInt me() throws IOException {
    return OptionalInt.of((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  private OptionalInt owner(int peer, int local) {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    return kernel.owner(
        new InetSocketAddress(loopback, peer), new InetSocketAddress(loopback, local));
  }

  @Test
  void theKernelNamesTheOwnerOfAConnection() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket ours = server.accept()) {
      assertEquals(me(), owner(client.getLocalPort(), server.getLocalPort()));
      assertEquals(client.getLocalPort(), ours.getPort());
    }
  }

  @Test
  void aClientThatSpeaksBothFamiliesIsNamedToo() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        SocketChannel client =
            SocketChannel.open(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.getLocalPort()));
        Socket ours = server.accept()) {
      assertEquals(me(), owner(ours.getPort(), server.getLocalPort()));
      assertEquals(true, client.isConnected());
    }
  }

  @Test
  void aListenerOrNobodyIsNoOwner() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      assertEquals(OptionalInt.empty(), owner(server.getLocalPort(), 9));
      assertEquals(OptionalInt.empty(), owner(9, server.getLocalPort()));
    }
  }

  @Test
  void aClosedEndHasNoOwner() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
      int port = client.getLocalPort();
      try (Socket ours = server.accept()) {
        client.close();
        assertEquals(OptionalInt.empty(), owner(port, server.getLocalPort()));
        assertEquals(port, ours.getPort());
      }
    }
  }
}
