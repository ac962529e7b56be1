package dev.skillwarden.upload;

import dev.skillwarden.journal.Coverage;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.journal.RawLine;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.otlp.Identity;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/// What is proven to have arrived. A receipt covers everything up to a record.
///
/// Each receipt is journaled, at most one a minute, and that record is uploaded in its turn. So
/// that this ends, a receipt is journaled only when it covers a record of another kind than those
/// the journal and the upload write of themselves.
public final class Receipts implements Coverage {
  /// Kinds that call for no receipt.
  static final Set<String> OWN = Set.of("receipt", "checkpoint", "delivery-rejected", "segment");

  private static final System.Logger LOG = System.getLogger(Receipts.class.getName());
  private static final Duration BETWEEN = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String FILE = "receipt.json";
  private static final int MAX_NOTE = 8 << 10;

  private final Uploader.Surroundings around;
  private final DeadLetters deadLetters;
  private final RandomGenerator random;

  private volatile long covered = -1;
  private String root = "";
  private String note = "";
  private Optional<Instant> look = Optional.empty();
  private Instant journaledAt = Instant.MIN;
  private long lastWorth = -1;
  private long wanted = -1;
  private Instant behindSince = Instant.MIN;
  private String alarm = "";

  Receipts(Uploader.Surroundings around, DeadLetters deadLetters, RandomGenerator random) {
    this.around = around;
    this.deadLetters = deadLetters;
    this.random = random;
  }

  @Override
  public boolean isExpected() {
    return true;
  }

  /// Everything up to this record is under a receipt; -1 when nothing is. May be called by any
  /// thread.
  @Override
  public long coveredSeq() {
    return covered;
  }

  /// What is wrong with the receipts, empty when nothing is.
  String alarm() {
    Instant now = around.clock().instant();
    boolean late =
        isWitness()
            && covered < lastWorth
            && Duration.between(behindSince, now).compareTo(Uploader.STALE) > 0;
    return alarm.isEmpty() && late
        ? "the witness has not seen what was sent since " + behindSince
        : alarm;
  }

  String shown() {
    return covered < 0 ? "" : "%s up to record %d".formatted(around.config().receipt(), covered);
  }

  /// Takes up what was proven before the start.
  void restore(Identity identity) throws IOException {
    Path file = around.directory().resolve(FILE);
    try {
      JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
      if (json.path("install").asString("").equals(identity.install())
          && json.path("covered").isIntegralNumber()) {
        covered = json.path("covered").asLong(-1);
        root = json.path("root").asString("");
        note = json.path("note").asString("");
      }
    } catch (NoSuchFileException e) {
      LOG.log(Level.DEBUG, "no receipt yet", e);
    } catch (InvalidTextException e) {
      LOG.log(Level.WARNING, "the last receipt is damaged; nothing counts as received", e);
    }
  }

  /// Records were sent before this start, and the witness may have seen more of them since.
  void resume(long acknowledged) {
    if (acknowledged > covered && isWitness()) {
      lastWorth = acknowledged;
      behindSince = around.clock().instant();
      look = Optional.of(soon());
    }
  }

  private boolean isWitness() {
    return around.config().receipt() == UploadConfig.Receipt.WITNESS;
  }

  private Instant soon() {
    return around.clock().instant().plus(jitter(SOON));
  }

  private Duration jitter(Duration most) {
    return Duration.ofMillis(1 + random.nextLong(most.toMillis()));
  }

  /// The receiver took these.
  void taken(Identity identity, List<RawLine> lines) throws IOException {
    if (covered >= lastWorth) {
      behindSince = around.clock().instant();
    }
    for (RawLine line : lines) {
      if (!OWN.contains(line.kind())) {
        lastWorth = line.seq();
        wanted = wanted < 0 ? line.seq() : wanted;
      }
    }
    if (isWitness()) {
      look = Optional.of(soon());
    } else if (around.config().durable()) {
      OptionalLong dead = deadLetters.first();
      RawLine last = lines.getLast();
      if (dead.isEmpty() || last.seq() < dead.getAsLong()) {
        cover(identity, last.seq(), last.hash(), "");
      }
    }
  }

