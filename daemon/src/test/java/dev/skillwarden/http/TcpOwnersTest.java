package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledIf("littleEndian")
class TcpOwnersTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
          + " inode\n";
  private static final String END = " 0 4711 1 0000000000000000 20 4 30 10 -1\n";

  @TempDir Path directory;
  private Path table = Path.of("");
  private Path table6 = Path.of("");

  static boolean littleEndian() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  @BeforeEach
  void tables() throws IOException {
    table = directory.resolve("tcp");
    table6 = directory.resolve("tcp6");
    Files.writeString(
        table,
        HEAD
            + line("0100007F:1D07", "00000000:0000", "0A", 0)
            + line("0100007F:1D07", "0100007F:9C40", "01", 998) // the daemon's own end
            + line("0100007F:9C40", "0100007F:1D07", "01", 1001)
            + line("0100007F:9C41", "0100007F:1D08", "01", 1002)
            + line("0100007F:9C43", "0100007F:1D07", "04", 0).replace(" 4711 ", " 0 ")
            + "damaged line\n");
    Files.writeString(
        table6,
        HEAD
            + line(
                "0000000000000000FFFF00000100007F:9C42",
                "0000000000000000FFFF00000100007F:1D07",
                "01",
                1003));
  }

  private static String line(String local, String remote, String state, int uid) {
    return "   0: "
        + local
        + " "
        + remote
        + " "
        + state
        + " 00000000:00000000 00:00000000 00000000  "
        + uid
        + "       "
        + END;
  }

  private OptionalInt owner(int peer, int local) {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    return new TcpOwners(table, table6)
        .owner(new InetSocketAddress(loopback, peer), new InetSocketAddress(loopback, local));
  }

  @ParameterizedTest
  @CsvSource({"40000, 1001", "40002, 1003"})
  void theOwnerIsThatOfTheOtherEnd(int peer, int uid) {
    assertEquals(OptionalInt.of(uid), owner(peer, 7431));
  }

  @ParameterizedTest
  @CsvSource({"40001", "40003", "40009"})
  void aConnectionElsewhereOrClosedOrUnknownHasNoOwner(int peer) {
    assertEquals(OptionalInt.empty(), owner(peer, 7431));
  }

  @Test
  void withoutTablesNobodyIsKnown() throws IOException {
    Files.delete(table);
    Files.delete(table6);
    assertEquals(OptionalInt.empty(), owner(40000, 7431));
  }

  @Test
  void aDamagedTableKnowsNobody() throws IOException {
    Files.writeString(table, line("0100007F:9C40", "0100007F:1D07", "01", 7).replace(" 7 ", " x "));
    assertEquals(OptionalInt.empty(), owner(40000, 7431));
  }
}
