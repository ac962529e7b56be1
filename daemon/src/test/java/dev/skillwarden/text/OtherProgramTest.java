package dev.skillwarden.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherProgramTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  private OtherProgram shell(String script) {
    return new OtherProgram(
        List.of("/bin/sh", "-c", script), Map.of("PATH", "/usr/bin:/bin", "ONE", "1"), directory);
  }

  @Test
  void getsNothingButWhatItIsGiven() throws Exception {
    OtherProgram.End end =
        shell("echo \"$ONE $HOME\"; pwd; echo no >&2; exit 3").run(Duration.ofSeconds(10));
    assertEquals(
        new OtherProgram.End(true, 3, "1 \n" + directory.toRealPath() + "\n", "no\n"), end);
    assertFalse(end.wentWell());
    Path input = Files.writeString(directory.resolve("in"), "text");
    assertEquals("text", shell("cat").reading(input).run(Duration.ofSeconds(10)).out());
  }

  @Test
  void itsTimeIsBoundedAndWhatItStartedEndsWithIt() throws Exception {
    OtherProgram.End end = shell("sleep 60 & echo $! > child; wait").run(Duration.ofMillis(500));
    assertFalse(end.finished());
    long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
    assertTrue(
        ProcessHandle.of(child).map(p -> !p.isAlive()).orElse(true), "left running: " + child);
  }
}
