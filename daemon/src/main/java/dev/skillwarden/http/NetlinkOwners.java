package dev.skillwarden.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalInt;

/// Asks the kernel for the owner of one socket (sock_diag(7), an exact question). The tables below
/// `/proc/net` say the same, but reading them takes milliseconds, and longer the more sockets there
/// are.
@SuppressWarnings("restricted") // calls the C library: send and recv with buffers of its own
final class NetlinkOwners implements SocketOwner {
  private static final System.Logger LOG = System.getLogger(NetlinkOwners.class.getName());

  // Constants of linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h and sys/socket.h.
  private static final int AF_NETLINK = 16;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final short SOCK_DIAG_BY_FAMILY = 20;
  private static final short NLM_F_REQUEST = 1;
  private static final byte AF_INET = 2;
  private static final byte IPPROTO_TCP = 6;
  private static final int TCP_LISTEN = 10;

  private static final int HEADER = 16;
  private static final int REQUEST = HEADER + 56;
  private static final int STATE_AT = HEADER + 1;
  private static final int PORTS_AT = HEADER + 4;
  private static final int UID_AT = HEADER + 64;
  private static final int INODE_AT = HEADER + 68;
  private static final int ANSWER = HEADER + 72;
  private static final int PATIENCE_MICROS = 200_000;

  private final SocketOwner otherwise;
  private final MethodHandle send;
  private final MethodHandle receive;
  private final int socket;
  private final MemorySegment question;
  private final MemorySegment answer;
  private int sequence;

  private NetlinkOwners(Linker linker, int socket, SocketOwner otherwise) {
    this.otherwise = otherwise;
    this.socket = socket;
    FunctionDescriptor transfer =
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT);
    this.send = linker.downcallHandle(symbol(linker, "send"), transfer);
    this.receive = linker.downcallHandle(symbol(linker, "recv"), transfer);
    Arena arena = Arena.ofAuto();
    this.question = arena.allocate(REQUEST, 8);
    this.answer = arena.allocate(8192, 8);
  }

  /// Asks the kernel where that is possible, and `otherwise` where it is not or says nothing.
  static SocketOwner or(SocketOwner otherwise) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return otherwise;
    }
    try {
      Linker linker = Linker.nativeLinker();
      return new NetlinkOwners(linker, open(linker), otherwise);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "owners of connections are read from /proc, which is slower", e);
      return otherwise;
    }
  }

  private static MemorySegment symbol(Linker linker, String name) {
    Optional<MemorySegment> found =
        SymbolLookup.loaderLookup().or(linker.defaultLookup()).find(name);
    return found.orElseThrow(() -> new IllegalStateException("the C library has no " + name));
  }

  private static int open(Linker linker) throws IOException {
    FunctionDescriptor three =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    FunctionDescriptor option =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      int socket =
          (int)
              linker
                  .downcallHandle(symbol(linker, "socket"), three)
                  .invokeExact(AF_NETLINK, SOCK_DGRAM_CLOEXEC, NETLINK_SOCK_DIAG);
      if (socket < 0) {
        throw new IOException("no netlink socket");
      }
      MemorySegment patience = arena.allocate(16, 8);
      patience.set(ValueLayout.JAVA_LONG, 8, PATIENCE_MICROS);
      int set =
          (int)
              linker
                  .downcallHandle(symbol(linker, "setsockopt"), option)
                  .invokeExact(socket, SOL_SOCKET, SO_RCVTIMEO, patience, 16);
      if (set != 0) {
        throw new IOException("no time limit for a netlink socket");
      }
      return socket;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("the C library cannot be called", e);
    }
  }

  @Override
  public synchronized OptionalInt owner(InetSocketAddress peer, InetSocketAddress local) {
    if (!(peer.getAddress() instanceof Inet4Address theirs
        && local.getAddress() instanceof Inet4Address ours)) {
      return otherwise.owner(peer, local);
    }
    sequence++;
    ByteBuffer request = question.asByteBuffer().order(ByteOrder.nativeOrder());
    request.putInt(REQUEST).putShort(SOCK_DIAG_BY_FAMILY).putShort(NLM_F_REQUEST);
    request.putInt(sequence).putInt(0);
    request.put(AF_INET).put(IPPROTO_TCP).putShort((short) 0).putInt(-1);
    request.order(ByteOrder.BIG_ENDIAN);
    request.putShort((short) peer.getPort()).putShort((short) local.getPort());
    request.put(theirs.getAddress()).put(new byte[12]);
    request.put(ours.getAddress()).put(new byte[12]);
    request.putInt(0).putInt(-1).putInt(-1);
    try {
      long sent = (long) send.invokeExact(socket, question, (long) REQUEST, 0);
      if (sent == REQUEST) {
        OptionalInt owner = read(peer, local);
        if (owner.isPresent()) {
          return owner;
        }
      }
    } catch (Throwable e) {
      LOG.log(Level.WARNING, "the kernel could not be asked for the owner of a connection", e);
    }
    return otherwise.owner(peer, local);
  }

  /// Skips what answers an earlier question that was given up.
  private OptionalInt read(InetSocketAddress peer, InetSocketAddress local) throws Throwable {
    while (true) {
      long length = (long) receive.invokeExact(socket, answer, answer.byteSize(), 0);
      if (length < HEADER) {
        return OptionalInt.empty();
      }
      ByteBuffer found = answer.asByteBuffer().order(ByteOrder.nativeOrder());
      if (found.getInt(8) == sequence) {
        return found.getShort(4) == SOCK_DIAG_BY_FAMILY && length >= ANSWER
            ? owner(found, peer, local)
            : OptionalInt.empty();
      }
    }
  }

  /// Without an exact match the kernel answers with a listener; and a socket that its process has
  /// closed has no inode and is shown as root's.
  private static OptionalInt owner(
      ByteBuffer found, InetSocketAddress peer, InetSocketAddress local) {
    int inode = found.getInt(INODE_AT);
    int uid = found.getInt(UID_AT);
    found.order(ByteOrder.BIG_ENDIAN);
    boolean same =
        Short.toUnsignedInt(found.getShort(PORTS_AT)) == peer.getPort()
            && Short.toUnsignedInt(found.getShort(PORTS_AT + 2)) == local.getPort();
    return same && inode != 0 && uid >= 0 && found.get(STATE_AT) != TCP_LISTEN
        ? OptionalInt.of(uid)
        : OptionalInt.empty();
  }
}
