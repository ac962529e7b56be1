package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The thread, with real time and a real connection.
@Timeout(60)
class UploadWorkerTest {
  @TempDir Path temp;

  private TestJournal journal;

  @BeforeEach
  void open() throws IOException {
    journal = new TestJournal(temp.resolve("journal"));
  }

  private UploadWorker worker(URI url) throws IOException {
    Path headers = Files.writeString(temp.resolve("headers"), "X-Token: secret\n");
    Files.setPosixFilePermissions(headers, PosixFilePermissions.fromString("rw-------"));
    UploadConfig config =
        new UploadConfig(
            url,
            UploadConfig.Protocol.JSON,
            Duration.ofHours(24),
            UploadConfig.Receipt.RESPONSE,
            Optional.empty(),
            durable,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(headers),
            false);
    UploadWorker worker =
        UploadWorker.of(
            config,
            temp.resolve("upload"),
            temp.resolve("journal"),
            journal::newest,
            journal::newest,
            journal,
            () -> "id",
            "daemon",
            "1",
            InstantSource.system());
    Thread.ofPlatform().daemon().start(worker::run);
    return worker;
  }

  private boolean durable;

  private static void await(ChaosReceiver receiver, int records) throws InterruptedException {
    while (receiver.received.size() < records) {
      Thread.sleep(10);
    }
  }

  @Test
  void sendsDenialsAtOnceAndTheRestWhenAskedOrStopped() throws Exception {
    try (ChaosReceiver receiver = new ChaosReceiver(10)) {
      journal.tools(3);
      UploadWorker worker = worker(receiver.url());
      Thread.sleep(100);
      assertEquals(0, receiver.received.size());
      journal.add("tool", "deny", TestJournal.NOON, Map.of());
      worker.denied();
      await(receiver, 5);
      journal.tools(2);
      assertTrue(worker.now(Duration.ofSeconds(20)));
      assertEquals(7, receiver.received.size());
      journal.tools(2);
      worker.close();
      assertEquals(9, receiver.received.size());
      assertEquals(9, worker.status().acknowledged());
    }
  }

  /// Without `durable` an answer is all there can be; with it, the receipt.
  @Test
  void deliversARecordAndSaysWhyNot() throws Exception {
    try (ChaosReceiver receiver = new ChaosReceiver(10)) {
      journal.tools(3);
      UploadWorker worker = worker(receiver.url());
      assertEquals(Optional.empty(), worker.deliver(2, Duration.ofSeconds(20)));
      assertEquals(-1, worker.status().covered());
      worker.close();
      durable = true;
      UploadWorker strict = worker(receiver.url());
      journal.tools(1);
      assertEquals(Optional.empty(), strict.deliver(3, Duration.ofSeconds(20)));
      assertTrue(strict.status().covered() >= 3);
      strict.close();
    }
    UploadWorker away = worker(URI.create("http://127.0.0.1:1/"));
    journal.tools(1);
    assertFalse(away.deliver(4, Duration.ofSeconds(20)).orElse("").isEmpty());
    away.close();
  }

  @Test
  void aStopDoesNotWaitForAReceiverThatIsAway() throws Exception {
    journal.tools(3);
    UploadWorker worker = worker(URI.create("http://127.0.0.1:1/"));
    assertFalse(worker.now(Duration.ofSeconds(20)));
    assertFalse(worker.status().problem().isEmpty());
    long began = System.nanoTime();
    worker.close();
    assertTrue(Duration.ofNanos(System.nanoTime() - began).toMillis() < 1_500);
  }

  @Test
  void aStopWaitsTwoSecondsForOneThatHangs() throws Exception {
    try (ChaosReceiver receiver = new ChaosReceiver(20_000)) {
      receiver.script.add(ChaosReceiver.Behaviour.DELAY);
      journal.tools(3);
      UploadWorker worker = worker(receiver.url());
      Thread.sleep(100);
      long began = System.nanoTime();
      worker.close();
      long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
      assertTrue(millis >= 1_900 && millis < 10_000, millis + " ms");
      assertEquals(-1, worker.status().acknowledged());
    }
  }
}
