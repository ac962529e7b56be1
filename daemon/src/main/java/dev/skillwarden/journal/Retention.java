package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.format.JournalFormat.Facts;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Deletes whole files of the journal, oldest first and never the newest: those a receipt covers
/// once they are old or space is short, and, when nothing is uploaded, those that are older than
/// the configured time. A stub stays, and the deletion is on record before the file goes.
final class Retention {
  private static final Logger LOG = System.getLogger(Retention.class.getName());
  private static final int SHORT_OF_SPACE_PERCENT = 70;

  private final Path directory;
  private final JournalConfig.Space space;
  private final Usage usage;
  private final Recorder recorder;

  /// Puts a deletion on record and on the disk.
  @FunctionalInterface
  interface Recorder {
    void record(Map<String, String> facts) throws IOException;
  }

  Retention(Path directory, JournalConfig.Space space, Usage usage, Recorder recorder) {
    this.directory = directory;
    this.space = space;
    this.usage = usage;
    this.recorder = recorder;
  }

  /// Deletes what may go now.
  void run(Instant now, Coverage coverage) throws IOException {
    List<Path> files = JournalReader.files(directory);
    Before before = Before.GENESIS;
    for (Path file : files.subList(0, Math.max(0, files.size() - 1))) {
      Optional<String> why = reason(file, now, coverage);
      if (why.isEmpty()) {
        return;
      }
      before = before.equals(Before.GENESIS) ? newestStub() : before;
      before = delete(file, before, why.get());
    }
  }

  private Optional<String> reason(Path file, Instant now, Coverage coverage) throws IOException {
    boolean old = isOld(file, now);
    if (!coverage.isExpected()) {
      return old ? Optional.of("age") : Optional.empty();
    }
    boolean wanted = old || usage.percent() >= SHORT_OF_SPACE_PERCENT;
    return wanted && lastSeq(file) <= coverage.coveredSeq()
        ? Optional.of("receipt")
        : Optional.empty();
  }

  private boolean isOld(Path file, Instant now) {
    if (space.retain().isZero()) {
      return false;
    }
    String day = QueueName.of(file).orElseThrow().day().substring(0, 8);
    LocalDate end = LocalDate.parse(day, DateTimeFormatter.BASIC_ISO_DATE).plusDays(1);
    return end.atStartOfDay(ZoneOffset.UTC).toInstant().plus(space.retain()).isBefore(now);
  }

  private static long lastSeq(Path file) throws IOException {
    long[] last = {-1};
    new QueueFile(file).read(0, line -> last[0] = Math.max(last[0], Recovery.seqOf(line)));
    return last[0];
  }

  /// The stub is there first, the record second, the file goes last: a crash in between leaves a
  /// file with a stub, which is done again.
  private Before delete(Path file, Before before, String why) throws IOException {
    Contents contents = Contents.of(file, before);
    byte[] stub = Json.write(contents.stub(file, before)).getBytes(StandardCharsets.UTF_8);
    PrivateFiles.write(directory.resolve(file.getFileName() + JournalFormat.STUB), stub);
    Map<String, String> facts = contents.segment.facts();
    facts.put(Facts.STUB_HASH, Sha256.of(stub));
    facts.put(Facts.WHY, why);
    recorder.record(facts);
    usage.remove(file);
    Files.delete(file);
    PrivateFiles.forceNames(directory);
    LOG.log(
        Level.INFO,
        "deleted journal file {0} with {1} entries: {2}",
        file.getFileName(),
        contents.segment.count(),
        why);
    return new Before(HexFormat.of().formatHex(contents.segment.lastHash()), contents.checkpoint);
  }

  /// What came before a file.
  ///
  /// @param hash of the last record, hex
  /// @param checkpoint the last note
  private record Before(String hash, String checkpoint) {
    static final Before GENESIS = new Before("0".repeat(2 * JournalFormat.HASH_BYTES), "");
  }

  private Before newestStub() throws IOException {
    List<Path> stubs;
    try (var all = Files.list(directory)) {
      stubs =
          all.filter(file -> file.toString().endsWith(JournalFormat.STUB))
              .filter(file -> !Files.exists(ofStub(file)))
              .sorted((a, b) -> name(a).compareTo(name(b)))
              .toList();
    }
    if (stubs.isEmpty()) {
      return Before.GENESIS;
    }
    Path newest = stubs.getLast();
    try {
      JsonNode stub = Json.parse(newest.toString(), Files.readAllBytes(newest));
      return new Before(stub.path("last_hash").asString(""), stub.path("checkpoint").asString(""));
    } catch (InvalidTextException e) {
      throw new IOException("stub " + newest + " cannot be read; nothing is deleted", e);
    }
  }

  private static Path ofStub(Path stub) {
    String name = String.valueOf(stub.getFileName());
    return stub.resolveSibling(name.substring(0, name.length() - JournalFormat.STUB.length()));
  }

  private static QueueName name(Path stub) {
    return QueueName.of(ofStub(stub)).orElse(new QueueName("", 0));
  }

  /// What a stub keeps of a file.
  private static final class Contents {
    private Segment segment = Segment.EMPTY;
    private String checkpoint;
    private final List<String> keys = new ArrayList<>();

    private Contents(Before before) {
      this.checkpoint = before.checkpoint();
    }

    static Contents of(Path file, Before before) throws IOException {
      Contents contents = new Contents(before);
      String name = String.valueOf(file.getFileName());
      new QueueFile(file).read(0, line -> contents.add(name, line));
      return contents;
    }

    private void add(String file, byte[] line) {
      StoredEntry stored;
      try {
        stored = EntryCodec.decode(file, line);
      } catch (InvalidTextException e) {
        return; // counted and reported by whoever reads the file; it has no hash to go on from
      }
      segment = segment.with(file, stored.seq(), Chain.hashOf(line));
      switch (stored.entry().kind()) {
        case CHECKPOINT -> checkpoint = stored.entry().facts().getOrDefault(Facts.NOTE, "");
        case ENROLL, KEY_ROTATION -> keys.add(new String(line, StandardCharsets.UTF_8));
        default -> {
          // other records are what is deleted
        }
      }
    }

    ObjectNode stub(Path file, Before before) throws IOException {
      ObjectNode stub = Json.object();
      stub.put("file", segment.file());
      stub.put("sha256", Sha256.of(file));
      stub.put("first", segment.from());
      stub.put("last", segment.to());
      stub.put("records", segment.count());
      stub.put("before_hash", before.hash());
      stub.put("last_hash", HexFormat.of().formatHex(segment.lastHash()));
      stub.put("checkpoint", checkpoint);
      ArrayNode lines = stub.putArray("keys");
      keys.forEach(lines::add);
      return stub;
    }
  }
}
