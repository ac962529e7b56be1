package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
  private static final int KILLS = 20;

  @TempDir Path temp;

  private Path directory() {
    return temp.resolve("journal");
  }

  /// What the child needs: the launcher of the tests may load classes from its own list.
  private static String classPath() {
    if (KillTest.class.getClassLoader() instanceof URLClassLoader loader) {
      return Stream.of(loader.getURLs())
          .map(url -> Path.of(URI.create(url.toString())).toString())
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path");
  }

  /// The child runs with the flags this process was given.
  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--") || flag.startsWith("-Dchronicle")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp"));
    command.add(classPath());
    command.add(AppendUntilKilled.class.getName());
    command.add(directory().toString());
    return new ProcessBuilder(command).redirectError(temp.resolve("err").toFile()).start();
  }

  /// @return the last number the child printed, so the last one it was sure of
  private long acknowledgedBeforeKill(int acknowledgements) throws Exception {
    Process child = start();
    long last = 0;
    try (BufferedReader out = child.inputReader()) {
      String line = out.readLine();
      for (int i = 1; line != null; i++) {
        last = Long.parseLong(line);
        if (i == acknowledgements) {
          child.destroyForcibly();
        }
        line = lineOrEnd(out);
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    return last;
  }

  private String errors() throws IOException {
    return Files.readString(temp.resolve("err"));
  }

  /// A pipe of a killed process may end in an error instead of an end of file.
  private static @Nullable String lineOrEnd(BufferedReader out) {
    try {
      return out.readLine();
    } catch (IOException e) {
      return null;
    }
  }

  @Test
  void noAcknowledgedEntryIsLostByKills() throws Exception {
    long acknowledged = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      long last = acknowledgedBeforeKill(1 + kill * 7);
      assertTrue(last > acknowledged, "child " + kill + ": " + errors());
      acknowledged = last;
      List<Long> numbers = new ArrayList<>();
      ReadReport report =
          JournalReader.open(directory())
              .forEach(JournalFilter.ALL, stored -> numbers.add(stored.seq()));
      assertTrue(report.clean(), report.toString());
      assertEquals(LongStream.range(0, numbers.size()).boxed().toList(), numbers);
      assertTrue(numbers.size() > acknowledged, numbers.size() + " of " + acknowledged);
    }
  }

  @Test
  void anotherProcessIsNamedWhenItHasTheJournal() throws Exception {
    Process child = start();
    try (BufferedReader out = child.inputReader()) {
      assertEquals("1", out.readLine(), errors());
      IOException e =
          assertThrows(
              IOException.class, () -> ChronicleJournal.open(JournalConfig.defaults(directory())));
      assertTrue(
          String.valueOf(e.getMessage()).contains("in use by process " + child.pid()),
          e.getMessage());
    } finally {
      child.destroyForcibly().waitFor();
    }
    try (ChronicleJournal journal = ChronicleJournal.open(JournalConfig.defaults(directory()))) {
      assertTrue(journal.lastSeq() >= 1);
    }
  }
}
