package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@org.jspecify.annotations.NullUnmarked // fields are set before each test
class AdmissionTest {
  private static final Duration DEADLINE = Duration.ofMillis(300);

  private final List<SocketChannel> clients = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private int uid = 1001;
  private ServerSocketChannel server;
  private final Admission admission =
      new Admission(
          new DaemonServer.Share(2, 1, new DaemonServer.Bodies(100, 100)),
          DEADLINE,
          (peer, local) -> OptionalInt.of(uid),
          number -> {
            asked.incrementAndGet();
            return Optional.of("account-" + number);
          },
          Optional.empty());

  @BeforeEach
  void listen() throws IOException {
    server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  private SocketChannel accepted() throws IOException {
    clients.add(SocketChannel.open(server.getLocalAddress()));
    return server.accept();
  }

  private SocketChannel admitted() throws IOException {
    SocketChannel channel = accepted();
    admission.admit(channel);
    return channel;
  }

  @Test
  void theThreadThatAcceptsAsksNoDirectoryForAName() throws IOException {
    SocketChannel channel = admitted();
    assertEquals(0, asked.get());
    assertEquals(Optional.of("account-1001"), admission.peer(channel).orElseThrow().account());
    assertEquals(1, asked.get());
  }

  @Test
  void aConnectionOverTheShareTakesThePlaceOfTheLeastUsedOne() throws IOException {
    SocketChannel first = admitted();
    SocketChannel second = admitted();
    admission.peer(first).orElseThrow().open().answered();
    uid = 1002;
    SocketChannel other = admitted();
    uid = 1001;
    SocketChannel third = admitted();
    assertFalse(second.isOpen());
    assertTrue(first.isOpen() && third.isOpen() && other.isOpen());
  }

  @Test
  void whatIsServedIsNotCutOff() throws IOException {
    for (int i = 0; i < 2; i++) {
      admission.peer(admitted()).orElseThrow().open().requestReceived();
    }
    SocketChannel third = accepted();
    assertThrows(UncheckedIOException.class, () -> admission.admit(third));
    assertEquals(Optional.empty(), admission.peer(third));
    third.close();
  }

  @Test
  void aPlaceIsGivenBackAtTheEnd() throws IOException {
    SocketChannel first = admitted();
    SocketChannel second = admitted();
    second.close();
    admission.sweep();
    admitted();
    assertTrue(first.isOpen());
  }

  @Test
  void requestsOfOneAccountAreCountedTogether() throws IOException {
    Peer one = admission.peer(admitted()).orElseThrow();
    Peer two = admission.peer(admitted()).orElseThrow();
    uid = 1002;
    Peer other = admission.peer(admitted()).orElseThrow();
    assertTrue(admission.begin(one));
    assertFalse(admission.begin(two));
    assertTrue(admission.begin(other));
    admission.done(one);
    assertTrue(admission.begin(two));
  }

  /// A judgement that was given up at the deadline may go on with the body in its hands.
  @Test
  void whatWasGivenUpAtTheDeadlineIsStillHeld() throws Exception {
    Peer peer = admission.peer(admitted()).orElseThrow();
    holds(peer, 60);
    admission.bodyDone(peer);
    peer.open().answered();
    holds(peer, 60);
    Thread.sleep(DEADLINE.plusMillis(1));
    peer.open().requestReceived(); // said again when the answer is sent
    admission.bodyDone(peer);
    assertFalse(admission.bodies().take(peer.owner(), 60));
    assertTrue(admission.bodies().take(peer.owner(), 40));
  }

  private void holds(Peer peer, long bytes) {
    assertTrue(admission.bodies().take(peer.owner(), bytes));
    peer.open().holds(bytes);
    peer.open().requestReceived();
  }
}
