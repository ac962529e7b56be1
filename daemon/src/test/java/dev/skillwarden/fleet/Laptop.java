package dev.skillwarden.fleet;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// A journal of format 2 as a laptop sends it, made here from docs/journal.md and not by the writer
/// under test: records chained to each other, a checkpoint after every hundredth.
final class Laptop {
  private static final int CHECKPOINT_EVERY = 100;

  /// A record as it is collected.
  ///
  /// @param received by the collector's clock
  record Collected(
      String device,
      String install,
      String team,
      long seq,
      String hash,
      Instant received,
      String line) {
    Collected receivedAt(Instant time) {
      return new Collected(device, install, team, seq, hash, time, line);
    }

    /// As the table takes it.
    ObjectNode row() {
      return Json.object()
          .put("received", received.getEpochSecond())
          .put("device", device)
          .put("install", install)
          .put("team", team)
          .put("line", line);
    }
  }

  private final String device;
  private final String install;
  private final String team;
  private final List<Collected> sent = new ArrayList<>();
  private byte[] head = new byte[JournalFormat.HASH_BYTES];
  private long next;
  private Instant now;

  private Laptop(String device, String install, String team, Instant begin) {
    this.device = device;
    this.install = install;
    this.team = team;
    this.now = begin;
  }

  /// A journal with its genesis, begun at this time.
  static Laptop enrolled(String device, String install, String team, Instant begin) {
    Laptop laptop = new Laptop(device, install, team, begin.truncatedTo(ChronoUnit.SECONDS));
    laptop.chained(
        "enroll",
        Json.object().put("device", device).put("install", install).put("ratchet", "off"));
    return laptop;
  }

  /// The same journal as it is now, to go on from separately: what a restored backup is.
  Laptop copy() {
    Laptop copy = new Laptop(device, install, team, now);
    copy.sent.addAll(sent);
    copy.head = head.clone();
    copy.next = next;
    return copy;
  }

  List<Collected> sent() {
    return List.copyOf(sent);
  }

  Collected last() {
    return sent.getLast();
  }

  long size() {
    return next;
  }

  /// Records of everyday calls, one every `step` seconds, with checkpoints between them.
  Laptop works(int records, int step) {
    for (int i = 0; i < records; i++) {
      now = now.plusSeconds(step);
      if (next % CHECKPOINT_EVERY == 0) {
        checkpoint();
      } else {
        call();
      }
    }
    return this;
  }

  Laptop setsClock(long seconds) {
    now = now.plusSeconds(seconds);
    return this;
  }

  private void call() {
    boolean denied = next % 97 == 0;
    ObjectNode entry =
        entry("tool")
            .put("session", "c0ffee00-1111-4222-8333-%012d".formatted(next / 50))
            .put("tool", "Bash")
            .put("tool_use_id", "toolu_01%022d".formatted(next));
    entry
        .put("decision", denied ? "deny" : "none")
        .put("rule", denied ? "no-pipe-to-shell" : "default");
    if (denied) {
      entry.put("reason", "a download is piped into a shell");
    }
    entry
        .put(
            "command",
            "mvn -q -B test -Dtest=Order%dTest # \"kind\":\"stop\", C:\\tmp".formatted(next))
        .put("policy_version", "14")
        .put("catalog_commit", "9fdc83b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6")
        .put("duration_us", 180 + next % 400);
    chained(entry);
  }

  /// An invocation of a skill.
  Laptop invokes(String skill) {
    chained(
        entry("invoke")
            .put("session", "c0ffee")
            .put("skill", skill)
            .put("version", "2.1.0")
            .put("decision", "allow")
            .put("rule", "team"));
    return this;
  }

  Laptop checkpoint() {
    String note =
        "skillwarden/%s/%s\n%d\n%s\ntime %s\nwhy records\n\n\u2014 %s AAAAAA==\n"
            .formatted(
                device, install, next, Base64.getEncoder().encodeToString(head), now, device);
    chained("checkpoint", Json.object().put("note", note));
    return this;
  }

  /// Loses the last records, as after a power cut, and says so: the next number stays what it was.
  Laptop losesTail(int records) {
    Collected after = sent.get(sent.size() - 1 - records);
    head = HexFormat.of().parseHex(after.hash());
    chained(
        "journal-lost",
        Json.object()
            .put("from", Long.toString(after.seq() + 1))
            .put("to", Long.toString(next - 1))
            .put("count", Long.toString(records))
            .put("why", "tail")
            .put("after", Long.toString(after.seq()))
            .put("after_hash", after.hash()));
    return this;
  }

  private void chained(String kind, ObjectNode facts) {
    ObjectNode entry = entry(kind);
    entry.set("facts", facts);
    chained(entry);
  }

  private ObjectNode entry(String kind) {
    return Json.object()
        .put("v", JournalFormat.VERSION)
        .put("seq", next)
        .put("ts", now.toString().replace("Z", ".000000Z"))
        .put("id", "%08x".formatted(next))
        .put("kind", kind)
        .put("account", "u-7f3a");
  }

  private void chained(ObjectNode entry) {
    String text = Json.write(entry);
    head = hash(next, head, text.getBytes(StandardCharsets.UTF_8));
    String hex = HexFormat.of().formatHex(head);
    String line = text.substring(0, text.length() - 1) + JournalFormat.HASH + hex + "\"}";
    sent.add(new Collected(device, install, team, next, hex, now.plusSeconds(2), line));
    next++;
  }

  private static byte[] hash(long seq, byte[] previous, byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) JournalFormat.VERSION);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seq).array());
      digest.update(previous);
      return digest.digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// The same record with other words in it under its old hash.
  static Collected altered(Collected record) {
    return new Collected(
        record.device(),
        record.install(),
        record.team(),
        record.seq(),
        record.hash(),
        record.received(),
        record.line().replace("\"decision\":\"none\"", "\"decision\":\"deny\""));
  }
}
