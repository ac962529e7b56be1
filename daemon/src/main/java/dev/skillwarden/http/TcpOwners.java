package dev.skillwarden.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;

/// Which account owns the other end of a loopback connection, from the kernel's socket table
/// (`/proc/net/tcp`, see proc(5)).
final class TcpOwners {
  private static final System.Logger LOG = System.getLogger(TcpOwners.class.getName());

  private final Path table;

  TcpOwners(Path table) {
    this.table = table;
  }

  /// Numeric id of the account that holds the socket `peer` connected to `local`; empty when the
  /// table does not say.
  OptionalInt owner(InetSocketAddress peer, InetSocketAddress local) {
    String wantedLocal = hex(peer);
    String wantedRemote = hex(local);
    try {
      for (String line : Files.readString(table, StandardCharsets.US_ASCII).split("\n", -1)) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields.length > 7 && fields[1].equals(wantedLocal) && fields[2].equals(wantedRemote)) {
          return OptionalInt.of(Integer.parseInt(fields[7]));
        }
      }
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
    boolean little = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
    String ip =
        little
            ? "%02X%02X%02X%02X".formatted(b[3], b[2], b[1], b[0])
            : "%02X%02X%02X%02X".formatted(b[0], b[1], b[2], b[3]);
    return ip + String.format(Locale.ROOT, ":%04X", address.getPort());
  }
}