  private void cover(Identity identity, long seq, String hash, String proof) throws IOException {
    covered = seq;
    root = hash;
    note = proof;
    String json =
        Json.write(
            Json.object()
                .put("install", identity.install())
                .put("covered", seq)
                .put("root", hash)
                .put("note", proof));
    PrivateFiles.write(around.directory().resolve(FILE), json.getBytes(StandardCharsets.UTF_8));
  }

  /// Asks the witness when it is time, and journals a receipt when one is due.
  ///
  /// @return when to call again at the latest
  Optional<Instant> look(Identity identity) throws IOException, InterruptedException {
    if (look.isPresent() && !around.clock().instant().isBefore(look.get())) {
      look = Optional.empty();
      ask(identity);
      if (covered < lastWorth) {
        look = Optional.of(around.clock().instant().plus(jitter(around.config().interval())));
      }
    }
    Optional<Instant> due = journal();
    return look.isPresent() && due.isPresent() && due.get().isBefore(look.get())
        ? due
        : look.or(() -> due);
  }

  private void ask(Identity identity) throws IOException, InterruptedException {
    String text;
    Optional<WitnessHead> head;
    Path keyFile = around.config().witness().orElseThrow().key();
    try {
      byte[] pem = Credentials.read("upload.witness-key", keyFile);
      List<Ed25519.Verifier> keys = Ed25519.publicKeys(new String(pem, StandardCharsets.UTF_8));
      text = around.witness().of(identity);
      head = WitnessHead.verified(text, keys);
    } catch (Head.DisagreementException e) {
      alarm = String.valueOf(e.getMessage());
      return;
    } catch (IOException e) {
      LOG.log(Level.INFO, "no receipt from the witness: " + e.getMessage());
      return;
    }
    if (text.length() > MAX_NOTE || head.isEmpty()) {
      alarm = "the witness's note is not signed by the key in " + keyFile;
    } else if (!head.get().origin().equals(identity.origin())) {
      alarm =
          "the witness's note is of '%s', not of '%s'"
              .formatted(head.get().origin(), identity.origin());
    } else {
      compare(identity, head.get());
    }
  }

  private void compare(Identity identity, WitnessHead head) throws IOException {
    long seq = head.size() - 1;
    if (seq < 0) {
      return; // it has seen nothing yet
    }
    if (seq > around.newest().getAsLong()) {
      alarm =
          "fork: the witness has seen record %d, this journal ends with %d: it was rolled back or copied"
              .formatted(seq, around.newest().getAsLong());
      return;
    }
    Optional<String> ours = hash(seq);
    if (ours.isEmpty()) {
      LOG.log(Level.DEBUG, "record " + seq + " is not here any more to be compared");
    } else if (!ours.get().equals(head.root())) {
      alarm =
          "fork: the witness has another record %d than this journal: one of them was changed"
              .formatted(seq);
    } else {
      alarm = "";
      if (seq > covered) {
        cover(identity, seq, head.root(), head.note());
      }
    }
  }

  private Optional<String> hash(long seq) throws IOException {
    for (Stub stub : around.journal().stubs()) {
      if (stub.last() == seq) {
        return Optional.of(stub.lastHash());
      }
    }
    return around.journal().at(seq).map(RawLine::hash);
  }

  private Optional<Instant> journal() throws IOException {
    if (wanted < 0 || covered < wanted) {
      return Optional.empty();
    }
    Instant now = around.clock().instant();
    Instant due = journaledAt.equals(Instant.MIN) ? now : journaledAt.plus(BETWEEN);
    if (now.isBefore(due)) {
      return Optional.of(due);
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("kind", around.config().receipt().toString());
    facts.put("size", Long.toString(covered + 1));
    facts.put("root", Base64.getEncoder().encodeToString(HexFormat.of().parseHex(root)));
    if (!note.isEmpty()) {
      facts.put("note", note);
    }
    around.append(JournalEntry.Kind.RECEIPT, facts, "");
    journaledAt = now;
    wanted = lastWorth > covered ? lastWorth : -1;
    return Optional.empty();
  }
}
