package dev.skillwarden.upload;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.otlp.Identity;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// A journal of the documented format, written byte by byte. Begins with an enrolment.
public final class TestJournal implements JournalSink {
  public static final Identity IDENTITY = new Identity("device-1", "install-1");
  public static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
  private static final int BOOKKEEPING = 0x4000_0000;

  private final Path directory;
  private final List<String> lines = new ArrayList<>();
  private String file = "20261120F.cq4";
  private long next = 1;
  private byte[] hash = new byte[32];
  private boolean full;

  public TestJournal(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    begin();
    Map<String, String> facts =
        Map.of("device", IDENTITY.device(), "install", IDENTITY.install(), "ratchet", "off");
    add("enroll", "", NOON, facts);
  }

  private void begin() throws IOException {
    write(BOOKKEEPING, new byte[16]);
  }

  private void write(int flag, byte[] bytes) throws IOException {
    int padded = (bytes.length + 3) & ~3;
    ByteBuffer record = ByteBuffer.allocate(Integer.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(bytes.length | flag).put(bytes);
    Files.write(
        directory.resolve(file),
        record.array(),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /// Goes on in the file of another day.
  public synchronized void roll(String name) throws IOException {
    file = name;
    begin();
  }

  /// Numbers that no record has.
  public synchronized void lose(int count) throws IOException {
    long from = next;
    next += count;
    add(
        "journal-lost",
        "",
        NOON,
        Map.of("from", "" + from, "to", "" + (next - 1), "count", "" + count, "why", "disk"));
  }

  /// A record that is no JSON.
  public synchronized void damage() throws IOException {
    write(0, "{\"v\":2,\"seq\":%d,broken".formatted(next).getBytes(StandardCharsets.UTF_8));
    next++;
  }

  public synchronized void tools(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      add("tool", "none", NOON.plusSeconds(next), Map.of());
    }
  }

  public synchronized long add(
      String kind, String decision, Instant time, Map<String, String> facts) throws IOException {
    if (full) {
      throw new IOException("the disk is full");
    }
    long seq = next;
    ObjectNode json =
        Json.object()
            .put("v", 2)
            .put("seq", seq)
            .put("ts", time.toString().replaceFirst("(\\.\\d+)?Z$", ".000000Z"))
            .put("id", "id-" + seq)
            .put("kind", kind)
            .put("account", "alice");
    if (!decision.isEmpty()) {
      json.put("session", "s-1")
          .put("tool", "Bash")
          .put("tool_use_id", "toolu_" + seq)
          .put("decision", decision)
          .put("command", "echo \"" + seq + "\" | tr ü x");
    }
    if (!facts.isEmpty()) {
      ObjectNode node = json.putObject("facts");
      facts.forEach(node::put);
    }
    String text = Json.write(json);
    MessageDigest digest = Sha256.start();
    digest.update((byte) 2);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seq).array());
    digest.update(hash);
    hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
    String line =
        text.substring(0, text.length() - 1)
            + ",\"hash\":\""
            + HexFormat.of().formatHex(hash)
            + "\"}";
    write(0, line.getBytes(StandardCharsets.UTF_8));
    lines.add(line);
    next++;
    return seq;
  }

  /// A checkpoint over all before it. The signature is none.
  public synchronized String checkpoint() throws IOException {
    String note =
        "%s\n%d\n%s\ntime %s\nwhy time\n\n\u2014 device AAAA\n"
            .formatted(IDENTITY.origin(), next, root(), NOON);
    add("checkpoint", "", NOON.plusSeconds(next), Map.of("note", note));
    return note;
  }

  /// Base64 of the last hash.
  public synchronized String root() {
    return Base64.getEncoder().encodeToString(hash);
  }

  @Override
  public synchronized long append(JournalEntry entry) throws IOException {
    return add(
        entry.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        entry.decision(),
        entry.time(),
        entry.facts());
  }

  /// Whether appends fail from now on.
  public synchronized void full(boolean now) {
    full = now;
  }

  public synchronized long newest() {
    return next - 1;
  }

  /// All lines with a number, in order.
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }
}
