package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.upload.ChaosReceiver.Behaviour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Everything that was journaled arrives or lies in a dead letter, whatever the receiver does.
class ChaosReceiverTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int RECORDS = 400;

  @TempDir Path temp;

  private Path home;
  private TestJournal journal;
  private Instant now = Instant.parse("2026-11-21T00:00:00Z");

  @BeforeEach
  void open() throws IOException {
    home = Files.createDirectory(temp.resolve("upload"));
    journal = new TestJournal(temp.resolve("journal"));
  }

  private Uploader uploader(UploadConfig config, HttpTransport transport, int seed) {
    Uploader.Surroundings around =
        new Uploader.Surroundings(
            config,
            home,
            new Journal(temp.resolve("journal")),
            journal::newest,
            journal::newest,
            transport,
            transport,
            journal,
            () -> "id",
            "daemon",
            "1",
            () -> now);
    return new Uploader(around, new PowerSupply(temp.resolve("power")), new Random(seed));
  }

  @ParameterizedTest
  @EnumSource(UploadConfig.Protocol.class)
  void nothingIsLost(UploadConfig.Protocol protocol) throws Exception {
    Path headers = Files.writeString(temp.resolve("headers"), "X-Token: secret\n");
    Files.setPosixFilePermissions(headers, PosixFilePermissions.fromString("rw-------"));
    List<Behaviour> script = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      script.addAll(EnumSet.allOf(Behaviour.class));
    }
    Collections.shuffle(script, new Random(11));
    try (ChaosReceiver receiver = new ChaosReceiver((int) TIMEOUT.toMillis() * 2)) {
      receiver.script.addAll(script);
      UploadConfig config =
          new UploadConfig(
              receiver.url(),
              protocol,
              Duration.ofMinutes(5),
              UploadConfig.Receipt.RESPONSE,
              Optional.empty(),
              true,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(headers),
              false);
      try (HttpTransport transport = new HttpTransport(config, TIMEOUT)) {
        run(config, transport, receiver);
      }
      assertEquals(List.of(), receiver.defects);
      assertEquals(EnumSet.allOf(Behaviour.class), EnumSet.copyOf(receiver.seen.keySet()));
      Set<String> wanted = new TreeSet<>(journal.lines());
      Set<String> got = new TreeSet<>(receiver.received.values());
      got.addAll(deadLetters());
      assertEquals(wanted, got);
    }
  }

  private void run(UploadConfig config, HttpTransport transport, ChaosReceiver receiver)
      throws IOException, InterruptedException, InvalidTextException {
    Uploader uploader = uploader(config, transport, 0);
    Random random = new Random(3);
    for (int step = 0; step < 20_000; step++) {
      if (journal.newest() < RECORDS && random.nextInt(4) == 0) {
        journal.tools(1 + random.nextInt(20));
        journal.add("tool", "deny", now, java.util.Map.of());
        uploader.denied();
      }
      if (step % 40 == 39) {
        uploader = uploader(config, transport, step); // as after a kill
      }
      now = now.plus(uploader.step());
      checkCursor(receiver);
      if (receiver.script.isEmpty()
          && journal.newest() >= RECORDS
          && uploader.status().acknowledged() == journal.newest()) {
        return;
      }
    }
    throw new AssertionError("it does not come to an end: " + uploader.status());
  }

  /// The cursor is behind what the receiver had the last word on.
  private void checkCursor(ChaosReceiver receiver) throws IOException {
    long cursor = Cursor.read(home).map(Cursor::seq).orElse(0L);
    for (long seq = 1; seq <= cursor; seq++) {
      assertTrue(receiver.settled.contains(seq), "cursor " + cursor + ", but not " + seq);
    }
  }

  private List<String> deadLetters() throws IOException, InvalidTextException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(home)) {
      for (Path file : files.filter(f -> f.toString().contains("rejected-")).toList()) {
        for (JsonNode line : Json.parse(file.toString(), Files.readAllBytes(file)).path("lines")) {
          lines.add(line.asString(""));
        }
      }
    }
    return lines;
  }
}
