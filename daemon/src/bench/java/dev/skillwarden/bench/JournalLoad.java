package dev.skillwarden.bench;

import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Appends to a fresh journal: at a low rate from one thread for the time of one append, then as
/// fast as it goes from several for what it takes in a second. Once with the ratchet and once
/// without.
public final class JournalLoad {
  private static final int PACED = 20_000;
  private static final Duration BETWEEN = Duration.ofNanos(500_000);
  private static final int THREADS = 64;
  private static final Duration SUSTAINED = Duration.ofSeconds(10);

  private JournalLoad() {}

  /// Argument: a directory to work in.
  public static void main(String[] args) throws Exception {
    Path work = Path.of(args[0]);
    for (int round = 0; round < 2; round++) {
      run(work.resolve("warm-" + round), true, false);
    }
    baseline(false);
    tell("hand-off alone", baseline(true), "");
    run(work.resolve("plain"), false, true);
    run(work.resolve("ratchet"), true, true);
    forced(work.resolve("forced"));
  }

  private static void run(Path directory, boolean ratchet, boolean tell) throws Exception {
    JournalConfig defaults = JournalConfig.defaults(directory);
    JournalConfig config =
        new JournalConfig(
            directory,
            defaults.minFreeBytes(),
            defaults.syncInterval(),
            defaults.appendTimeout(),
            defaults.maxWaiting(),
            ratchet ? defaults.sealing().sealedTo(escrow()) : defaults.sealing(),
            new JournalConfig.Space(8L << 30, 100, Duration.ZERO));
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      long[] nanos = paced(journal, tell ? PACED : PACED / 4);
      double rate = sustained(journal, tell ? SUSTAINED : Duration.ofSeconds(3));
      if (tell) {
        tell(ratchet ? "chain and ratchet" : "chain", nanos, "; sustained %.0f/s".formatted(rate));
      }
    }
  }

  /// Each entry on the disk before it is acknowledged, one caller.
  private static void forced(Path directory) throws Exception {
    JournalConfig defaults = JournalConfig.defaults(directory);
    JournalConfig config =
        new JournalConfig(
            directory,
            defaults.minFreeBytes(),
            Duration.ZERO,
            Duration.ofSeconds(60),
            defaults.maxWaiting(),
            defaults.sealing().sealedTo(escrow()),
            new JournalConfig.Space(8L << 30, 100, Duration.ZERO));
    long[] nanos = new long[1000];
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        journal.append(entry(i));
        nanos[i] = System.nanoTime() - start;
      }
    }
    tell("chain and ratchet, fsync each", nanos, "");
  }

  private static void tell(String what, long[] nanos, String more) {
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%s: p50 %.1f us, p95 %.1f us, p99 %.1f us, p99.9 %.1f us%s%n",
        what,
        at(nanos, .5),
        at(nanos, .95),
        at(nanos, .99),
        at(nanos, .999),
        more);
  }

  private static long[] baseline(boolean whole) throws Exception {
    BlockingQueue<CountDownLatch> waiting = new ArrayBlockingQueue<>(64);
    Thread other =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                while (true) {
                  waiting.take().countDown();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    long[] nanos = new long[whole ? PACED : PACED / 4];
    long due = System.nanoTime();
    for (int i = 0; i < nanos.length; i++) {
      due += BETWEEN.toNanos();
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      CountDownLatch answer = new CountDownLatch(1);
      long start = System.nanoTime();
      waiting.put(answer);
      answer.await();
      nanos[i] = System.nanoTime() - start;
    }
    other.interrupt();
    return nanos;
  }

  private static double at(long[] sorted, double part) {
    return sorted[(int) (sorted.length * part)] / 1000.0;
  }

  private static Hpke.Recipient escrow() throws Exception {
    byte[] key = KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic().getEncoded();
    return Hpke.Recipient.parse(
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getEncoder().encodeToString(key)
            + "\n-----END PUBLIC KEY-----\n");
  }

  private static long[] paced(ChronicleJournal journal, int count) throws IOException {
    long[] nanos = new long[count];
    long due = System.nanoTime();
    for (int i = 0; i < count; i++) {
      due += BETWEEN.toNanos();
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      JournalEntry entry = entry(i);
      long start = System.nanoTime();
      journal.append(entry);
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  private static double sustained(ChronicleJournal journal, Duration time) throws Exception {
    AtomicLong done = new AtomicLong();
    long start = System.nanoTime();
    long end = start + time.toNanos();
    CountDownLatch finished = new CountDownLatch(THREADS);
    for (int thread = 0; thread < THREADS; thread++) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int i = 0; System.nanoTime() < end; i++) {
                journal.append(entry(i));
                done.incrementAndGet();
              }
            } catch (IOException e) {
              e.printStackTrace();
            } finally {
              finished.countDown();
            }
          });
    }
    finished.await();
    return done.get() * 1e9 / (System.nanoTime() - start);
  }

  /// An entry as a tool call makes it.
  private static JournalEntry entry(int number) {
    return JournalEntry.of(Instant.now(), "d-" + number, JournalEntry.Kind.TOOL, "alice")
        .call("0b6f3c62-7e0f-4be0-9a56-5d1b6c1e52aa", "Bash", "toolu_01" + number)
        .decision("none", "", "")
        .command(
            "cd services/billing && mvn -q -Dtest=InvoiceTest test 2>&1 | tail -n 40",
            List.of("/home/alice/src/services/billing/target"))
        .under("7", "9fceb02d0ae598e95dc970b74767f19372d61af8")
        .took(Duration.ofNanos(84_000))
        .build();
  }
}
