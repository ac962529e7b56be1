package dev.skillwarden.journal.verify;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes journals as docs/journal.md says, in memory first, so that tests can do to them what an
/// attacker would. Shares no code with the writer or the verifier of the product. All keys are made
/// of their names.
final class ReferenceJournal {
  static final String DEVICE = "laptop-1";
  static final String INSTALL = "i-1";
  static final Instant START = Instant.parse("2026-11-20T09:00:00Z");

  private static final int MANY_CHECKPOINTS = 100;

  /// A journal file: its lines, in order.
  static final class Image {
    final String name;
    final List<byte[]> lines = new ArrayList<>();

    Image(String name) {
      this.name = name;
    }
  }

  final List<Image> files = new ArrayList<>();
  final Map<String, byte[]> stubs = new LinkedHashMap<>();
  final String firstKey;
  long next = 1;
  byte[] hash = new byte[32];
  byte @Nullable [] key;
  Instant time = START;
  String deviceKey = "device-1";
  private String lastNote = "";
  private final List<String> keyLines = new ArrayList<>();

  ReferenceJournal(String firstKeyName) {
    firstKey = Sha256.of(firstKeyName);
    files.add(new Image("20261120F.cq4"));
  }

  // ---------------------------------------------------------------- keys

  static KeyPair pair(String algorithm, String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(new NamedParameterSpec(algorithm), new NamedRandom(name));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static final class NamedRandom extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] seed;

