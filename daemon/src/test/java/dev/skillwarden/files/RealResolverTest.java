package dev.skillwarden.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The built resolver. What needs other accounts needs root.
@Timeout(120)
class RealResolverTest {
  @TempDir Path temp;
  private Path binary = Path.of("/");
  private Path home = Path.of("/");

  @BeforeEach
  void build() throws Exception {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    binary = RealResolver.build(temp);
  }

  private void makeHome() throws Exception {
    RealResolver.needsRoot();
    home = RealResolver.directory(temp.toRealPath().resolve("ana"), RealResolver.ANA, "rwx------");
    Path project = RealResolver.directory(home.resolve("project"), RealResolver.ANA, "rwxr-xr-x");
    Files.writeString(home.resolve(".bashrc"), "the content of a closed file");
    Files.createLink(project.resolve("hard"), home.resolve(".bashrc"));
    Files.createSymbolicLink(project.resolve("soft"), Path.of("../.bashrc"));
    Files.createSymbolicLink(project.resolve("out"), Path.of("/etc"));
    Files.createSymbolicLink(project.resolve("ünïcode"), Path.of("out/passwd"));
  }

  /// As the daemon would: an account of its own, without any capability, classes where it may read
  /// them.
  private List<String> look(String socket, int caller, String... questions) throws Exception {
    Path classes = temp.resolve("classes");
    if (!Files.exists(classes)) {
      for (String tree : List.of("target/classes", "target/test-classes")) {
        for (String name : List.of("files", "effect", "shell")) {
          copy(Path.of(tree, "dev/skillwarden", name), classes.resolve("dev/skillwarden/" + name));
        }
      }
    }
    List<String> command = new ArrayList<>(RealResolver.as(RealResolver.DAEMON, ""));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classes.toString(),
            LookupProgram.class.getName(),
            socket,
            Integer.toString(caller),
            home.toString()));
    command.addAll(Arrays.asList(questions));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(temp.resolve("errors").toFile())
            .directory(Path.of("/").toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    List<String> lines = process.inputReader().readAllLines();
    assertEquals(0, process.waitFor(), Files.readString(temp.resolve("errors")));
    return lines;
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  @Test
  void itsFilterLetsNoFileBeOpened() throws Exception {
    assertTrue(RealResolver.works(binary.toString(), "--self-test"));
    assertTrue(RealResolver.works(binary.toString(), "--help"));
    assertTrue(RealResolver.works(binary.toString(), "--version"));
  }

  @Test
  void linksInAClosedHomeAreResolvedForItsOwner() throws Exception {
    makeHome();
    try (RealResolver resolver = RealResolver.start(binary, temp, RealResolver.DAEMON)) {
      assertEquals(
          List.of(
              home + "/.bashrc",
              "/etc/passwd",
              "/etc/passwd",
              home + "/.bashrc",
              home + "/project/new/file",
              "0 alarms"),
          look(
              resolver.socket().toString(),
              RealResolver.ANA,
              "resolve",
              home + "/project/soft",
              "resolve",
              home + "/project/out/passwd",
              "resolve",
              home + "/project/ünïcode",
              "same",
              home + "/project/hard",
              home + "/.bashrc",
              "resolve",
              home + "/project/new/file"));
    }
  }

  /// Another account cannot get there, so the path is as he wrote it, and he learns nothing.
  @Test
  void anotherAccountLearnsNothingOfAClosedHome() throws Exception {
    makeHome();
    try (RealResolver resolver = RealResolver.start(binary, temp, RealResolver.DAEMON)) {
      assertEquals(
          List.of(home + "/project/soft", "0 alarms"),
          look(resolver.socket().toString(), RealResolver.BEN, "resolve", home + "/project/soft"));
    }
  }

  @Test
  void withoutItTheQuestionStaysOpen() throws Exception {
    makeHome();
    for (String socket : List.of("-", temp.resolve("none").toString())) {
      assertEquals(
          List.of(home + "/project/soft open", "1 alarms"),
          look(socket, RealResolver.ANA, "resolve", home + "/project/soft"));
    }
  }

  @Test
  void itServesItsPeerAlone() throws Exception {
    makeHome();
    try (RealResolver resolver = RealResolver.start(binary, temp, RealResolver.BEN)) {
      assertEquals(
          List.of(home + "/project/soft open", "1 alarms"),
          look(resolver.socket().toString(), RealResolver.ANA, "resolve", home + "/project/soft"));
    }
  }

  @Test
  void itHoldsOneCapabilityAndNoOtherRight() throws Exception {
    makeHome();
    try (RealResolver resolver = RealResolver.start(binary, temp, RealResolver.DAEMON)) {
      List<String> status =
          Files.readAllLines(Path.of("/proc/" + resolver.pid() + "/status")).stream()
              .filter(l -> l.matches("Cap.*|NoNewPrivs.*|Uid.*"))
              .map(l -> l.replace('\t', ' '))
              .toList();
      String one = "0000000000000004"; // CAP_DAC_READ_SEARCH is number 2
      String uid = Integer.toString(RealResolver.RESOLVER);
      assertEquals(
          List.of(
              "Uid: %s %s %s %s".formatted(uid, uid, uid, uid),
              "CapInh: 0000000000000000",
              "CapPrm: " + one,
              "CapEff: " + one,
              "CapBnd: " + one,
              "CapAmb: 0000000000000000",
              "NoNewPrivs: 1"),
          status);
      assertEquals(
          0,
          Files.getAttribute(
              Path.of("/proc/" + resolver.pid() + "/mem"), "unix:uid", LinkOption.NOFOLLOW_LINKS),
          "it can be looked into by others");
    }
  }

  /// Every request there is, and a few there are not, over one connection each.
  @Test
  void noRequestReadsAFile() throws Exception {
    makeHome();
    try (RealResolver resolver = RealResolver.start(binary, temp, 0)) {
      Path content = home.resolve(".bashrc");
      byte[] path = content.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      for (int version = 0; version < 4; version++) {
        for (int second = 0; second < 256; second += 15) {
          byte[] answer = exchange(resolver, version, second, path);
          boolean request = version == 1 && second == 0;
          assertEquals(request ? 32 : 0, answer.length);
          assertTrue(
              !new String(answer, java.nio.charset.StandardCharsets.ISO_8859_1)
                  .contains("content"));
        }
      }
      for (String bad :
          List.of("relative", "/a/../b", "/a/./b", "/a\0b", "/" + "x".repeat(4_095))) {
        assertEquals(
            0,
            exchange(resolver, 1, 0, bad.getBytes(java.nio.charset.StandardCharsets.UTF_8)).length,
            bad);
      }
    }
  }

  private static byte[] exchange(RealResolver resolver, int version, int second, byte[] path)
      throws IOException {
    try (java.nio.channels.SocketChannel open =
        java.nio.channels.SocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      open.connect(java.net.UnixDomainSocketAddress.of(resolver.socket()));
      open.write(
          java.nio.ByteBuffer.allocate(8 + path.length)
              .put((byte) version)
              .put((byte) second)
              .putShort((short) path.length)
              .putInt(RealResolver.ANA)
              .put(path)
              .flip());
      open.shutdownOutput();
      return java.nio.channels.Channels.newInputStream(open).readAllBytes();
    } catch (java.net.SocketException e) {
      return new byte[0]; // it had hung up before all was read
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).matches("(?i).*(reset|broken pipe).*")) {
        return new byte[0];
      }
      throw e;
    }
  }
}
