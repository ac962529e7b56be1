package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnosticsCommandTest {
  private static final String AWS = "AKIA" + "QWERTYUIOPASDFGH";
  private static final String TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
  private static final String PASSWORD = "s3cr3t-Passw0rd-of-git";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path home;

  @BeforeEach
  void plant() throws IOException {
    write(
        "config/skillwarden.yaml",
        "sync:\n  remote: https://dev:" + PASSWORD + "@git.example.com/s.git\n");
    write("config/conf.d/10-own.yaml", "# token " + TOKEN + "\n");
    write("config/policy.yaml", "version: 1 # " + AWS + "\n");
    write(
        "log/daemon.log",
        "an old line\nfailed with "
            + AWS
            + "\nfetch of https://dev:"
            + PASSWORD
            + "@git.example.com\n");
    write("journal/device.json", "{\"private\":\"KEY-OF-THE-DEVICE\"}");
    write("repo.git/body.md", "BODY-OF-A-SKILL");
  }

  private void write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private record Ran(int code, String out, String err) {}

  private Ran run(String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of("diagnostics", "--home", home.toString()));
    arguments.addAll(List.of(more));
    int code =
        Main.run(
            arguments.toArray(String[]::new),
            new PrintWriter(out, true),
            new PrintWriter(err, true));
    return new Ran(code, out.toString(), err.toString());
  }

  private static Map<String, String> read(Path zip) throws IOException {
    Map<String, String> parts = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        parts.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return parts;
  }

  @Test
  void tellsNoSecretAndNothingThatIsNotOnItsList() throws IOException {
    Path zip = home.resolve("support.zip");
    Ran ran = run("--out", zip.toString(), "--log-lines", "2");
    assertEquals(0, ran.code(), ran.err());
    Map<String, String> parts = read(zip);
    assertEquals(
        Set.of(
            "about.json",
            "doctor.json",
            "status.json",
            "journal-stats.json",
            "journal-verify.txt",
            "config/skillwarden.yaml",
            "config/conf.d/10-own.yaml",
            "config/policy.yaml",
            "log.txt"),
        parts.keySet());
    String all = String.join("\n", parts.values());
    for (String secret : List.of(AWS, TOKEN, PASSWORD, "KEY-OF-THE-DEVICE", "BODY-OF-A-SKILL")) {
      assertFalse(all.contains(secret), secret + " is told:\n" + all);
    }
    assertFalse(all.contains("an old line"), "more of the log than was asked for");
    assertTrue(
        parts.getOrDefault("log.txt", "").contains("failed with [redacted:"),
        parts.getOrDefault("log.txt", ""));
    assertTrue(
        parts.getOrDefault("config/skillwarden.yaml", "").contains("git.example.com"),
        "the rest stays");
    assertTrue(
        parts.getOrDefault("doctor.json", "").contains("DAEMON_DOWN"),
        parts.getOrDefault("doctor.json", ""));
    parts.keySet().forEach(name -> assertTrue(ran.out().contains(name), "not said: " + name));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(zip)));
  }

  @Test
  void whatIsThereIsNotReplaced() throws IOException {
    Path zip = home.resolve("support.zip");
    byte[] before = {1, 2, 3};
    Files.write(zip, before);
    Ran ran = run("--out", zip.toString());
    assertEquals(2, ran.code());
    assertTrue(ran.err().contains("is there already"), ran.err());
    assertArrayEquals(before, Files.readAllBytes(zip));
    assertEquals(2, run("--log-lines", "-1").code());
  }
}
