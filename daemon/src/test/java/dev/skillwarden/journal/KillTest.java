package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.verify.Finding;
import dev.skillwarden.journal.verify.Verdict;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that appends, at random moments, and sometimes destroys the end of what it
/// wrote, as a power cut may. What was acknowledged is there, but for what was destroyed; that is
/// on record.
///
/// `-Dskillwarden.kills=1000` for a long run, `-Dskillwarden.seed=N` to repeat one.
class KillTest {
  private static final int KILLS = Integer.getInteger("skillwarden.kills", 50);
  private static final int KILLS_PER_JOURNAL = 25;
  private static final int SECTOR = 512;
  private static final int MOST_DESTROYED = 64 << 10;

  @TempDir Path temp;

  private KeyPair escrow;
  private Random random;
  private long seed;

  @BeforeEach
  void makeEscrowKey() throws Exception {
    escrow = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    Files.writeString(
        temp.resolve("escrow.pub"),
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(escrow.getPublic().getEncoded())));
    Files.writeString(
        temp.resolve("escrow.pem"),
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(escrow.getPrivate().getEncoded())));
    seed = Long.getLong("skillwarden.seed", System.nanoTime());
    random = new Random(seed);
  }

  private String errors() throws IOException {
    return "seed " + seed + ": " + Files.readString(temp.resolve("err"));
  }

  private Process start(Path directory, int kill) throws IOException {
    return Children.start(
        List.of(),
        temp.resolve("err"),
        AppendUntilKilled.class,
        directory.toString(),
        temp.resolve("escrow.pub").toString(),
        "k" + kill,
        String.valueOf(random.nextInt(5) == 0));
  }

  /// @return ids that were acknowledged
  private Set<String> appendAndKill(Path directory, int kill) throws Exception {
    Set<String> acknowledged = new HashSet<>();
    int wanted = 1 + random.nextInt(600);
    Process child = start(directory, kill);
    try (BufferedReader out = child.inputReader()) {
      for (String id = line(out); id != null; id = line(out)) {
        acknowledged.add(id);
        if (acknowledged.size() == wanted) {
          child.destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    // the last line may have been cut by the kill: it is no id, and nobody read it as one
    acknowledged.removeIf(id -> !id.matches("k\\d+-\\d-\\d+"));
    assertTrue(!acknowledged.isEmpty(), errors());
    return acknowledged;
  }

  /// A pipe of a killed process may end in an error instead of an end of file.
  private static @Nullable String line(BufferedReader out) {
    try {
      return out.readLine();
    } catch (IOException e) {
      return null;
    }
  }

  private static Set<String> readable(Path directory) throws IOException {
    Set<String> ids = new HashSet<>();
    JournalReader.open(directory)
        .forEach(
            JournalFilter.ALL,
            stored -> {
              if (Entries.ofCaller(stored)) {
                ids.add(stored.entry().id());
              }
            });
    return ids;
  }

  /// @return ids that cannot be read any more
  private Set<String> destroyTheEnd(Path directory) throws IOException {
    Set<String> before = readable(directory);
    Path newest = JournalReader.files(directory).getLast();
    long end = new QueueFile(newest).read(0, line -> {});
    long from = end - 1 - random.nextInt((int) Math.min(MOST_DESTROYED, end - 1));
    from -= from % SECTOR;
    try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
      if (random.nextBoolean()) {
        channel.truncate(from);
      } else {
        channel.write(ByteBuffer.allocate((int) (end - from)), from);
      }
    }
    before.removeAll(readable(directory));
    return before;
  }

  @Test
  void noAcknowledgedEntryIsLostByKills() throws Exception {
    int destroyed = 0;
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; ) {
      Path directory = temp.resolve("journal-" + kill);
      Set<String> expected = new HashSet<>();
      boolean damaged = false;
      for (int i = 0; i < KILLS_PER_JOURNAL && kill < KILLS; i++, kill++) {
        Set<String> appended = appendAndKill(directory, kill);
        acknowledged += appended.size();
        expected.addAll(appended);
        Set<String> missing = new HashSet<>(expected);
        missing.removeAll(readable(directory));
        assertEquals(Set.of(), missing, "kill " + kill + ", " + errors());
        if (random.nextInt(3) == 0) {
          expected.removeAll(destroyTheEnd(directory));
          damaged = true;
          destroyed++;
        }
        requireSoundBut(directory, damaged);
      }
    }
    System.out.printf(
        "%d kills, %d entries acknowledged, the end destroyed after %d, seed %d%n",
        KILLS, acknowledged, destroyed, seed);
  }

  /// Such a failure depends on the moment of the kill: the journal is the only way to look into it.
  private static void keep(Path directory) throws IOException {
    Path kept = Files.createDirectories(Path.of("target", "kill-test"));
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, kept.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /// What was destroyed is found; apart from that the chain, the ratchet and the checkpoints hold.
  private void requireSoundBut(Path directory, boolean damaged) throws Exception {
    Verdict verdict = Verifying.verify(directory, temp.resolve("escrow.pem"));
    Set<Finding.Kind> allowed = damaged ? Verifying.DESTROYED_END : Set.of();
    for (Finding finding : verdict.findings()) {
      if (!allowed.contains(finding.kind())) {
        keep(directory);
      }
      assertTrue(allowed.contains(finding.kind()), finding + " " + errors());
    }
  }

  @Test
  void anotherProcessIsNamedWhenItHasTheJournal() throws Exception {
    Path directory = temp.resolve("journal");
    Process child = start(directory, 0);
    try (BufferedReader out = child.inputReader()) {
      assertTrue(String.valueOf(out.readLine()).startsWith("k0-"), errors());
      IOException e =
          assertThrows(
              IOException.class, () -> ChronicleJournal.open(JournalConfig.defaults(directory)));
      assertTrue(
          String.valueOf(e.getMessage()).contains("in use by process " + child.pid()),
          e.getMessage());
    } finally {
      child.destroyForcibly().waitFor();
    }
    try (ChronicleJournal journal =
        ChronicleJournal.open(AppendUntilKilled.config(directory, temp.resolve("escrow.pub")))) {
      assertTrue(journal.lastSeq() >= 1);
    }
  }
}
