package dev.skillwarden.journal.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is done to a journal, and what the verifier says: one row each.
///
/// The journal: enroll 1, checkpoint 2, tools 3 to 11, checkpoint 12 | segment 13, tools 14 to 22,
/// checkpoint 23, tools 24 to 26. The ratchet is on.
class AttackTest {
  private static final String FIRST = "20261120F.cq4";
  private static final String SECOND = "20261121F.cq4";

  @TempDir Path directory;

  /// What an attacker does.
  interface Attack {
    /// @param journal not saved yet
    /// @param at where it is saved to by the caller, unless it is there already
    void on(ReferenceJournal journal, Path at) throws IOException;
  }

  /// @param with which keys the verifier has: `escrow`, `none`, `stranger` (another device key),
  ///   `other-escrow`
  /// @param kind of the first finding, empty when sound
  /// @param seq its number
  /// @param count of all findings, negative when a rewritten range makes some more
  record Row(String name, Attack attack, String with, Optional<Kind> kind, long seq, long count) {
    static Row of(String name, String with, Kind kind, long seq, long count, Attack attack) {
      return new Row(name, attack, with, Optional.of(kind), seq, count);
    }

    static Row undetected(String name, String with, Attack attack) {
      return new Row(name, attack, with, Optional.empty(), 0, 0);
    }

    @Override
    public String toString() {
      return name + ", " + with;
    }
  }

  static ReferenceJournal journal() throws IOException {
    return new ReferenceJournal("first")
        .enroll(true)
        .checkpoint("start")
        .tools(9)
        .checkpoint("records")
        .newFile(SECOND)
        .tools(9)
        .checkpoint("time")
        .tools(3);
  }

  private static byte[] flipped(byte[] line, int at) {
    byte[] changed = line.clone();
    // A hex digit stays one; only a and f would not.
    changed[at] = (byte) (changed[at] == 'a' ? 'b' : changed[at] == 'f' ? 'e' : changed[at] ^ 1);
    return changed;
  }

  private static int find(byte[] line, String text) {
    int at = new String(line, java.nio.charset.StandardCharsets.ISO_8859_1).lastIndexOf(text);
    assertTrue(at >= 0, text);
    return at + text.length();
  }

  private static Attack flip(long seq, String after) {
    return (j, at) -> j.replace(seq, flipped(j.line(seq), find(j.line(seq), after)));
  }

  private static Attack drop(long from, long to) {
    return (j, at) ->
        j.files.forEach(f ->
            f.lines.removeIf(
                l -> ReferenceJournal.seq(l) >= from && ReferenceJournal.seq(l) <= to));
  }

  /// Saves, then changes the bytes of a file.
  private interface Bytes {
    byte[] change(byte[] image, ReferenceJournal journal);
  }

  private static Attack inFile(String name, Bytes change) {
    return (j, at) -> {
      j.save(at);
      Files.write(at.resolve(name), change.change(Files.readAllBytes(at.resolve(name)), j));
    };
  }

  private static Attack header(long seq, int bits) {
    return inFile(
        FIRST,
        (image, j) -> {
          int position = ReferenceJournal.position(image, j.line(seq)) - 1;
          image[position] ^= (byte) bits;
          return image;
        });
  }

  /// A MAC by a key that was stolen later than the record it is for.
  private static byte[] later(long seq, byte[] hash) {
    byte[] key = HexFormat.of().parseHex(new ReferenceJournal("first").firstKey);
    for (int i = 0; i < 25; i++) {
      key = ReferenceJournal.evolve(key);
    }
    for (long i = 0; i < seq; i++) {
      key = ReferenceJournal.evolve(key);
    }
    return ReferenceJournal.hmac(key, hash);
  }

