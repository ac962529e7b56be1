package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skillwarden.journal.Children;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real mount that hangs: FUSE, served by nobody, in a mount namespace that goes with the
/// process.
@Timeout(180)
class HungMountTest {
  @TempDir private Path temp;

  @Test
  void oneAccountsHungMountDelaysNobodyElse() throws Exception {
    RealResolver.needsRoot();
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse: no mount to hang");
    assumeTrue(RealResolver.works("python3", "--version"), "there is no python3 to mount with");
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path mount = Files.createDirectory(temp.toRealPath().resolve("mount"));
    Path project = Files.createDirectory(temp.toRealPath().resolve("project"));
    Files.createSymbolicLink(project.resolve("link"), Path.of("notes.txt"));
    assumeTrue(
        RealResolver.works("unshare", "-m", "python3", helper(), mount.toString(), "true"),
        "may not mount FUSE here");
    Path errors = temp.resolve("errors");

    Process child =
        Children.start(
            List.of("unshare", "-m", "python3", helper(), mount.toString()),
            errors,
            HungMountProgram.class,
            mount.toString(),
            project.toString(),
            RealResolver.build(temp).toString(),
            Integer.getInteger("skillwarden.hung.decisions", 300).toString());
    List<String> lines = child.inputReader().readAllLines();
    assertEquals(0, child.waitFor(), () -> read(errors));
    lines.forEach(line -> System.out.println("hung mount: " + line)); // figures, µs

    Map<String, List<String>> said = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      said.computeIfAbsent(words[0], w -> new ArrayList<>()).add(words[1]);
    }
    assertEquals(Set.of("[ASK:paths-not-looked-up]"), Set.copyOf(of(said, "ana_hung_verdicts")));
    assertEquals(Set.of("[NONE:]"), Set.copyOf(of(said, "ana_quiet_verdicts")));
    assertTrue(least(said, "ana_hung_p50") < 250_000, "ana waits for longer than her budget");
    long quiet = least(said, "ben_quiet_p99");
    long hung = least(said, "ben_hung_p99");
    assertTrue(
        hung <= Math.max(20_000, 2 * quiet), "ben waits %d µs, before %d".formatted(hung, quiet));
    assertTrue(Integer.parseInt(of(said, "threads").getFirst()) <= 2 * PathLookups.PER_ACCOUNT);
    assertEquals(List.of("1"), of(said, "alarms"));
    assertEquals(List.of("notes.txt"), of(said, "resolver_found"));
    assertEquals(List.of("true"), of(said, "resolver_ended"));
  }

  private static List<String> of(Map<String, List<String>> said, String name) {
    return said.getOrDefault(name, List.of());
  }

  /// Of the rounds the best: the rest of the machine is busy too.
  private static long least(Map<String, List<String>> said, String name) {
    return of(said, name).stream().mapToLong(Long::parseLong).min().orElseThrow();
  }

  private static String helper() {
    return Path.of("src/test/resources/files/hung_mount.py").toAbsolutePath().toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