    NamedRandom(String name) {
      seed = HexFormat.of().parseHex(Sha256.of(name));
    }

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = seed[i % seed.length];
      }
    }
  }

  static String pem(String type, byte[] encoded) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getEncoder().encodeToString(encoded), type);
  }

  static String publicPem(String name) {
    return pem("PUBLIC KEY", pair("Ed25519", name).getPublic().getEncoded());
  }

  static String escrowPem(String name) {
    return pem("PRIVATE KEY", pair("X25519", name).getPrivate().getEncoded());
  }

  static byte[] raw(String name) {
    return Ed25519.raw(pair("Ed25519", name).getPublic());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] sign(String name, byte[] message) {
    try {
      return Ed25519.sign(pair("Ed25519", name).getPrivate(), message);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private String seal(byte[] secret, ObjectNode facts) throws IOException {
    Hpke.Recipient to =
        Hpke.Recipient.parse(pem("PUBLIC KEY", pair("X25519", "escrow").getPublic().getEncoded()));
    String sealed =
        base64(Hpke.seal(to, secret, "skillwarden ratchet key v2", DEVICE + "/" + INSTALL));
    facts.put("sealed_key", sealed).put("escrow_key", to.id());
    return sealed;
  }

  // ---------------------------------------------------------------- records

  Image file() {
    return files.getLast();
  }

  Image file(int index) {
    return files.get(index);
  }

  ReferenceJournal enroll(boolean ratchet) throws IOException {
    ObjectNode facts =
        Json.object()
            .put("device", DEVICE)
            .put("install", INSTALL)
            .put("public_key", base64(raw(deviceKey)))
            .put("ratchet", ratchet ? "on" : "off");
    byte[] first = HexFormat.of().parseHex(firstKey);
    if (ratchet) {
      seal(first, facts);
    }
    hash = new byte[32];
    append("enroll", facts);
    keyLines.add(text(file().lines.getLast()));
    key = ratchet ? first : null;
    return this;
  }

  ReferenceJournal rotate(String to, boolean ratchet) throws IOException {
    ObjectNode facts = rotationFacts(deviceKey, to, deviceKey, to, ratchet);
    append("key-rotation", facts);
    keyLines.add(text(file().lines.getLast()));
    deviceKey = to;
    key = ratchet ? HexFormat.of().parseHex(Sha256.of("second " + firstKey)) : null;
    return this;
  }

  /// @param previous key that is named as the one replaced
  /// @param previousSigner key that signs as that one
  ObjectNode rotationFacts(
      String previous, String to, String previousSigner, String signer, boolean ratchet)
      throws IOException {
    ObjectNode facts =
        Json.object()
            .put("device", DEVICE)
            .put("install", INSTALL)
            .put("public_key", base64(raw(to)))
            .put("previous_key", base64(raw(previous)))
            .put("ratchet", ratchet ? "on" : "off");
    String sealed =
        ratchet ? seal(HexFormat.of().parseHex(Sha256.of("second " + firstKey)), facts) : "-";
    byte[] signed =
        String.join(
                "\n",
                "skillwarden key rotation v2",
                DEVICE,
                INSTALL,
                Long.toString(next),
                base64(raw(previous)),
                base64(raw(to)),
                sealed,
                "")
            .getBytes(StandardCharsets.UTF_8);
    return facts
        .put("signature", base64(sign(signer, signed)))
        .put("previous_signature", base64(sign(previousSigner, signed)));
  }

  ReferenceJournal tools(int count) {
    for (int i = 0; i < count; i++) {
      append("tool", null);
    }
    return this;
  }

  ReferenceJournal checkpoint(String why) {
    lastNote = note(deviceKey, "skillwarden/" + DEVICE + "/" + INSTALL, next - 1, hash, why);
    append("checkpoint", Json.object().put("note", lastNote));
    return this;
  }

  static String note(String signer, String origin, long size, byte[] root, String why) {
    return sign(
        signer,
        origin,
        "%s\n%d\n%s\ntime 2026-11-20T09:00:00Z\nwhy %s\n"
            .formatted(origin, size + 1, base64(root), why));
  }

  static String sign(String signer, String name, String text) {
    MessageDigest digest = Sha256.start();
    digest.update((name + "\n\u0001").getBytes(StandardCharsets.UTF_8));
    byte[] keyHash = digest.digest(raw(signer));
    byte[] signature = sign(signer, text.getBytes(StandardCharsets.UTF_8));
    byte[] line = Arrays.copyOf(keyHash, 4 + signature.length);
    System.arraycopy(signature, 0, line, 4, signature.length);
    return text + "\n— " + name + " " + base64(line) + "\n";
  }

  /// Begins a file; its first record says what the one before holds.
  ReferenceJournal newFile(String name) {
    Image before = file();
    files.add(new Image(name));
    append(
        "segment",
        Json.object()
            .put("file", before.name)
            .put("from", Long.toString(seq(before.lines.getFirst())))
            .put("to", Long.toString(next - 1))
            .put("count", Integer.toString(before.lines.size()))
            .put("last_hash", HexFormat.of().formatHex(hash)));
    return this;
  }

  /// Numbers were used that no record has.
  ReferenceJournal lose(int count, String why) {
    long from = next;
    for (int i = 0; i < count; i++) {
      step();
      next++;
    }
    append(
        "journal-lost",
        Json.object()
            .put("from", Long.toString(from))
            .put("to", Long.toString(next - 1))
            .put("count", Integer.toString(count))
            .put("why", why)
            .put("after", Long.toString(from - 1))
            .put("after_hash", HexFormat.of().formatHex(hash)));
    return this;
  }

  /// Deletes the oldest file: its stub stays, and a record says so.
  ReferenceJournal retire(byte[] beforeHash) {
    Image oldest = files.removeFirst();
    long first = seq(oldest.lines.getFirst());
    long last = seq(oldest.lines.getLast());
    String lastHash = hashOf(oldest.lines.getLast());
    ObjectNode stub =
        Json.object()
            .put("file", oldest.name)
            .put("sha256", Sha256.of(image(oldest)))
            .put("first", first)
            .put("last", last)
            .put("records", oldest.lines.size())
            .put("before_hash", HexFormat.of().formatHex(beforeHash))
            .put("last_hash", lastHash)
            .put("checkpoint", lastNoteUpTo(oldest));
    ArrayNode keys = stub.putArray("keys");
    keyLines.stream()
        .filter(l -> seq(bytes(l)) >= first && seq(bytes(l)) <= last)
        .forEach(keys::add);
    byte[] bytes = bytes(Json.write(stub));
    stubs.put(oldest.name, bytes);
    append(
        "retention",
        Json.object()
            .put("file", oldest.name)
            .put("from", Long.toString(first))
            .put("to", Long.toString(last))
            .put("count", Integer.toString(oldest.lines.size()))
            .put("last_hash", lastHash)
            .put("stub_sha256", Sha256.of(bytes))
            .put("why", "age"));
    return this;
  }

  private static String lastNoteUpTo(Image image) {
    for (byte[] line : image.lines.reversed()) {
      if (text(line).contains("\"kind\":\"checkpoint\"")) {
        try {
          return Json.parse("line", line).path("facts").path("note").stringValue();
        } catch (dev.skillwarden.text.InvalidTextException e) {
          throw new AssertionError(e);
        }
      }
    }
    return "";
  }

  ReferenceJournal unchained(int count) {
    for (int i = 0; i < count; i++) {
      file()
          .lines
          .add(
              bytes(
                  "{\"v\":1,\"seq\":%d,\"ts\":\"%s\",\"id\":\"old\",\"kind\":\"tool\",\"account\":\"alice\"}"
                      .formatted(next++, stamp())));
    }
    return this;
  }

  void append(String kind, @Nullable ObjectNode facts) {
    ObjectNode json =
        Json.object()
            .put("v", 2)
            .put("seq", next)
            .put("ts", stamp())
            .put("id", "e-" + next)
            .put("kind", kind)
            .put("account", "alice");
    if (facts == null) {
      json.put("command", "echo \",\"hash\":\"" + "0".repeat(64) + "\"} ü " + next);
    } else {
      json.set("facts", facts);
    }
    appendBody(Json.write(json));
  }

  /// @param body a record without hash, closing brace included
  void appendBody(String body) {
    hash = hash(next, hash, bytes(body));
    String line = body.substring(0, body.length() - 1) + ",\"hash\":\"" + hex(hash) + "\"";
    byte[] current = key;
    if (current != null) {
      line += ",\"mac\":\"" + hex(hmac(current, hash)) + "\"";
    }
    file().lines.add(bytes(line + "}"));
    step();
    next++;
    time = time.plusMillis(1500);
  }

  private void step() {
    byte[] current = key;
    key = current == null ? null : evolve(current);
  }

  private String stamp() {
    return time.toString()
        .replaceAll("(:\\d\\d)Z$", "$1.000000Z")
        .replaceAll("\\.(\\d{3})Z$", ".$1000Z");
  }

  // ---------------------------------------------------------------- primitives

  static byte[] hash(long seq, byte[] previous, byte[] body) {
    MessageDigest digest = Sha256.start();
    digest.update((byte) 2);
    digest.update(ByteBuffer.allocate(8).putLong(seq).array());
    digest.update(previous);
    return digest.digest(body);
  }

  static byte[] hmac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] evolve(byte[] key) {
    MessageDigest digest = Sha256.start();
    digest.update((byte) 'E');
    return digest.digest(key);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static long seq(byte[] line) {
    return Long.parseLong(text(line).replaceFirst("^\\{\"v\":[12],\"seq\":(\\d+),.*", "$1"));
  }

  static String hashOf(byte[] line) {
    String text = text(line);
    int at = text.lastIndexOf(",\"hash\":\"") + 9;
    return text.substring(at, at + 64);
  }

  static String bodyOf(byte[] line) {
    String text = text(line);
    return text.substring(0, text.lastIndexOf(",\"hash\":\"")) + "}";
  }

  // ---------------------------------------------------------------- attacks

  byte[] line(long seq) {
    return files.stream()
        .flatMap(f -> f.lines.stream())
        .filter(l -> seq(l) == seq)
        .findFirst()
        .orElseThrow();
  }

  void replace(long seq, byte[] by) {
    for (Image file : files) {
      file.lines.replaceAll(l -> seq(l) == seq && l.length > 0 ? by : l);
    }
  }

  /// Changes records from a number on, with the hashes made right again, as anybody can.
  ///
  /// @param mac makes the MAC of a number; null for none
  void rewrite(long from, java.util.function.@Nullable BiFunction<Long, byte[], byte[]> mac) {
    byte[] previous = HexFormat.of().parseHex(hashOf(line(from - 1)));
    for (Image file : files) {
      for (int i = 0; i < file.lines.size(); i++) {
        byte[] line = file.lines.get(i);
        long seq = seq(line);
        if (seq >= from) {
          String body = bodyOf(line).replace("alice", "mallory");
          previous = hash(seq, previous, bytes(body));
          String end = ",\"hash\":\"" + hex(previous) + "\"";
          if (mac != null) {
            end += ",\"mac\":\"" + hex(mac.apply(seq, previous)) + "\"";
          }
          file.lines.set(i, bytes(body.substring(0, body.length() - 1) + end + "}"));
        }
      }
    }
  }

  // ---------------------------------------------------------------- files

  static byte[] image(Image file) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeRecord(out, bytes("header of the queue"), 0x4000_0000);
    for (byte[] line : file.lines) {
      writeRecord(out, line, 0);
    }
    out.writeBytes(new byte[256 - out.size() % 256]);
    return out.toByteArray();
  }

  private static void writeRecord(ByteArrayOutputStream out, byte[] bytes, int flags) {
    byte[] header =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length | flags).array();
    out.writeBytes(header);
    out.writeBytes(bytes);
    out.writeBytes(new byte[-bytes.length & 3]);
  }

  /// Where in its file a record's bytes begin.
  static int position(byte[] image, byte[] line) {
    for (int i = 0; i + line.length <= image.length; i += 4) {
      if (Arrays.equals(image, i, i + line.length, line, 0, line.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the file: " + text(line));
  }

  byte[] state() {
    byte[] current = key;
    ByteBuffer slots = ByteBuffer.allocate(256);
    slots.put(bytes("SWS2")).put((byte) (current == null ? 0 : 1)).put(new byte[3]).putLong(next);
    slots.put(hash).put(current == null ? new byte[32] : current);
    CRC32C crc = new CRC32C();
    crc.update(slots.array(), 0, 80);
    slots.putInt((int) crc.getValue());
    return slots.array();
  }

  /// Files, stubs and state.
  Path save(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Image file : files) {
      Files.write(directory.resolve(file.name), image(file));
    }
    for (Map.Entry<String, byte[]> stub : stubs.entrySet()) {
      Files.write(directory.resolve(stub.getKey() + ".stub.json"), stub.getValue());
    }
    Files.write(directory.resolve("chain.state"), state());
    return directory;
  }

  /// The records from one number to another as an export with its sidecar.
  ///
  /// @param out where the lines go, for example to a compressor
  void export(Path file, OutputStream out, boolean otlp, long from, long to) throws IOException {
    List<byte[]> lines =
        files.stream()
            .flatMap(f -> f.lines.stream())
            .filter(l -> seq(l) >= from && seq(l) <= to)
            .toList();
    try (out) {
      if (otlp) {
        for (int i = 0; i < lines.size(); i += 3) {
          out.write(bytes(request(lines.subList(i, Math.min(i + 3, lines.size()))) + "\n"));
        }
      } else {
        for (byte[] line : lines) {
          out.write(line);
          out.write('\n');
        }
      }
    }
    sidecar(file, otlp, from, to, lines.size());
  }

  private void sidecar(Path file, boolean otlp, long from, long to, int count) throws IOException {
    String note = "";
    for (Image image : files) {
      for (byte[] line : image.lines) {
        if (text(line).contains("\"kind\":\"checkpoint\"")
            && seq(line) >= from
            && seq(line) <= to + 1) {
          Image one = new Image("");
          one.lines.add(line);
          note = lastNoteUpTo(one);
        }
      }
    }
    ObjectNode json =
        Json.object()
            .put("format", otlp ? "otlp-jsonl" : "jsonl")
            .put("device", DEVICE)
            .put("install", INSTALL)
            .put("first", from)
            .put("last", to)
            .put("records", count)
            .put("before_hash", from == 1 ? "0".repeat(64) : hashOf(line(from - 1)))
            .put("checkpoint", note);
    ArrayNode keys = json.putArray("keys");
    keyLines.stream().filter(l -> seq(bytes(l)) < from).forEach(keys::add);
    Files.writeString(file.resolveSibling(file.getFileName() + ".checkpoint"), Json.write(json));
  }

  private static String request(List<byte[]> lines) {
    ObjectNode request = Json.object();
    ArrayNode records =
        request
            .putArray("resourceLogs")
            .addObject()
            .putArray("scopeLogs")
            .addObject()
            .putArray("logRecords");
    for (byte[] line : lines) {
      ObjectNode one = records.addObject();
      one.put("timeUnixNano", "1");
      one.putObject("body").put("stringValue", text(line));
      one.putArray("attributes")
          .addObject()
          .put("key", "body")
          .putObject("value")
          .put("stringValue", "{\"v\":2,\"seq\":1,");
    }
    return Json.write(request);
  }

  /// Enough records for a measurement.
  ReferenceJournal many(int count) {
    for (int i = 0; i < count; i += MANY_CHECKPOINTS) {
      tools(Math.min(MANY_CHECKPOINTS, count - i) - 1);
      checkpoint("records");
    }
    return this;
  }
}
