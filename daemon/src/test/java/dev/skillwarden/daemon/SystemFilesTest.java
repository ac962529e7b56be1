package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@org.jspecify.annotations.NullUnmarked // fields are set before each test
class SystemFilesTest {
  @TempDir private Path directory;
  private Home home;
  private int me;

  @BeforeEach
  void configuration() throws IOException {
    home = Home.system(directory);
    Files.createDirectories(home.configDropIns());
    Files.writeString(home.policyFile(), "version: 1\n");
    me = (Integer) Files.getAttribute(directory, "unix:uid");
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root"); // only root gives files away
  }

  private List<String> problems() throws IOException {
    return SystemFiles.problems(home, trusted());
  }

  private Set<Integer> trusted() {
    return me == 0 ? Set.of(0) : Set.of(0, me);
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  @Test
  void whatOnlyItsOwnerCanWriteIsAsItShouldBe() throws IOException {
    assertEquals(List.of(), problems());
  }

  @Test
  void aFileADropInOrADirectoryThatOthersCanWriteIsNamed() throws IOException {
    mode(home.policyFile(), "rw-rw-r--");
    Path dropIn = Files.writeString(home.configDropIns().resolve("10.yaml"), "log: {}\n");
    mode(dropIn, "rw-r--rw-");
    mode(directory.resolve("etc"), "rwxrwxrwx");
    List<String> found = problems();
    assertEquals(3, found.size(), found.toString());
    assertTrue(found.stream().anyMatch(p -> p.contains("chmod go-w " + dropIn)), found.toString());
  }

  @Test
  @EnabledIf("isRoot")
  void aFileOfAnotherAccountIsNamed() throws IOException {
    Files.setAttribute(home.policyFile(), "unix:uid", 4711);
    assertEquals(
        List.of(
            "%s belongs to the account with number 4711; it must belong to root: chown root %s"
                .formatted(home.policyFile(), home.policyFile())),
        problems());
  }

  /// Such as the keys that sign elevations.
  @Test
  void anotherFileIsLookedAtWithTheDirectoriesAboveIt() throws IOException {
    Path keys = Files.createDirectories(directory.resolve("keys")).resolve("elevation.pub");
    Files.writeString(keys, "a key\n");
    assertEquals(List.of(), SystemFiles.problems(keys, trusted()));
    mode(keys, "rw-rw-r--");
    mode(keys.getParent(), "rwxrwxr-x");
    assertEquals(2, SystemFiles.problems(keys, trusted()).size());
  }
}
