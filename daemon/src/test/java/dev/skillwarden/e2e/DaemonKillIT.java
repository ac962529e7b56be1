package dev.skillwarden.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.http.ControlClient;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// What the daemon has answered is in the journal, however the daemon ends.
class DaemonKillIT {
  private static final int KILLS = 20;
  private static final int CALLERS = 4;

  @Test
  void twentyKillsInABurstLoseNoAcknowledgedDecision() throws Exception {
    Path home = Files.createTempDirectory(Path.of("/tmp"), "sw-kill");
    try {
      Files.createDirectories(home.resolve("config"));
      Files.writeString(
          home.resolve("config/skillwarden.yaml"), "server:\n  port: 0\nsearch:\n  model: false\n");
      Set<String> acknowledged = ConcurrentHashMap.newKeySet();
      for (int round = 0; round < KILLS; round++) {
        burstThenKill(home, round, acknowledged);
      }
      Set<String> journaled = new HashSet<>();
      JournalReader.open(home.resolve("journal"))
          .forEach(
              JournalFilter.ALL,
              stored -> {
                if (stored.entry().kind() == JournalEntry.Kind.TOOL) {
                  journaled.add(stored.entry().toolUseId());
                }
              });
      Set<String> lost = new HashSet<>(acknowledged);
      lost.removeAll(journaled);
      System.out.printf(
          "%d kills: %d decisions acknowledged, %d lost%n",
          KILLS, acknowledged.size(), lost.size());
      assertEquals(Set.of(), lost);
      assertTrue(
          acknowledged.size() > KILLS * 10, "too few calls for a burst: " + acknowledged.size());
    } finally {
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void burstThenKill(Path home, int round, Set<String> acknowledged)
      throws Exception {
    Process daemon =
        new ProcessBuilder(
                Installed.packaged().resolve("bin/skillwarden").toString(),
                "start",
                "--foreground",
                "--home",
                home.toString())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log.txt").toFile())
            .start();
    try {
      ControlClient client = new ControlClient(home.resolve("run/control.sock"));
      awaitLive(client, daemon, home);
      List<Thread> callers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        String prefix = round + "-" + caller + "-";
        callers.add(Thread.ofVirtual().start(() -> callUntilGone(client, prefix, acknowledged)));
      }
      Thread.sleep(150 + round * 17L); // a different moment each time
      daemon.destroyForcibly().waitFor();
      for (Thread caller : callers) {
        caller.join();
      }
    } finally {
      daemon.destroyForcibly();
    }
  }

  private static void awaitLive(ControlClient client, Process daemon, Path home) throws Exception {
    for (int i = 0; i < 600; i++) {
      try {
        if (client.get("/health/live").status() == 200) {
          return;
        }
      } catch (ControlClient.ControlException e) {
        if (!daemon.isAlive()) {
          throw new IOException(
              "the daemon ended: " + Files.readString(home.resolve("log.txt")), e);
        }
      }
      Thread.sleep(25);
    }
    throw new IOException("the daemon did not start: " + Files.readString(home.resolve("log.txt")));
  }

  private static void callUntilGone(ControlClient client, String prefix, Set<String> acknowledged) {
    try {
      for (int i = 0; ; i++) {
        String id = prefix + i;
        ObjectNode call =
            Json.object()
                .put("hook_event_name", "PreToolUse")
                .put("session_id", "kill")
                .put("tool_use_id", id)
                .put("cwd", "/tmp")
                .put("tool_name", "Bash");
        call.set("tool_input", Json.object().put("command", "ls -la"));
        if (client.post("/v1/hooks/claude-code", call).body().isEmpty()) {
          acknowledged.add(id);
        }
      }
    } catch (ControlClient.ControlException e) {
      // the daemon is gone: what it had not answered does not count
    }
  }
}