  private static void strip(ReferenceJournal journal, long from) {
    for (ReferenceJournal.Image file : journal.files) {
      file.lines.replaceAll(l -> {
        String text = ReferenceJournal.text(l);
        int mac = text.lastIndexOf(",\"mac\":\"");
        return mac < 0 || ReferenceJournal.seq(l) < from
            ? l
            : ReferenceJournal.bytes(text.substring(0, mac) + "}");
      });
    }
  }

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String with : List.of("escrow", "none")) {
      rows.add(Row.undetected("nothing", with, (j, at) -> {}));
      rows.add(Row.of("flip in a text", with, Kind.HASH, 5, 1, flip(5, "echo ")));
      rows.add(Row.of("flip in a stored hash", with, Kind.HASH, 6, 1, flip(6, "\"hash\":\"")));
      rows.add(Row.of("flip in the number", with, Kind.HASH, 4, 1, flip(4, "\"seq\":")));
      rows.add(Row.of("flip in the first bytes", with, Kind.UNREADABLE, 5, 1, flip(5, "{\"v")));
      rows.add(Row.of("flip in the genesis", with, Kind.HASH, 1, 1, flip(1, "\"public_key\":\"")));
      rows.add(Row.of("flip in a checkpoint", with, Kind.HASH, 12, 1, flip(12, "\"note\":\"")));
      rows.add(Row.of("flip in a segment", with, Kind.HASH, 13, 1, flip(13, "\"to\":\"")));
      rows.add(Row.of("flip in a length", with, Kind.UNREADABLE, 6, 1, header(6, 0x01)));
      rows.add(Row.of("record marked unfinished", with, Kind.HOLE, 6, 1, header(6, 0x80)));
      rows.add(Row.of("record marked bookkeeping", with, Kind.MISSING, 6, 1, header(6, 0x40)));
      rows.add(Row.of("drop", with, Kind.MISSING, 7, 1, drop(7, 7)));
      rows.add(Row.of("drop three", with, Kind.MISSING, 7, 1, drop(7, 9)));
      rows.add(Row.of("drop the genesis", with, Kind.MISSING, 0, 1, drop(1, 1)));
      rows.add(Row.of("drop a segment record", with, Kind.MISSING, 13, 2, drop(13, 13)));
      rows.add(
          Row.of(
              "swap",
              with,
              Kind.ORDER,
              5,
              1,
              (j, at) -> java.util.Collections.swap(j.file(0).lines, 4, 5)));
      rows.add(
          Row.of(
              "duplicate",
              with,
              Kind.DUPLICATE,
              5,
              1,
              (j, at) -> j.file(0).lines.add(6, j.line(5))));
      rows.add(Row.of("cut tail", with, Kind.TAIL, 25, 1, drop(25, 26)));
      rows.add(Row.of("cut a whole file", with, Kind.TAIL, 13, 1, drop(13, 26)));
      rows.add(
          Row.of(
              "delete the first file", with, Kind.MISSING, 0, 1, (j, at) -> j.files.removeFirst()));
      rows.add(
          Row.of(
              "cut and continue",
              with,
              Kind.LOST,
              24,
              1,
              (j, at) -> {
                drop(24, 26).on(j, at);
                j.hash = HexFormat.of().parseHex(ReferenceJournal.hashOf(j.line(23)));
                j.next = 24;
                j.key = keyAt(24);
                j.lose(3, "tail").tools(2);
              }));
      rows.add(
          Row.of(
              "cut and continue as if nothing",
              with,
              Kind.MISSING,
              24,
              1,
              (j, at) -> {
                drop(24, 26).on(j, at);
                j.tools(2);
              }));
      rows.add(
          Row.undetected(
              "roll back the directory (only a receiver sees it)",
              with,
              (j, at) -> {
                journal().save(at); // what was there before more was written
                j.tools(50).checkpoint("records");
              }));
      rows.add(
          Row.undetected(
              "the clock moved back",
              with,
              (j, at) -> {
                j.time = j.time.minusSeconds(86_400);
                j.tools(3);
              }));
      rows.add(Row.of("strip MACs", with, Kind.MAC_MISSING, 2, 2, (j, at) -> strip(j, 1)));
      rows.add(
          Row.of("strip MACs of some", with, Kind.MAC_MISSING, 24, 1, (j, at) -> strip(j, 24)));
      rows.add(
          Row.of("empty file", with, Kind.EMPTY, 13, 2, inFile(SECOND, (image, j) -> new byte[0])));
      rows.add(
          Row.of("empty first file", with, Kind.EMPTY, 0, 1, inFile(FIRST, (i, j) -> new byte[0])));
      rows.add(
          Row.of(
              "zeroed hole",
              with,
              Kind.HOLE,
              6,
              1,
              inFile(
                  FIRST,
                  (image, j) -> {
                    int from = ReferenceJournal.position(image, j.line(6)) - 4;
                    int to = ReferenceJournal.position(image, j.line(8)) + 100;
                    Arrays.fill(image, from, to, (byte) 0);
                    return image;
                  })));
      rows.add(
          Row.of(
              "truncated mid-record",
              with,
              Kind.UNREADABLE,
              25,
              2,
              inFile(
                  SECOND,
                  (image, j) ->
                      Arrays.copyOf(image, ReferenceJournal.position(image, j.line(25)) + 40))));
      rows.add(
          Row.of(
              "state deleted",
              with,
              Kind.STATE,
              0,
              1,
              (j, at) -> Files.delete(j.save(at).resolve("chain.state"))));
      rows.add(
          Row.of(
              "state zeroed",
              with,
              Kind.STATE,
              0,
              1,
              (j, at) -> Files.write(j.save(at).resolve("chain.state"), new byte[256])));
      rows.add(
          Row.of(
              "unsealed: chained, but no checkpoints",
              with,
              Kind.UNSIGNED,
              1,
              1,
              (j, at) -> {
                j.files.clear();
                ReferenceJournal plain = new ReferenceJournal("first").enroll(true).tools(5);
                j.files.addAll(plain.files);
                j.next = plain.next;
                j.hash = plain.hash;
                j.key = plain.key;
              }));
      rows.add(
          Row.of(
              "unchained: all of version 1",
              with,
              Kind.UNCHAINED,
              0,
              1,
              (j, at) -> {
                j.files.clear();
                j.files.addAll(new ReferenceJournal("x").unchained(5).files);
              }));
      rows.add(
          Row.of(
              "records of version 1 at the end",
              with,
              Kind.UNCHAINED,
              27,
              1,
              (j, at) -> j.unchained(3).next -= 3));
      rows.add(
          Row.of(
              "second genesis",
              with,
              Kind.GENESIS,
              27,
              1,
              (j, at) -> {
                byte[] prior = j.hash;
                byte[] ratchet = j.key;
                j.deviceKey = "mallory";
                j.enroll(true);
                j.file().lines.removeLast();
                j.next--;
                j.hash = prior;
                j.key = ratchet;
                j.append(
                    "enroll",
                    dev.skillwarden.text.Json.object()
                        .put("device", "d")
                        .put("install", "i")
                        .put("public_key", "")
                        .put("ratchet", "off"));
                j.checkpoint("start");
              }));
      rows.add(
          Row.of(
              "rotation not signed by the key in use",
              with,
              Kind.ROTATION,
              27,
              1,
              (j, at) -> {
                j.append(
                    "key-rotation",
                    j.rotationFacts("device-1", "mallory", "mallory", "mallory", false));
                j.key = null;
                j.deviceKey = "mallory";
                j.tools(2).checkpoint("rotation").tools(2).checkpoint("time");
              }));
      rows.add(
          Row.of(
              "rotation of another key",
              with,
              Kind.ROTATION,
              27,
              1,
              (j, at) -> {
                j.append(
                    "key-rotation", j.rotationFacts("other", "mallory", "other", "mallory", false));
                j.key = null;
                j.deviceKey = "mallory";
                j.tools(2).checkpoint("rotation");
              }));
      rows.add(
          Row.of(
              "checkpoint by another key",
              with,
              Kind.CHECKPOINT,
              27,
              1,
              (j, at) -> {
                j.deviceKey = "mallory";
                j.checkpoint("time");
              }));
      rows.add(note("checkpoint of size 0", with, j -> signed(j, -1, j.hash, ORIGIN)));
      rows.add(note("checkpoint beyond the end", with, j -> signed(j, j.next, j.hash, ORIGIN)));
      rows.add(
          note("checkpoint of another origin", with, j -> signed(j, j.next - 1, j.hash, "x/y/z")));
      rows.add(note("checkpoint with another root", with, j -> signed(j, 5, j.hash, ORIGIN)));
      rows.add(note("note that is none", with, j -> "hello\n"));
      rows.add(note("note with no signature lines", with, j -> "a\n1\nx\n\n"));
      rows.add(
          note(
              "note with a huge size",
              with,
              j ->
                  ReferenceJournal.sign(
                      "device-1",
                      ORIGIN,
                      ORIGIN + "\n99999999999999999999999\n" + "A".repeat(43) + "=\n")));
    }
    rows.add(
        Row.of(
            "re-hash without key",
            "escrow",
            Kind.MAC,
            7,
            -1,
            (j, at) -> j.rewrite(7, AttackTest::forged)));
    rows.add(
        Row.of(
            "re-hash without key",
            "none",
            Kind.CHECKPOINT,
            12,
            -1,
            (j, at) -> j.rewrite(7, AttackTest::forged)));
    rows.add(
        Row.of(
            "re-hash the tail",
            "escrow",
            Kind.MAC,
            24,
            1,
            (j, at) -> j.rewrite(24, AttackTest::forged)));
    rows.add(
        Row.of(
            "re-hash the tail",
            "none",
            Kind.STATE,
            26,
            1,
            (j, at) -> j.rewrite(24, AttackTest::forged)));
    rows.add(
        Row.of(
            "re-seal with a later key",
            "escrow",
            Kind.MAC,
            24,
            1,
            (j, at) -> j.rewrite(24, AttackTest::later)));
    rows.add(Row.of("flip in a MAC", "escrow", Kind.MAC, 5, 1, flip(5, "\"mac\":\"")));
    rows.add(Row.undetected("flip in a MAC", "none", flip(5, "\"mac\":\"")));
    rows.add(Row.of("wrong verify key", "stranger", Kind.KEY, 1, 1, (j, at) -> {}));
    rows.add(Row.of("wrong escrow key", "other-escrow", Kind.KEY, 1, 1, (j, at) -> {}));
    return rows;
  }

  private static final String ORIGIN =
      "skillwarden/" + ReferenceJournal.DEVICE + "/" + ReferenceJournal.INSTALL;

  private interface NoteOf {
    String of(ReferenceJournal journal);
  }

  private static Row note(String name, String with, NoteOf note) {
    return Row.of(
        name,
        with,
        Kind.CHECKPOINT,
        27,
        1,
        (j, at) -> {
          j.append("checkpoint", dev.skillwarden.text.Json.object().put("note", note.of(j)));
          j.tools(1);
        });
  }

  private static String signed(ReferenceJournal j, long about, byte[] root, String origin) {
    return ReferenceJournal.note(j.deviceKey, origin, about, root, "time");
  }

  private static byte[] forged(long seq, byte[] hash) {
    return ReferenceJournal.hmac(new byte[32], hash);
  }

  private static byte[] keyAt(long seq) {
    byte[] key = HexFormat.of().parseHex(new ReferenceJournal("first").firstKey);
    for (long i = 2; i < seq; i++) {
      key = ReferenceJournal.evolve(key);
    }
    return key;
  }

  static VerifyOptions options(String with) throws IOException {
    Optional<Ed25519.Verifier> device =
        Optional.of(
            Ed25519.publicKeys(
                    ReferenceJournal.publicPem(with.equals("stranger") ? "stranger" : "device-1"))
                .getFirst());
    return switch (with) {
      case "escrow" ->
          new VerifyOptions(
              device,
              Optional.of(Hpke.Opener.parse(ReferenceJournal.escrowPem("escrow"))),
              Optional.empty());
      case "other-escrow" ->
          new VerifyOptions(
              device,
              Optional.of(Hpke.Opener.parse(ReferenceJournal.escrowPem("other"))),
              Optional.empty());
      case "stranger" -> new VerifyOptions(device, Optional.empty(), Optional.empty());
      default -> VerifyOptions.none();
    };
  }

  static Stream<Row> attacks() {
    return rows().stream();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void isFoundAtItsPlace(Row row) throws IOException {
    Path at = directory.resolve("journal");
    prepare(row, at);
    Verdict verdict = JournalVerifier.verify(at, options(row.with()), Progress.NONE);
    Optional<Finding> first = verdict.firstFinding();
    assertEquals(row.kind(), first.map(Finding::kind), verdict.findings().toString());
    assertEquals(row.seq(), first.map(Finding::seq).orElse(0L), verdict.findings().toString());
    if (row.count() >= 0) {
      assertEquals(row.count(), verdict.findingCount(), verdict.findings().toString());
    }
  }

  static void prepare(Row row, Path at) throws IOException {
    ReferenceJournal journal = journal();
    row.attack().on(journal, at);
    if (!Files.exists(at)) {
      journal.save(at);
    }
  }
}
