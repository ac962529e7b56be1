package dev.skillwarden.upload;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Sends the journal for as long as the daemon runs.
public final class UploadWorker implements AutoCloseable {
  /// Longest time a stop waits for what is unsent.
  static final Duration FLUSH = Duration.ofSeconds(2);

  private static final Duration GIVE_UP = Duration.ofMillis(500);
  private static final System.Logger LOG = System.getLogger(UploadWorker.class.getName());
  private static final String ENDPOINT = "endpoint.json";

  private final UploadConfig config;
  private final Uploader uploader;
  private final HttpTransport transport;
  private final LongSupplier appended;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean stopping;
  private volatile long deadline;
  private Optional<Thread> thread = Optional.empty();

  private UploadWorker(
      UploadConfig config, Uploader uploader, HttpTransport transport, LongSupplier appended) {
    this.config = config;
    this.uploader = uploader;
    this.transport = transport;
    this.appended = appended;
  }

  /// @param directory for its own files, created when missing
  /// @param journal directory of the journal
  /// @param newest number of the journal's last record that is on the disk
  /// @param appended number of its last record
  /// @param sink where its own entries go
  /// @param account that they are journaled for
  /// @param version of this program
  public static UploadWorker of(
      UploadConfig config,
      Path directory,
      Path journal,
      LongSupplier newest,
      LongSupplier appended,
      JournalSink sink,
      Supplier<String> ids,
      String account,
      String version,
      InstantSource clock) {
    HttpTransport transport = new HttpTransport(config, HttpTransport.REQUEST);
    Uploader.Surroundings around =
        new Uploader.Surroundings(
            config,
            directory,
            new Journal(journal),
            newest,
            appended,
            transport,
            transport,
            sink,
            ids,
            account,
            version,
            clock);
    return new UploadWorker(
        config,
        new Uploader(around, new PowerSupply(PowerSupply.STANDARD), new SecureRandom()),
        transport,
        appended);
  }

  /// Journals that the endpoint or the kind of receipt is another one than at the last start, or
  /// that nothing is sent any more.
  ///
  /// @param config empty when there is no endpoint
  public static void journalChange(
      Optional<UploadConfig> config,
      Path directory,
      JournalSink sink,
      Supplier<String> ids,
      String account,
      InstantSource clock)
      throws IOException {
    Path file = directory.resolve(ENDPOINT);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("endpoint", config.map(UploadConfig::shown).orElse(""));
    facts.put("receipt", config.map(c -> c.receipt().toString()).orElse(""));
    if (facts.equals(lastFacts(file))) {
      return;
    }
    sink.append(
        JournalEntry.of(clock.instant(), ids.get(), JournalEntry.Kind.UPLOAD_CONFIG, account)
            .facts(facts)
            .build());
    ObjectNode json = Json.object();
    facts.forEach(json::put);
    PrivateFiles.write(file, Json.write(json).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> lastFacts(Path file) throws IOException {
    try {
      JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
      return Map.of(
          "endpoint",
          json.path("endpoint").asString("?"),
          "receipt",
          json.path("receipt").asString("?"));
    } catch (NoSuchFileException e) {
      return Map.of("endpoint", "", "receipt", "");
    } catch (InvalidTextException e) {
      return Map.of(); // damaged: journaled once more
    }
  }

  /// Sends until the worker is closed, on the calling thread.
  public void run() {
    thread = Optional.of(Thread.currentThread());
    try {
      while (!stopping) {
        Duration pause = step();
        if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          wake.drainPermits();
        }
      }
      flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the daemon does not wait any longer
    }
  }

  /// A mistake in here must not end the upload for good.
  private Duration step() throws InterruptedException {
    try {
      return uploader.step();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "the upload failed and is tried again", e);
      return Uploader.LONGEST_PAUSE;
    }
  }

  /// What is unsent at the end is tried once, not against a receiver that asked for patience.
  private void flush() throws InterruptedException {
    if (Set.of("retrying", "refused").contains(uploader.status().state())) {
      return;
    }
    long target = appended.getAsLong();
    long failures = uploader.status().failures();
    while (System.nanoTime() < deadline
        && uploader.status().acknowledged() < target
        && uploader.status().failures() == failures) {
      uploader.ask(); // each time: more has come to the disk
      Duration pause = step();
      Thread.sleep(Math.min(pause.toMillis(), 50));
    }
  }

  /// A denial was journaled: it does not wait for the interval. Any thread.
  public void denied() {
    uploader.denied();
    wake.release();
  }

  /// Uploads now, and waits for what comes of it.
  ///
  /// @return whether all that was journaled before is sent
  public boolean now(Duration wait) throws InterruptedException {
    long target = appended.getAsLong();
    long failures = uploader.status().failures();
    long end = System.nanoTime() + wait.toNanos();
    while (System.nanoTime() < end
        && uploader.status().acknowledged() < target
        && uploader.status().failures() == failures) {
      uploader.ask(); // each time: more has come to the disk
      wake.release();
      Thread.sleep(100);
    }
    return uploader.status().acknowledged() >= target;
  }

  /// Uploads now, and waits until a record is under a receipt; where the configuration makes no
  /// receipts, until the receiver answered for it.
  ///
  /// @param seq number of the record
  /// @return why it did not arrive, empty when it did
  public Optional<String> deliver(long seq, Duration wait) throws InterruptedException {
    boolean receipts = config.receipt() == UploadConfig.Receipt.WITNESS || config.durable();
    long end = System.nanoTime() + wait.toNanos();
    boolean sent = now(wait);
    while (sent && receipts && uploader.status().covered() < seq && System.nanoTime() < end) {
      uploader.ask();
      wake.release();
      Thread.sleep(100);
    }
    if (sent && (!receipts || uploader.status().covered() >= seq)) {
      return Optional.empty();
    }
    String problem = uploader.status().problem();
    return Optional.of(
        problem.isEmpty()
            ? "no %s within %d s".formatted(sent ? "receipt" : "answer", wait.toSeconds())
            : problem);
  }

  public UploadStatus status() {
    return uploader.status();
  }

  /// What is wrong with the files it needs; they are looked at anew.
  public List<String> problems() {
    return UploadCheck.problems(config).stream().map(p -> "upload: " + p).toList();
  }

  /// What is proven to have arrived.
  public Receipts receipts() {
    return uploader.receipts();
  }

  /// Tries to send what is unsent, for [#FLUSH] at most.
  @Override
  public void close() {
    deadline = System.nanoTime() + FLUSH.toNanos();
    stopping = true;
    wake.release();
    try {
      if (thread.isPresent() && !thread.get().join(FLUSH)) {
        thread.get().interrupt();
        thread.get().join(GIVE_UP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
  }
}
