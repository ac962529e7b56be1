package dev.skillwarden.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;

/// Which account owns the other end of a loopback connection, from the kernel's socket table
/// (`/proc/net/tcp` and, for clients whose sockets speak both families, `/proc/net/tcp6`, see
/// proc(5)).
final class TcpOwners implements SocketOwner {
  private static final System.Logger LOG = System.getLogger(TcpOwners.class.getName());

  /// How the second table writes an IPv4 address, without its last four bytes.
  private static final String MAPPED =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
          ? "0000000000000000FFFF0000"
          : "00000000000000000000FFFF";

  private final Path table;
  private final Path table6;

  TcpOwners(Path table, Path table6) {
    this.table = table;
    this.table6 = table6;
  }

  @Override
  public OptionalInt owner(InetSocketAddress peer, InetSocketAddress local) {
    String ours = hex(local);
    String theirs = hex(peer);
    if (ours.isEmpty() || theirs.isEmpty()) {
      return OptionalInt.empty();
    }
    OptionalInt owner = owner(table, theirs, ours);
    return owner.isPresent() ? owner : owner(table6, MAPPED + theirs, MAPPED + ours);
  }

  private static OptionalInt owner(Path table, String wantedLocal, String wantedRemote) {
    try {
      for (String line : Files.readString(table, StandardCharsets.US_ASCII).split("\n", -1)) {
        String[] fields = line.strip().split("\\s+", -1);
        // A socket that its process has closed has no inode and is shown as root's.
        if (fields.length > 9
            && fields[1].equals(wantedLocal)
            && fields[2].equals(wantedRemote)
            && !fields[9].equals("0")) {
          return OptionalInt.of(Integer.parseInt(fields[7]));
        }
      }
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "a kernel without IPv6 has no table for it", e);
    } catch (IOException | NumberFormatException e) {
      LOG.log(Level.WARNING, "cannot tell the owner of a connection from " + table, e);
    }
    return OptionalInt.empty();
  }

  /// Address as the table writes it: the four bytes in host order, then the port.
  private static String hex(InetSocketAddress address) {
    if (!(address.getAddress() instanceof Inet4Address four)) {
      return "";
    }
    byte[] b = four.getAddress();
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    String ip =
        little
            ? "%02X%02X%02X%02X".formatted(b[3], b[2], b[1], b[0])
            : "%02X%02X%02X%02X".formatted(b[0], b[1], b[2], b[3]);
    return ip + String.format(Locale.ROOT, ":%04X", address.getPort());
  }
}
