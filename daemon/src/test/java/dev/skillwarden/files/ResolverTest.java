package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A resolver made up here, which answers as the test says.
@Timeout(30)
class ResolverTest {
  @TempDir Path directory;

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Function<String, byte[]> answers = path -> answer('n', "");
  private volatile boolean sticky; // whether answers come a byte at a time
  private final ServerSocketChannel server = open();

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    server.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              SocketChannel open = server.accept();
              connections.incrementAndGet();
              Thread.ofVirtual().start(() -> serve(open));
            }
          } catch (IOException e) {
            assertFalse(server.isOpen(), e.toString());
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /// An empty answer ends the connection; the text `hang` hangs.
  private void serve(SocketChannel open) {
    try (open) {
      DataInputStream in = new DataInputStream(Channels.newInputStream(open));
      OutputStream out = Channels.newOutputStream(open);
      while (true) {
        int head = in.readUnsignedShort();
        int length = in.readUnsignedShort();
        int account = in.readInt();
        String path = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        requests.add("%d %d %s".formatted(head, account, path));
        byte[] answer = answers.apply(path);
        if (answer.length == 0) {
          return;
        }
        for (int i = 0; i < answer.length; i += sticky ? 1 : answer.length) {
          out.write(answer, i, sticky ? 1 : answer.length);
          out.flush();
        }
      }
    } catch (EOFException | ClosedChannelException e) {
      requests.add("end");
    } catch (IOException e) {
      requests.add(e.toString());
    }
  }

  private static byte[] answer(char kind, String target) {
    return answer(1, kind, target.length(), 9, 42, 2, target);
  }

  private static byte[] answer(
      int version, char kind, int length, long device, long inode, long links, String target) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ByteBuffer.allocate(32)
            .put((byte) version)
            .put((byte) kind)
            .putShort((short) length)
            .putInt(0)
            .putLong(device)
            .putLong(inode)
            .putLong(links)
            .array());
    bytes.writeBytes(target.getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  private Resolver resolver() {
    return new Resolver(Optional.of(directory.resolve("s")));
  }

  private static List<Entry> ask(Resolver.Connection connection, String... paths) {
    return connection.ask(1001, List.of(paths).stream().map(Path::of).toList(), Turn.ALONE);
  }

  private static final Entry FILE = new Entry(Entry.Kind.REGULAR, Optional.empty(), 9, 42, 2);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void speaksTheProtocol(boolean byteByByte) {
    sticky = byteByByte;
    answers =
        path ->
            switch (path) {
              case "/l" -> answer('l', "../target");
              case "/f" -> answer('f', "");
              case "/w" -> answer('w', "");
              case "/e" -> answer('e', "");
              case "/c" -> answer('c', "");
              default -> answer('n', "");
            };
    Resolver resolver = resolver();
    try (Resolver.Connection connection = resolver.connection()) {
      assertEquals(
          List.of(
              Entry.link(Path.of("../target")),
              FILE,
              Entry.LINK_ON_THE_WAY,
              Entry.UNKNOWN,
              Entry.NOTHING,
              Entry.NOTHING),
          ask(connection, "/l", "/f", "/w", "/e", "/c", "/n"));
      assertEquals(List.of(FILE), ask(connection, "/f"));
    }
    assertEquals("256 1001 /l", requests.getFirst());
    assertEquals(1, connections.get());
    assertEquals("", resolver.problem());
  }

  @Test
  void manyQuestionsGoOverOneConnection() {
    answers = path -> answer('f', "");
    String[] paths = new String[100];
    java.util.Arrays.setAll(paths, i -> "/" + "d".repeat(200) + "/" + i);
    try (Resolver.Connection connection = resolver().connection()) {
      assertEquals(java.util.Collections.nCopies(100, FILE), ask(connection, paths));
    }
    assertEquals(1, connections.get());
  }

  @Test
  void itIsNeverAskedAboutProcesses() {
    answers = path -> answer('f', "");
    try (Resolver.Connection connection = resolver().connection()) {
      assertEquals(
          List.of(FILE, Entry.UNKNOWN, FILE), ask(connection, "/a", "/proc/1/cwd/x", "/b"));
    }
    assertFalse(requests.toString().contains("proc"), requests.toString());
  }

  /// What a broken or hostile resolver may say; the connection is given up, and the next question
  /// goes over a new one.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "version",
        "kind",
        "link without target",
        "target without link",
        "long target",
        "half an answer",
        "half a target",
        "end"
      })
  void whatIsNoAnswerIsNone(String what) {
    byte[] whole = answer('l', "target");
    byte[] bad =
        switch (what) {
          case "version" -> answer(2, 'f', 0, 1, 1, 1, "");
          case "kind" -> answer(1, 'z', 0, 1, 1, 1, "");
          case "link without target" -> answer(1, 'l', 0, 1, 1, 1, "");
          case "target without link" -> answer(1, 'f', 3, 1, 1, 1, "abc");
          case "long target" -> answer(1, 'l', 5_000, 1, 1, 1, "x".repeat(5_000));
          case "half an answer" -> java.util.Arrays.copyOf(whole, 20);
          case "half a target" -> java.util.Arrays.copyOf(whole, 35);
          case "end" -> new byte[0];
          default -> throw new IllegalArgumentException(what);
        };
    AtomicInteger count = new AtomicInteger();
    answers =
        path ->
            count.getAndIncrement() == 0 ? bad : path.equals("/x") ? new byte[0] : answer('f', "");
    Resolver resolver = resolver();
    try (Resolver.Connection connection = resolver.connection()) {
      assertEquals(List.of(Entry.UNKNOWN, Entry.UNKNOWN), ask(connection, "/a", "/x"));
      assertTrue(resolver.problem().contains("path resolver at"), resolver.problem());
      assertEquals(List.of(FILE), ask(connection, "/a"));
      assertEquals("", resolver.problem());
    }
    assertEquals(2, connections.get());
  }

  @Test
  void whereThereIsNoneTheQuestionStaysOpenWithOneAlarm() {
    PathLookups lookups =
        new PathLookups(account ->
            new Looker(
                path -> Entry.CLOSED,
                new Resolver(Optional.of(directory.resolve("none"))).connection(),
                false,
                OptionalInt.of(7)));
    FileView view = lookups.view("ana");
    assertEquals(Optional.empty(), view.link(Path.of("/home/ana/x")));
    assertTrue(view.overrun());

    Resolver resolver = new Resolver(Optional.of(directory.resolve("none")));
    for (int i = 0; i < 3; i++) {
      assertEquals(List.of(Entry.UNKNOWN), ask(resolver.connection(), "/a"));
    }
    assertTrue(resolver.problem().contains("skillwarden-resolve"), resolver.problem());
    assertFalse(resolver.problem().contains("/a"), "no path of a caller in a status line");
  }

  /// Looked up before, so that the first use of classes does not use up the 50 ms of the test.
  private PathLookups closedHomes(int uid) {
    for (int i = 0; i < 20; i++) {
      FileView view = cold(uid).view("ana");
      if (resolved(view, "/warm/up/x").isEmpty() || !view.overrun()) {
        break;
      }
    }
    requests.clear();
    return cold(uid);
  }

  private PathLookups cold(int uid) {
    Resolver resolver = resolver();
    return new PathLookups(account ->
        new Looker(
            path ->
                path.getNameCount() > 2
                    ? Entry.CLOSED
                    : new Entry(Entry.Kind.DIRECTORY, Optional.empty(), 1, 1, 1),
            resolver.connection(),
            false,
            uid < 0 ? OptionalInt.empty() : OptionalInt.of(uid)));
  }

  private static String resolved(FileView view, String path) {
    return Paths.resolve(path, Path.of("/"), Path.of("/home/ana"), view);
  }

  @Test
  void aLinkInAClosedHomeIsFollowedInOneRoundTrip() {
    answers =
        path ->
            switch (path) {
              case "/home/ana/p" -> answer('d', "");
              case "/home/ana/p/l" -> answer('l', "/etc/passwd");
              case "/home/ana/p/l/x" -> answer('w', "");
              default -> answer('n', "");
            };
    PathLookups lookups = closedHomes(1001);
    FileView view = lookups.view("ana");
    String found = resolved(view, "/home/ana/p/l/x");
    for (int i = 0; i < 20 && view.overrun(); i++) { // a busy machine uses up the 50 ms
      requests.clear();
      view = lookups.view("ana");
      found = resolved(view, "/home/ana/p/l/x");
    }
    assertFalse(view.overrun());
    assertEquals("/etc/passwd/x", found);
    assertEquals(
        List.of("256 1001 /home/ana/p", "256 1001 /home/ana/p/l", "256 1001 /home/ana/p/l/x"),
        requests.stream().filter(r -> r.contains("/home")).toList());
  }

  @Test
  void aCandidateBehindALinkIsFoundThere() {
    answers =
        path ->
            switch (path) {
              case "/home/ana/.ssh" -> answer('l', "dots/ssh");
              case "/home/ana/.ssh/id" -> answer('w', "");
              case "/home/ana/dots", "/home/ana/dots/ssh" -> answer('d', "");
              case "/home/ana/dots/ssh/id", "/home/ana/mine" -> answer('f', "");
              default -> answer('n', "");
            };
    FileView view = closedHomes(1001).view("ana");
    Path candidate = Path.of("/home/ana/.ssh/id");
    assertEquals(
        Optional.of(candidate), view.sameFile(Path.of("/home/ana/mine"), () -> List.of(candidate)));
    assertFalse(view.overrun());
  }

  @Test
  void linksThatGoRoundInCirclesEnd() {
    answers =
        path -> path.equals("/home/ana/loop") ? answer('l', "/home/ana/loop/x") : answer('w', "");
    FileView view = closedHomes(1001).view("ana");
    assertEquals(Optional.empty(), view.sameFile(Path.of("/home/ana/loop/x"), List::of));
    assertTrue(view.overrun());
  }

  @Test
  void anAccountWithoutANumberCannotBeAskedFor() {
    FileView view = closedHomes(-1).view("ana");
    assertEquals("/home/ana/p/l", resolved(view, "/home/ana/p/l"));
    assertTrue(view.overrun());
    assertEquals(List.of(), requests);
  }

  @Test
  void aResolverThatHangsIsGivenUpInTime() {
    answers =
        path -> {
          try {
            Thread.sleep(Duration.ofSeconds(2));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new byte[0];
        };
    FileView view = closedHomes(1001).view("ana");
    long start = System.nanoTime();
    assertEquals("/home/ana/p", resolved(view, "/home/ana/p"));
    assertTrue(view.overrun());
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(1).toNanos());
  }
}
