package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real full disk and a real read-only one: file systems in memory, in a mount namespace of their
/// own that goes with the process.
class SmallDiskTest {
  @TempDir Path temp;

  @BeforeEach
  void prepare() throws Exception {
    boolean may =
        new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt")
                .redirectErrorStream(true)
                .start()
                .waitFor()
            == 0;
    assumeTrue(may, "needs Linux and the right to mount in a namespace of its own");
    KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    write("escrow.pub", "PUBLIC KEY", pair.getPublic().getEncoded());
    write("escrow.pem", "PRIVATE KEY", pair.getPrivate().getEncoded());
    Files.createDirectory(temp.resolve("disk"));
  }

  private void write(String file, String type, byte[] encoded) throws IOException {
    Files.writeString(
        temp.resolve(file),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(type, Base64.getEncoder().encodeToString(encoded), type));
  }

  private List<String> run(String mount, Class<?> program) throws Exception {
    Process child =
        Children.start(
            List.of("unshare", "-m", "sh", "-c", mount + " && exec \"$@\"", "sh"),
            temp.resolve("err"),
            program,
            temp.resolve("disk").toString(),
            temp.resolve("escrow.pub").toString(),
            temp.resolve("escrow.pem").toString());
    List<String> lines = child.inputReader().readAllLines();
    assertEquals(0, child.waitFor(), Files.readString(temp.resolve("err")));
    return lines;
  }

  @Test
  void aFullDiskFailsAppendsLosesNothingAndIsOverWithIt() throws Exception {
    List<String> lines =
        run("mount -t tmpfs -o size=3m none " + temp.resolve("disk"), OnSmallDisk.class);
    assertTrue(lines.getFirst().startsWith("failed: "), lines.toString());
    assertEquals(
        List.of("acknowledged: true", "missing: []"), lines.subList(1, 3), lines.toString());
    assertTrue(
        lines.get(3).equals("findings: []")
            || lines.get(3).matches("findings: \\[Finding\\[kind=LOST[^\\[]*]]"),
        lines.toString());
  }

  @Test
  void aReadOnlyDiskIsRefusedAndLeftAsItIs() throws Exception {
    Path disk = temp.resolve("disk");
    List<String> lines =
        run(
            "mount -t tmpfs none %s && mount -o remount,ro %s".formatted(disk, disk),
            OnReadOnlyDisk.class);
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(lines.getFirst().startsWith("refused: "), lines.toString());
    assertTrue(lines.getFirst().contains("ead-only"), lines.toString());
  }
}
