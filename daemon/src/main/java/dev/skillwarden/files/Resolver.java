package dev.skillwarden.files;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The process that may look where the daemon may not, as `installer/resolver` builds it. Its
/// protocol stands in the head of that source.
final class Resolver {
  private static final System.Logger LOG = System.getLogger(Resolver.class.getName());

  /// As many answers as surely fit into the socket's buffer while questions are still being sent.
  private static final int BATCH = 16;

  private static final byte VERSION = 1;
  private static final int LONGEST = 4095;
  private static final int ANSWER = 32;

  /// What the JVM takes file names for.
  private static final Charset NAMES =
      Charset.forName(
          System.getProperty("sun.jnu.encoding", "UTF-8"), java.nio.charset.StandardCharsets.UTF_8);

  private final Optional<Path> socket;
  private volatile String problem = "";

  /// @param socket where it listens, empty when there is none
  Resolver(Optional<Path> socket) {
    this.socket = socket;
  }

  /// What keeps it from answering, empty when nothing does.
  String problem() {
    return problem;
  }

  /// Whether its socket exists.
  boolean isThere() {
    return socket.filter(Files::exists).isPresent();
  }

  private void failed(String what) {
    if (!problem.equals(what)) {
      problem = what;
      LOG.log(Level.WARNING, what);
    }
  }

  /// A connection of one thread; opened when first needed, and again after it failed.
  Connection connection() {
    return new Connection();
  }

  /// Not safe for use by several threads.
  final class Connection implements AutoCloseable {
    private @Nullable SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(ANSWER + LONGEST);

    /// Asks for paths in order. What is not answered is [Entry#UNKNOWN]: nothing is thrown. Waits
    /// as long as the file system does.
    ///
    /// @param account numeric id of the account on whose behalf
    List<Entry> ask(int account, List<Path> paths, Turn turn) {
      List<Entry> found = new ArrayList<>();
      try {
        if (socket.isEmpty()) {
          throw new IOException("guard.resolver-socket is empty");
        }
        SocketChannel open = opened(socket.get());
        for (int i = 0; i < paths.size(); i += BATCH) {
          ask(open, account, paths.subList(i, Math.min(i + BATCH, paths.size())), turn, found);
        }
        problem = "";
      } catch (IOException | BufferUnderflowException e) {
        close();
        failed(
            "paths in homes that are closed to the daemon cannot be looked up, so calls that name them are asked"
                + " about: the path resolver%s: %s; see the unit skillwarden-resolve"
                    .formatted(socket.map(s -> " at " + s).orElse(""), reason(e)));
      }
      while (found.size() < paths.size()) {
        found.add(Entry.UNKNOWN);
      }
      return found;
    }

    private void ask(
        SocketChannel open, int account, List<Path> paths, Turn turn, List<Entry> found)
        throws IOException {
      List<Path> sent = turn.take(paths.stream().filter(Connection::isSendable).toList());
      send(open, account, sent);
      int answered = 0;
      for (Path path : paths) {
        if (answered < sent.size() && path.equals(sent.get(answered))) {
          turn.at(path);
          found.add(receive(open));
          answered++;
        } else {
          found.add(Entry.UNKNOWN);
        }
      }
    }

    private static String reason(Exception e) {
      return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private SocketChannel opened(Path path) throws IOException {
      SocketChannel open = channel;
      if (open == null) {
        open = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel = open;
        open.connect(UnixDomainSocketAddress.of(path));
      }
      return open;
    }

    /// `/proc` has another content for another process.
    private static boolean isSendable(Path path) {
      return !path.startsWith("/proc")
          && encoded(path).filter(p -> p.length <= LONGEST).isPresent();
    }

    private static Optional<byte[]> encoded(Path path) {
      try {
        ByteBuffer bytes = NAMES.newEncoder().encode(CharBuffer.wrap(path.toString()));
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        return Optional.of(text);
      } catch (CharacterCodingException e) {
        return Optional.empty(); // the caller says so: not answered
      }
    }

    private static void send(SocketChannel open, int account, List<Path> paths) throws IOException {
      List<byte[]> texts =
          paths.stream().filter(Connection::isSendable).map(p -> encoded(p).orElseThrow()).toList();
      ByteBuffer out = ByteBuffer.allocate(texts.stream().mapToInt(t -> t.length + 8).sum());
      for (byte[] text : texts) {
        out.put(VERSION).put((byte) 0).putShort((short) text.length).putInt(account).put(text);
      }
      out.flip();
      while (out.hasRemaining()) {
        open.write(out);
      }
    }

    private Entry receive(SocketChannel open) throws IOException {
      fill(open, ANSWER);
      byte version = in.get();
      char kind = (char) in.get();
      int length = Short.toUnsignedInt(in.getShort());
      int error = in.getInt();
      long device = in.getLong();
      long inode = in.getLong();
      long links = in.getLong();
      boolean link = kind == 'l';
      if (version != VERSION || link != (length > 0) || length > LONGEST) {
        throw new IOException("answers what is no answer");
      }
      if (link) {
        fill(open, length);
        return target();
      }
      return switch (kind) {
        case 'n', 'c' -> Entry.NOTHING; // closed to the caller: he cannot get there either
        case 'f' -> new Entry(Entry.Kind.REGULAR, Optional.empty(), device, inode, links);
        case 'd' -> new Entry(Entry.Kind.DIRECTORY, Optional.empty(), device, inode, links);
        case 'o' -> new Entry(Entry.Kind.OTHER, Optional.empty(), device, inode, links);
        case 'w' -> Entry.LINK_ON_THE_WAY;
        case 'e' -> {
          LOG.log(Level.DEBUG, "the resolver met error " + error);
          yield Entry.UNKNOWN;
        }
        default -> throw new IOException("answers what is no answer");
      };
    }

    private Entry target() {
      try {
        return Entry.link(Path.of(NAMES.newDecoder().decode(in).toString()));
      } catch (CharacterCodingException | InvalidPathException e) {
        return Entry.UNKNOWN; // a name this JVM has no text for
      }
    }

    private void fill(SocketChannel open, int length) throws IOException {
      in.clear().limit(length);
      while (in.hasRemaining()) {
        if (open.read(in) < 0) {
          throw new EOFException("ends the connection");
        }
      }
      in.flip();
    }

    @Override
    public void close() {
      SocketChannel open = channel;
      channel = null;
      if (open != null) {
        try {
          open.close();
        } catch (IOException e) {
          LOG.log(Level.DEBUG, "closing a connection to the resolver", e);
        }
      }
    }
  }
}
